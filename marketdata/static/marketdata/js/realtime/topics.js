// @ts-check
import { Emitter } from './emitter.js';
import { CONFLATING, channelOf } from './protocol.js';

/** @typedef {(message: any) => void} Listener */
/** @typedef {{listeners: Set<Listener>, epoch: string | null, seq: number, last: any}} Topic */

/** Who listens to what, and how far each topic has come. */
export class Topics extends Emitter {
  /** @type {Map<string, Topic>} */
  #topics = new Map();

  /** Topic -> number of listeners. @returns {Record<string, number>} */
  get references() {
    return Object.fromEntries([...this.#topics].map(([name, one]) => [name, one.listeners.size]));
  }

  get names() {
    return [...this.#topics.keys()];
  }

  /**
   * @param {string} name
   * @param {Listener} listener
   * @returns {boolean} whether this topic is new; a later listener gets the last message at once
   */
  add(name, listener) {
    const known = this.#topics.get(name);
    if (known) {
      known.listeners.add(listener);
      if (known.last) listener({ ...known.last, snapshot: true });
      return false;
    }
    this.#topics.set(name, { listeners: new Set([listener]), epoch: null, seq: 0, last: null });
    return true;
  }

  /**
   * @param {string} name
   * @param {Listener} listener
   * @returns {boolean} whether nobody listens any more
   */
  remove(name, listener) {
    const one = this.#topics.get(name);
    one?.listeners.delete(listener);
    return Boolean(one) && one?.listeners.size === 0;
  }

  /**
   * Forgets topics that are still without a listener.
   * @param {string[]} names
   * @returns {string[]} those forgotten
   */
  forget(names) {
    const idle = names.filter((name) => this.#topics.get(name)?.listeners.size === 0);
    for (const name of idle) this.#topics.delete(name);
    return idle;
  }

  /**
   * Where the topics that must not lose anything stand: what a new connection asks to continue from.
   * @param {string[]} [names]
   * @returns {import('./protocol.js').Position}
   */
  position(names = this.names) {
    /** @type {import('./protocol.js').Position} */
    const found = {};
    for (const name of names) {
      const one = this.#topics.get(name);
      if (one?.epoch && !CONFLATING.has(channelOf(name))) found[name] = { epoch: one.epoch, seq: one.seq };
    }
    return found;
  }

  /**
   * Notes where topics were when they were joined: whatever comes later may be missed even if nothing came before.
   * @param {{topic: string, epoch?: string | null, seq?: number}[]} joined
   */
  joined(joined) {
    for (const { topic, epoch, seq } of joined) {
      const one = this.#topics.get(topic);
      if (one && one.epoch === null && epoch) Object.assign(one, { epoch, seq: seq ?? 0 });
    }
  }

  /**
   * Delivers a message once and in order; a hole in a channel that must not lose anything is told as `gap`.
   * @param {any} message
   */
  deliver(message) {
    const name = message.topic;
    const one = this.#topics.get(name);
    if (!one) return;
    if (message.type === 'resumed') return this.#resumed(name, one, message);
    if (typeof message.seq === 'number' && !this.#next(name, one, message)) return;
    one.last = message;
    for (const listener of [...one.listeners]) listener(message);
  }

  /**
   * @param {string} name
   * @param {Topic} one
   * @param {any} message
   */
  #next(name, one, message) {
    const renewed = one.epoch !== null && message.epoch !== one.epoch;
    const from = renewed ? 0 : one.seq;
    if (message.seq < from || (message.seq === from && !message.snapshot)) return false;
    const hole = one.epoch !== null && message.seq > from + 1;
    if (hole && !message.snapshot && !CONFLATING.has(channelOf(name))) {
      // Held back: the answer to the question that follows brings it again, behind what is missing.
      this.emit('gap', { topic: name, from, to: message.seq, lost: false });
      return false;
    }
    Object.assign(one, { epoch: message.epoch ?? one.epoch, seq: message.seq });
    return true;
  }

  /**
   * The server goes on from our position, or says that the hole cannot be filled.
   * @param {string} name
   * @param {Topic} one
   * @param {any} message
   */
  #resumed(name, one, message) {
    if (message.recovered) return;
    this.emit('gap', { topic: name, from: one.seq, to: message.seq, lost: true });
    Object.assign(one, { epoch: message.epoch, seq: message.seq ?? 0 });
  }
}
