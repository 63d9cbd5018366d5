// @ts-check
/**
 * Messages that wait for the connection: a bounded number, each for a bounded time. What is lost is told to `dropped`.
 * @typedef {{text: any, key: string | null, at: number}} Waiting
 */
export class Queue {
  /** @type {Waiting[]} */
  #waiting = [];
  #most;
  #age;
  #dropped;

  /**
   * @param {{most?: number, age?: number, dropped?: (message: any, reason: 'full' | 'old' | 'closed') => void}} [options]
   * `age` in milliseconds
   */
  constructor({ most = 256, age = 60_000, dropped = () => {} } = {}) {
    this.#most = most;
    this.#age = age;
    this.#dropped = dropped;
  }

  get size() {
    return this.#waiting.length;
  }

  /**
   * Keeps a message; one with the same key is replaced, the oldest goes when it is full.
   * @param {any} message
   * @param {number} now
   * @param {string | null} [key]
   */
  put(message, now, key = null) {
    if (key !== null) this.#waiting = this.#waiting.filter((one) => one.key !== key);
    this.#waiting.push({ text: message, key, at: now });
    while (this.#waiting.length > this.#most) this.#drop('full');
  }

  /**
   * All that may still be sent, oldest first; the queue is empty afterwards.
   * @param {number} now
   * @returns {any[]}
   */
  take(now) {
    while (this.#waiting.length && now - this.#waiting[0].at > this.#age) this.#drop('old');
    return this.#waiting.splice(0).map((one) => one.text);
  }

  clear() {
    while (this.#waiting.length) this.#drop('closed');
  }

  /** @param {'full' | 'old' | 'closed'} reason */
  #drop(reason) {
    const one = this.#waiting.shift();
    if (one) this.#dropped(one.text, reason);
  }
}
