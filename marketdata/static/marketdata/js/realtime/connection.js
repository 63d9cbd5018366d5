// @ts-check
/** @import {Timing} from './timing.js' */
/** @import {Backoff} from './backoff.js' */
import { BACKOFF, delay } from './backoff.js';
import { MUTE, verdict } from './closing.js';
import { Emitter } from './emitter.js';
import { Heartbeat } from './heartbeat.js';
import { TIMING } from './timing.js';

/**
 * @typedef {'idle' | 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'closed'} Status
 * @typedef {Readonly<{status: Status, stale: boolean, attempt: number, attempts: number, retryAt: number | null,
 *   latency: number | null, closed: {code: number, reason: string} | null}>} State
 */
const IDLE = { status: /** @type {Status} */ ('idle'), stale: false, attempt: 0, retryAt: null, latency: null, closed: null };

/** One socket that comes back (`hello` makes its first words, such as a token): attempts, heartbeat, close codes. Emits `state`, `open`, `frame`, `lost`. */
export class Connection extends Emitter {
  /** @type {State} */
  #state;
  /** @type {WebSocket | null} */
  #socket = null;
  #options;
  #timing;
  #beat;
  #asked = 0;
  /** @type {any} */ #retry = null;
  /** @type {any} */ #limit = null;
  /** @type {any} */ #settling = null;

  /**
   * @param {{url: string, protocols?: string[], ping: () => void, hello?: () => Promise<any>, backoff?: Partial<Backoff>,
   *   heartbeat?: {interval?: number, timeout?: number}, connectTimeout?: number, settle?: number,
   *   WebSocket?: any, random?: () => number, timing?: Timing}} options milliseconds
   */
  constructor(options) {
    super();
    this.#options = { connectTimeout: 10_000, settle: 5_000, random: Math.random, ...options };
    this.#options.backoff = { ...BACKOFF, ...options.backoff };
    this.#timing = options.timing ?? TIMING;
    this.#state = Object.freeze({ ...IDLE, attempts: this.backoff.attempts });
    this.#beat = new Heartbeat({
      ...options.heartbeat,
      ask: () => this.#ping(),
      doubt: (stale) => this.#set({ stale }),
      end: () => this.#drop(MUTE, 'The server stopped answering.'),
    }, this.#timing);
  }

  /** @returns {Backoff} */
  get backoff() {
    return /** @type {Backoff} */ (this.#options.backoff);
  }

  get state() {
    return this.#state;
  }

  get open() {
    return this.#state.status === 'connected';
  }

  connect() {
    if (['idle', 'failed', 'closed'].includes(this.#state.status)) this.#start();
  }

  /** Now, with all attempts ahead. */
  reconnect() {
    if (this.#socket) this.#detach(1000, 'reconnect');
    this.#set({ attempt: 0 });
    this.#start();
  }

  /** @param {string} [reason] */
  close(reason = '') {
    this.#detach(1000, reason);
    this.#end('closed', { code: 1000, reason });
  }

  probe() {
    if (this.open) this.#beat.probe();
  }

  /** An answer to a ping came: how long it took. */
  pong() {
    this.#set({ latency: Math.max(0, this.#timing.now() - this.#asked) });
  }

  /** @param {any} message */
  write(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  #start() {
    this.#timing.stop(this.#retry);
    const again = this.#state.attempt > 0 || this.#state.closed !== null;
    this.#set({ status: again ? 'reconnecting' : 'connecting', retryAt: null, stale: false });
    const Socket = this.#options.WebSocket ?? WebSocket;
    const socket = (this.#socket = new Socket(this.#options.url, this.#options.protocols ?? []));
    socket.onopen = () => socket === this.#socket && void this.#opened(socket);
    socket.onmessage = (/** @type {any} */ event) => socket === this.#socket && this.#frame(event.data);
    socket.onclose = (/** @type {any} */ event) => socket === this.#socket && this.#lost(event.code, event.reason);
    socket.onerror = () => {};
    this.#limit = this.#timing.start(() => this.#drop(MUTE, 'No answer in time.'), this.#options.connectTimeout ?? 0);
  }

  /** @param {any} socket */
  async #opened(socket) {
    this.#timing.stop(this.#limit);
    if (this.#options.hello) {
      const words = await this.#options.hello();
      if (socket !== this.#socket) return;
      this.write(words);
    }
    this.#set({ status: 'connected', retryAt: null, stale: false });
    this.#settling = this.#timing.start(() => this.#set({ attempt: 0, closed: null }), this.#options.settle ?? 0);
    this.emit('open');
    this.#beat.start();
  }

  #ping() {
    this.#asked = this.#timing.now();
    this.#options.ping();
  }

  /** @param {string} text */
  #frame(text) {
    this.#beat.heard();
    let value;
    try {
      value = JSON.parse(text);
    } catch {
      return this.emit('error', new Error('The server sent a frame that is not JSON.'));
    }
    for (const message of Array.isArray(value) ? value : [value]) this.emit('frame', message);
  }

  /**
   * Lets go at once: a mute server does not answer a close either.
   * @param {number} code
   * @param {string} reason
   */
  #drop(code, reason) {
    this.#detach(code, reason);
    this.#lost(code, reason);
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #detach(code, reason) {
    const socket = this.#socket;
    this.#socket = null;
    this.#quiet();
    if (socket) Object.assign(socket, { onopen: null, onmessage: null, onclose: null });
    socket?.close(code, reason);
  }

  #quiet() {
    this.#beat.stop();
    for (const timer of [this.#retry, this.#limit, this.#settling]) this.#timing.stop(timer);
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #lost(code, reason) {
    this.#socket = null;
    this.#quiet();
    this.emit('lost');
    const closed = { code, reason };
    const what = verdict(code);
    if (what === 'retry') return this.#again(closed);
    if (what === 'token' && this.#options.hello && this.#state.closed?.code !== 4401) {
      this.#set({ status: 'reconnecting', closed });
      return this.#start();
    }
    return this.#end('failed', closed);
  }

  /** @param {{code: number, reason: string}} closed */
  #again(closed) {
    const attempt = this.#state.attempt + 1;
    if (attempt > this.backoff.attempts) return this.#end('failed', closed);
    const wait = delay(attempt, this.backoff, this.#options.random);
    this.#set({ status: 'reconnecting', attempt, closed, stale: false, latency: null, retryAt: this.#timing.now() + wait });
    this.#retry = this.#timing.start(() => this.#start(), wait);
  }

  /**
   * @param {'failed' | 'closed'} status
   * @param {{code: number, reason: string}} closed
   */
  #end(status, closed) {
    this.#set({ status, closed, retryAt: null, stale: false, latency: null });
  }

  /** @param {Partial<State>} change */
  #set(change) {
    const keys = /** @type {(keyof State)[]} */ (Object.keys(change));
    if (keys.every((key) => this.#state[key] === change[key])) return;
    this.#state = Object.freeze({ ...this.#state, ...change });
    this.emit('state', this.#state);
  }
}
