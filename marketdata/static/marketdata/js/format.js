// @ts-check
/** Numbers as people read them. `marketdata/page.py` says the same words before any script ran. */

export const NONE = '–';
const MINUS = '−';

/**
 * Decimals that a price of this size needs.
 * @param {number} value
 */
export const decimals = (value) => (Math.abs(value) >= 1 || value === 0 ? 2 : 4);

/**
 * @param {number | null | undefined} value
 * @param {number} [places]
 */
export function price(value, places) {
  if (value == null) return NONE;
  return value.toFixed(places ?? decimals(value)).replace('-', MINUS);
}

/**
 * With a real sign: +0.62, −0.01; zero has none.
 * @param {number | null | undefined} value
 * @param {number} [places]
 */
export function signed(value, places = 2) {
  if (value == null) return NONE;
  const text = Math.abs(value).toFixed(places);
  if (Number(text) === 0) return text;
  return (value < 0 ? MINUS : '+') + text;
}

/** @param {number | null | undefined} value */
export const percent = (value) => (value == null ? NONE : `${signed(value)}%`);

/**
 * up, down or flat, as it is shown: −0.001 % is flat.
 * @param {number | null | undefined} value
 */
export function direction(value) {
  if (value == null || Number(value.toFixed(2)) === 0) return 'flat';
  return value > 0 ? 'up' : 'down';
}

/**
 * 950, 44.6K, 13.2M, 1.0B
 * @param {number | null | undefined} value
 */
export function compact(value) {
  if (value == null) return NONE;
  if (Math.abs(value) < 1000) return String(Math.round(value));
  const step = Math.abs(value) < 999_500 ? 1 : Math.abs(value) < 999_500_000 ? 2 : 3;
  const scaled = value / 1000 ** step;
  return scaled.toFixed(Math.abs(scaled) < 99.95 ? 1 : 0) + ' KMB'[step];
}

/**
 * A span of time in one unit: 4 s, 12 min, 3 h, 2 d
 * @param {number} ms
 */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/**
 * The same for a narrow column: 4s, 12m, 3h, 2d
 * @param {number} ms
 */
export const shortSpan = (ms) => span(ms).replace(' min', 'm').replace(' ', '');

/** What a feed says of its delay: 15 min delayed; nothing of one that is live. @param {number | null} seconds null: it says nothing */
export const late = (seconds) => (seconds === null ? 'delay not stated' : seconds ? `${span(1000 * seconds)} delayed` : '');

/** @param {number | null | undefined} ms */
export function milliseconds(ms) {
  if (ms == null) return NONE;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
