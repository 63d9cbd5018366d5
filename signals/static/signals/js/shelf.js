// @ts-check
/** The signals that the page knows: those of a horizon, newest first; the oldest make room. */
/** @import {Outcome, Signal} from './types.js' */

const MOST = 500;

/** Calls before leans, strong leans before weak ones. @param {Signal} one */
const rank = (one) => (one.signal_type === 'HOLD' ? Math.abs(one.score ?? 0) : 2);

/** @param {Signal} a @param {Signal} b */
const newer = (a, b) => b.at.localeCompare(a.at) || rank(b) - rank(a) || a.symbol.localeCompare(b.symbol);

export class Shelf {
  /** @type {Map<string, Signal>} */ #signals = new Map();

  /** What became of a known one stays known: it is announced without. @param {Signal[]} signals @returns {Signal[]} those that were not known */
  put(signals) {
    const fresh = signals.filter((one) => !this.#signals.has(one.signal_id));
    for (const one of signals) this.#signals.set(one.signal_id, { ...one, outcome: one.outcome ?? this.#signals.get(one.signal_id)?.outcome ?? null });
    if (this.#signals.size > MOST) for (const one of [...this.#signals.values()].sort(newer).slice(MOST / 2)) this.#signals.delete(one.signal_id);
    return fresh;
  }

  /** @param {string} id @param {Outcome} outcome @returns {boolean} whether it is here */
  grade(id, outcome) {
    const known = this.#signals.get(id);
    if (known) this.#signals.set(id, { ...known, outcome });
    return Boolean(known);
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
