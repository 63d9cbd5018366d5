// @ts-check
/** @import {Timing} from './timing.js' */
import { TIMING } from './timing.js';

/**
 * Asks the server now and then, and judges its silence: half the timeout is doubtful, all of it is the end.
 * Any frame counts as life. A machine that slept asks again before it judges.
 */
export class Heartbeat {
  #options;
  #timing;
  /** @type {any} */
  #timer = null;
  #due = 0;
  #waiting = false;

  /**
   * @param {{interval?: number, timeout?: number, ask: () => void, doubt: (stale: boolean) => void, end: () => void}} options
   * milliseconds
   * @param {Timing} [timing]
   */
  constructor(options, timing = TIMING) {
    this.#options = { interval: 30_000, timeout: 10_000, ...options };
    this.#timing = timing;
  }

  /** Asks at once (which gives a latency at once), then every `interval`. */
  start() {
    this.#ask();
  }

  /** Asks now unless an answer is already awaited. */
  probe() {
    if (!this.#waiting) this.#ask();
  }

  /** A frame came in. */
  heard() {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#options.doubt(false);
    this.#after(this.#options.interval, () => this.#ask());
  }

  stop() {
    this.#timing.stop(this.#timer);
    this.#waiting = false;
  }

  #ask() {
    this.#waiting = true;
    this.#options.ask();
    if (this.#waiting) this.#after(this.#options.timeout / 2, () => this.#doubtful());
  }

  #doubtful() {
    if (this.#slept()) return this.#ask();
    this.#options.doubt(true);
    this.#after(this.#options.timeout / 2, () => (this.#slept() ? this.#ask() : this.#options.end()));
  }

  /** Whether the timer rang much later than it was set for. */
  #slept() {
    return this.#timing.now() - this.#due > this.#options.timeout / 2;
  }

  /**
   * @param {number} ms
   * @param {() => void} run
   */
  #after(ms, run) {
    this.#timing.stop(this.#timer);
    this.#due = this.#timing.now() + ms;
    this.#timer = this.#timing.start(run, ms);
  }
}
