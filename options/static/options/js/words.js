// @ts-check
/** Option numbers as people read them. Absent is a dash, never a zero. */
import { compact, NONE, price, signed } from '../../marketdata/js/format.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Jul 31; with another year than `today`'s: Jan 15 ’27
 * @param {string} date YYYY-MM-DD
 * @param {string} [today] YYYY-MM-DD
 */
export function day(date, today = '') {
  const [year, month, number] = date.split('-');
  const text = `${MONTHS[Number(month) - 1]} ${Number(number)}`;
  return today && !today.startsWith(year) ? `${text} ’${year.slice(2)}` : text;
}

/** 0.321 -> 32.1 @param {number | null | undefined} iv a fraction */
export const points = (iv) => (iv == null ? NONE : (100 * iv).toFixed(1));

/** 0.321 -> 32.1 % @param {number | null | undefined} iv */
export const percent = (iv) => (iv == null ? NONE : `${points(iv)} %`);

/** 0.354 -> +35 % @param {number | null | undefined} part of what it was */
export const move = (part) => (part == null ? NONE : `${signed(100 * part, 0)} %`);

/** −0.12 -> −.12, as ladders write it @param {number | null | undefined} value @param {number} [places] */
export function greek(value, places = 2) {
  if (value == null) return NONE;
  const text = Math.abs(value) < 1 ? Math.abs(value).toFixed(places).replace(/^0/, '') : Math.abs(value).toFixed(places);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** $2.3M, −$41B @param {number | null | undefined} value dollars */
export function dollars(value) {
  if (value == null) return NONE;
  return `${value < 0 ? '−' : ''}$${compact(Math.abs(value))}`;
}

/** 144, 142.5 @param {number} strike */
export const strike = (strike) => String(Number(strike.toFixed(3)));

/** An axis: 24, 22.5 @param {number} value */
export const short = (value) => String(Number(value.toFixed(1)));

/** 12:42, New York @param {string} instant ISO 8601 */
export const clock = (instant) => new Date(instant).toLocaleTimeString('en-US', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** A figure of an alert with its unit: 4.2K contracts, $448K, 0.31 @param {number | null} value @param {string} [unit] */
export function figure(value, unit = '') {
  if (value == null) return NONE;
  const text = Math.abs(value) >= 1000 ? compact(value) : String(Number(value.toFixed(2)));
  return unit === '$' ? `$${text}` : `${text} ${unit}`.trim();
}

const SIGNS = /** @type {Record<string, string>} */ ({ '>=': '≥', '<=': '≤' });

/** ≥ 100 @param {{comparison: string, threshold: number | null}} condition */
export const demand = ({ comparison, threshold }) => `${SIGNS[comparison] ?? comparison} ${figure(threshold)}`;

/** 0.05 / 0.10; as many places as fit a ladder: 123.5 / 124.1, 1235 / 1240 @param {{bid: number | null, ask: number | null}} one */
export function book({ bid, ask }) {
  const most = Math.max(bid ?? 0, ask ?? 0);
  const places = most < 100 ? 2 : most < 1000 ? 1 : 0;
  return bid == null && ask == null ? NONE : `${price(bid, places)} / ${price(ask, places)}`;
}

/**
 * The strip above the ladder: term, value and, for what is absent, why.
 * @param {Partial<import('./types.js').Summary>} summary
 * @returns {{name: string, value: string, why: string}[]}
 */
export function summary(summary) {
  const why = (/** @type {string} */ field) => summary.reasons?.[field] ?? '';
  const on = (/** @type {string | null} */ date) => (date ? ` by ${day(date)}` : '');
  const entry = (/** @type {string} */ name, /** @type {string} */ field, /** @type {string} */ text, note = '') =>
    ({ name, value: summary[field] == null ? NONE : text, why: summary[field] == null ? why(field) : note });
  return [
    entry('Exp. move', 'expected_move', `±${price(summary.expected_move)}${on(summary.expected_move_expiry)}`, 'One standard deviation, from the smile at the forward'),
    entry('IV30', 'iv30', percent(summary.iv30), 'At the money, 30 days, by total variance'),
    entry('IV rank', 'iv_rank', `${Math.round(summary.iv_rank)}`, `Of ${summary.iv_sessions} own sessions`),
    entry('P/C volume', 'put_call_volume', price(summary.put_call_volume, 2)),
    entry('P/C OI', 'put_call_oi', price(summary.put_call_oi, 2)),
    entry('Max pain', 'max_pain', `${strike(summary.max_pain ?? 0)}${on(summary.max_pain_expiry)}`),
    entry('GEX', 'gex', `${dollars(summary.gex)} / 1 %`, summary.assumptions?.gex ?? ''),
    entry('Zero gamma', 'zero_gamma', price(summary.zero_gamma), 'Where the sum of dealer gamma changes its sign'),
    entry('25Δ skew', 'skew_25d', `${signed(100 * (summary.skew_25d ?? 0), 1)} pt`, 'IV of the 25-delta put less that of the call'),
    entry('Term', 'term_slope', `${signed(100 * (summary.term_slope ?? 0), 1)} pt`, 'IV at 90 days less IV at 30'),
  ];
}
