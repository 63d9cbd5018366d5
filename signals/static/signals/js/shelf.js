// @ts-check
/** The signals that the page knows: those of a horizon, newest first; the oldest make room. */
/** @import {Signal} from './types.js' */

const MOST = 500;

/** Calls before leans, strong leans before weak ones. @param {Signal} one */
const rank = (one) => (one.signal_type === 'HOLD' ? Math.abs(one.score ?? 0) : 2);

/** @param {Signal} a @param {Signal} b */
const newer = (a, b) => b.at.localeCompare(a.at) || rank(b) - rank(a) || a.symbol.localeCompare(b.symbol);

export class Shelf {
  /** @type {Map<string, Signal>} */ #signals = new Map();

  /** @param {Signal[]} signals @returns {Signal[]} those that were not known */
  put(signals) {
    const fresh = signals.filter((one) => !this.#signals.has(one.signal_id));
    for (const one of signals) this.#signals.set(one.signal_id, one);
    if (this.#signals.size > MOST) for (const one of [...this.#signals.values()].sort(newer).slice(MOST / 2)) this.#signals.delete(one.signal_id);
    return fresh;
  }

  /** @param {string} horizon '' for any @param {number} most */
  newest(horizon, most) {
    return [...this.#signals.values()].filter((one) => !horizon || one.horizon === horizon).sort(newer).slice(0, most);
  }

  /** @param {string} symbol */
  of(symbol) {
    return [...this.#signals.values()].filter((one) => one.symbol === symbol);
  }
}
