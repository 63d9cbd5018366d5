// @ts-check
/** @import {Timing} from './timing.js' */
import { TIMING } from './timing.js';

/** What the server answered to a request, or that it did not. */
export class RequestFailed extends Error {
  /**
   * @param {string} code
   * @param {string} title
   * @param {boolean} retryable
   * @param {string | null} [symbol] the one of the message that it concerns
   */
  constructor(code, title, retryable, symbol = null) {
    super(title);
    this.name = 'RequestFailed';
    this.code = code;
    this.retryable = retryable;
    this.symbol = symbol;
  }
}

/** Questions that wait for the answer with their id. */
export class Requests {
  /** @type {Map<string, {resolve: (message: any) => void, reject: (error: Error) => void, timer: any}>} */
  #open = new Map();
  #timing;
  #last = 0;

  /** @param {Timing} [timing] */
  constructor(timing = TIMING) {
    this.#timing = timing;
  }

  /** A new id, unique on this page. */
  next() {
    return `c${++this.#last}`;
  }

  /**
   * @param {string} id
   * @param {number} timeout milliseconds
   * @returns {Promise<any>} the answer; rejects with RequestFailed
   */
  wait(id, timeout) {
    return new Promise((resolve, reject) => {
      const late = () => this.#end(id)?.reject(new RequestFailed('timeout', 'The server did not answer in time.', true));
      this.#open.set(id, { resolve, reject, timer: this.#timing.start(late, timeout) });
    });
  }

  /**
   * Gives an answer to whom it belongs.
   * @param {any} message
   * @returns {boolean} whether someone waited for it
   */
  answer(message) {
    const one = typeof message.id === 'string' ? this.#end(message.id) : undefined;
    if (!one) return false;
    if (message.type !== 'error') one.resolve(message);
    else one.reject(new RequestFailed(message.code, message.title, Boolean(message.retryable), message.symbol));
    return true;
  }

  /** The connection is gone, and with it every answer. */
  abandon() {
    for (const id of [...this.#open.keys()]) {
      this.#end(id)?.reject(new RequestFailed('disconnected', 'The connection was lost before the answer.', true));
    }
  }

  /** @param {string} id */
  #end(id) {
    const one = this.#open.get(id);
    if (!one) return undefined;
    this.#timing.stop(one.timer);
    this.#open.delete(id);
    return one;
  }
}
