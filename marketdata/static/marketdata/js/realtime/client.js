// @ts-check
/** @import {State} from './connection.js' */
import { Connection } from './connection.js';
import { Emitter } from './emitter.js';
import { watchPage } from './page.js';
import * as protocol from './protocol.js';
import { Queue } from './queue.js';
import { Requests } from './requests.js';
import { TIMING } from './timing.js';
import { Topics } from './topics.js';

/**
 * The socket client: reconnects, resubscribes, queues while away, matches answers to requests.
 * Emits `state`, `message`, `gap`, `drop`, `error`.
 */
export class RealtimeClient {
  #events = new Emitter();
  #topics = new Topics();
  #requests;
  #queue;
  #connection;
  #timing;
  #options;
  /** @type {Set<string>} */ #wanted = new Set();
  /** @type {Set<string>} */ #unwanted = new Set();
  /** Topics whose hole is being filled. @type {Set<string>} */ #asking = new Set();
  #flushing = false;
  #leave;

  /**
   * @param {{url: string, token?: (() => Promise<string>) | null, queue?: {most?: number, age?: number},
   *   linger?: number, page?: any} & Omit<ConstructorParameters<typeof Connection>[0], 'ping' | 'hello'>} options
   * milliseconds; `token` is asked before each connection, never put in the URL
   */
  constructor(options) {
    this.#options = { linger: 300, ...options };
    this.#timing = options.timing ?? TIMING;
    this.#requests = new Requests(this.#timing);
    const dropped = (/** @type {any} */ message, /** @type {string} */ reason) => this.#events.emit('drop', { message, reason });
    this.#queue = new Queue({ ...options.queue, dropped });
    const { token } = options;
    const hello = token ? async () => protocol.authenticate(await token()) : undefined;
    this.#connection = new Connection({ ...options, hello, ping: () => this.#ping() });
    this.#connection.on('state', (state) => this.#events.emit('state', state));
    this.#connection.on('open', () => this.#opened());
    this.#connection.on('frame', (message) => this.#received(message));
    this.#connection.on('lost', () => this.#requests.abandon());
    this.#connection.on('error', (error) => this.#events.emit('error', error));
    this.#topics.on('gap', (gap) => this.#gap(gap));
    const page = options.page === undefined ? (typeof document === 'undefined' ? null : globalThis) : options.page;
    const watched = {
      reconnect: () => this.reconnect(), probe: () => this.#connection.probe(), status: () => this.getState().status,
    };
    this.#leave = page ? watchPage(watched, page) : () => {};
  }

  connect() {
    this.#connection.connect();
  }

  reconnect() {
    this.#connection.reconnect();
  }

  /** @param {string} [reason] */
  close(reason) {
    this.#leave();
    this.#queue.clear();
    this.#requests.abandon();
    this.#connection.close(reason);
  }

  /** @returns {State} the same object until something changes */
  getState = () => this.#connection.state;

  /** @param {(state: State) => void} listener */
  onStateChange = (listener) => this.on('state', listener);

  /**
   * @param {'state' | 'message' | 'gap' | 'drop' | 'error'} name
   * @param {(value: any) => void} listener
   * @returns {() => void}
   */
  on(name, listener) {
    return this.#events.on(name, listener);
  }

  get references() {
    return this.#topics.references;
  }

  get queued() {
    return this.#queue.size;
  }

  /**
   * @param {string} channel
   * @param {string[]} symbols empty: the whole channel
   * @param {(message: any) => void} listener
   * @returns {() => void} unsubscribes
   */
  subscribe(channel, symbols, listener) {
    const names = symbols.length ? symbols.map((symbol) => protocol.topic(channel, symbol)) : [channel];
    // One function may listen twice; each of its subscriptions ends by itself.
    const own = (/** @type {any} */ message) => listener(message);
    for (const name of names) if (this.#topics.add(name, own)) this.#want(name);
    return () => this.#unsubscribe(names, own);
  }

  /**
   * @param {any} message
   * @param {{queue?: boolean, key?: string | null}} [options] `queue: false` for what must never go late
   * @returns {'sent' | 'queued' | 'dropped'}
   */
  send(message, { queue = true, key = null } = {}) {
    if (this.#connection.open) {
      this.#connection.write(message);
      return 'sent';
    }
    if (queue) this.#queue.put(message, this.#timing.now(), key);
    else this.#events.emit('drop', { message, reason: 'offline' });
    return queue ? 'queued' : 'dropped';
  }

  /**
   * Asks and waits for the answer with the same id; never queued.
   * @param {any} message
   * @param {{timeout?: number}} [options] milliseconds
   * @returns {Promise<any>} rejects with RequestFailed
   */
  request(message, { timeout = 10_000 } = {}) {
    const id = this.#requests.next();
    const answer = this.#requests.wait(id, timeout);
    if (this.send({ ...message, id }, { queue: false }) === 'dropped') this.#requests.abandon();
    return answer;
  }

  /** @param {string} name */
  #want(name) {
    this.#unwanted.delete(name);
    this.#wanted.add(name);
    this.#flushSoon();
  }

  /**
   * @param {string[]} names
   * @param {(message: any) => void} listener
   */
  #unsubscribe(names, listener) {
    const idle = names.filter((name) => this.#topics.remove(name, listener));
    if (idle.length) this.#timing.start(() => this.#release(idle), this.#options.linger ?? 0);
  }

  /** @param {string[]} names */
  #release(names) {
    for (const name of this.#topics.forget(names)) {
      if (!this.#wanted.delete(name)) this.#unwanted.add(name);
    }
    this.#flushSoon();
  }

  /** Subscriptions of one turn go as one message. */
  #flushSoon() {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      if (this.#connection.open) this.#flush();
    });
  }

  #flush() {
    const leaving = protocol.subscriptions('unsubscribe', [...this.#unwanted]);
    const coming = protocol.subscriptions('subscribe', [...this.#wanted], this.#topics.position());
    this.#unwanted.clear();
    this.#wanted.clear();
    for (const message of [...leaving, ...coming]) void this.#ask(message);
  }

  /**
   * @param {any} message
   * @returns {Promise<void>}
   */
  async #ask(message) {
    try {
      this.#topics.joined((await this.request(message)).data?.topics ?? []);
    } catch (error) {
      this.#events.emit('error', error);
    }
  }

  #opened() {
    this.#wanted = new Set(this.#topics.names);
    this.#unwanted.clear();
    this.#flush();
    for (const message of this.#queue.take(this.#timing.now())) this.#connection.write(message);
  }

  #ping() {
    const id = this.#requests.next();
    this.#requests.wait(id, 60_000).then(() => this.#connection.pong(), () => {});
    this.#connection.write(protocol.ping(id));
  }

  /** @param {any} message */
  #received(message) {
    if (this.#requests.answer(message)) return;
    if (message.type === 'error') this.#events.emit('error', message);
    this.#events.emit('message', message);
    this.#topics.deliver(message);
  }

  /** @param {{topic: string, lost: boolean}} gap a lost one cannot be filled from here: REST has the history */
  #gap(gap) {
    this.#events.emit('gap', gap);
    if (gap.lost || this.#asking.has(gap.topic)) return;
    this.#asking.add(gap.topic);
    const [message] = protocol.subscriptions('subscribe', [gap.topic], this.#topics.position([gap.topic]));
    this.#ask(message).finally(() => this.#asking.delete(gap.topic));
  }
}
