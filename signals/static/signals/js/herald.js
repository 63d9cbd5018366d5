// @ts-check
/** Says new signals aloud, politely: what comes within ten seconds is said together. */
/** @import {Signal} from './types.js' */

export const EVERY = 10_000;

/** Calls by name, leans by number. @param {Pick<Signal, 'signal_type' | 'symbol' | 'horizon'>[]} signals */
export function sentence(signals) {
  const calls = signals.filter((one) => one.signal_type !== 'HOLD').map((one) => `${one.signal_type} ${one.symbol}, ${one.horizon}`);
  const holds = signals.length - calls.length;
  return [...calls, ...(holds ? [`${holds} new hold${holds > 1 ? 's' : ''}`] : [])].join('; ');
}

export class Herald {
  /** @type {(text: string) => void} */ #say;
  /** @type {(then: () => void, milliseconds: number) => unknown} */ #wait;
  /** @type {Pick<Signal, 'signal_type' | 'symbol' | 'horizon'>[]} */ #heard = [];
  #resting = false;

  /**
   * @param {(text: string) => void} say
   * @param {(then: () => void, milliseconds: number) => unknown} [wait]
   */
  constructor(say, wait = setTimeout.bind(globalThis)) {
    this.#say = say;
    this.#wait = wait;
  }

  /** @param {Pick<Signal, 'signal_type' | 'symbol' | 'horizon'>} signal */
  tell(signal) {
    this.#heard.push(signal);
    if (!this.#resting) this.#speak();
  }

  #speak() {
    this.#resting = this.#heard.length > 0;
    if (!this.#resting) return;
    this.#say(sentence(this.#heard.splice(0)));
    this.#wait(() => this.#speak(), EVERY);
  }
}
