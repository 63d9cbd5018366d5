// @ts-check
/** From values to places on a drawing. */

const DAYS = [7, 30, 90, 180, 365, 730];

/**
 * From values to pixels.
 * @param {number[]} values
 * @param {number} from pixel of the least
 * @param {number} to pixel of the largest
 */
export function scale(values, from, to) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || 1;
  return Object.assign((/** @type {number} */ value) => from + ((value - low) / span) * (to - from), { low, high });
}

/**
 * Round steps between two numbers.
 * @param {number} low
 * @param {number} high
 * @param {number} [count]
 */
export function steps(low, high, count = 4) {
  const raw = (high - low || Math.abs(high) || 1) / count;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * ([1, 2, 2.5, 5, 10].find((one) => one * unit >= raw) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => (first + i) * step);
}

/**
 * The days to write below a term structure: the usual ones that lie in it, or its ends where that is not two of them.
 * @param {number[]} listed rising
 */
export function days(listed) {
  const [low, high] = [listed[0], listed[listed.length - 1]];
  const usual = DAYS.filter((one) => one >= low && one <= high);
  return usual.length > 1 ? usual : [low, high];
}
