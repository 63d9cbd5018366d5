// @ts-check
/** Signals in words and numbers. A probability is a per cent; what is not calibrated is a dash. */
import { NONE, signed } from '../../marketdata/js/format.js';

/** 0.547 -> 55% @param {number | null | undefined} share */
export const percent = (share) => (share == null ? NONE : `${Math.round(100 * share)}%`);

/** 0.547 -> 54.7 % @param {number | null | undefined} share */
export const exact = (share) => (share == null ? NONE : `${(100 * share).toFixed(1)} %`);

/** @param {number | null | undefined} bp */
export const points = (bp) => (bp == null ? NONE : `${signed(bp, 1)} bp`);

export const ARROW = /** @type {Record<string, string>} */ ({ up: '▲', down: '▼', flat: '■' });

/** rsi_reversal -> Rsi reversal @param {string} name */
export function title(name) {
  const text = name.replaceAll('_', ' ');
  return (text[0] ?? '').toUpperCase() + text.slice(1);
}

/** Which way a score points, as the orchestrator reads it. @param {number | null} score */
export const way = (score) => (score == null || Math.abs(score) < 0.05 ? 'flat' : score > 0 ? 'up' : 'down');

/**
 * What the record says, in one line.
 * @param {any} record
 */
export function record(record) {
  if (!record || !record.n || record.hit_rate == null) return 'No resolved case like this one yet.';
  const interval = record.low == null ? '' : `, 95 % interval ${percent(record.low)}–${percent(record.high)}`;
  return `Right ${record.wins} of ${record.n} times (${exact(record.hit_rate)}${interval}), worth ${Math.round(record.n_eff)} independent cases; base rate ${exact(record.base_rate)}; mean ${points(record.net_bp)} after costs, always long ${points(record.always_long_bp)}.`;
}
