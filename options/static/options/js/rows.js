// @ts-check
/** A chain as rows of a ladder. */
/** @import {Contract, Expiry} from './types.js' */

/** The score from which the rule "score" may raise an alert, and a contract gets its mark. */
export const UNUSUAL = 50;

/** Names one ladder: on some days contracts of several roots expire (SPX in the morning, SPXW in the evening). @param {Expiry} one */
export const key = (one) => `${one.date} ${one.root}`;

/** Whether a date alone does not name one ladder. @param {Expiry} one @param {Expiry[]} all */
export const ambiguous = (one, all) => all.some((other) => other.date === one.date && other.root !== one.root);

/**
 * Which of the four shades a number gets among its peers; none below an eighth of the largest.
 * @param {number | null | undefined} value
 * @param {number} most
 */
export function shade(value, most) {
  if (!value || most <= 0) return '';
  const share = value / most;
  return share >= 0.75 ? 'h4' : share >= 0.45 ? 'h3' : share >= 0.25 ? 'h2' : share >= 0.125 ? 'h1' : '';
}

/**
 * Strikes, rising, with the call and the put of each.
 * @param {Contract[]} results contracts of one expiry and root
 */
export function pairs(results) {
  /** @type {Map<number, {strike: number, call: Contract | null, put: Contract | null}>} */
  const rows = new Map();
  for (const one of results) {
    const row = rows.get(one.strike) ?? { strike: one.strike, call: null, put: null };
    row[one.type] = one;
    rows.set(one.strike, row);
  }
  return [...rows.values()].sort((a, b) => a.strike - b.strike);
}

/** The largest volume and open interest of an expiry. @param {Contract[]} results */
export const largest = (results) => ({
  volume: Math.max(0, ...results.map((one) => one.volume ?? 0)),
  open_interest: Math.max(0, ...results.map((one) => one.open_interest ?? 0)),
});
