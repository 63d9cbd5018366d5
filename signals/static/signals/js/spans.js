// @ts-check
/** What a diagram spans, and its round steps. */
/** @import {Bin} from './types.js' */

const STEP = 0.05;

/** What is to be seen: the bins with any outcome, and the span of both axes. @param {Bin[]} all */
export function spanned(all) {
  const bins = all.filter((one) => one.n && one.hit_rate != null && one.mean_confidence != null);
  const shown = bins.flatMap((one) => [one.mean_confidence, one.wilson_low ?? one.hit_rate, one.wilson_high ?? one.hit_rate].map(Number));
  return { bins, low: Math.max(0, Math.min(0.4, ...shown) - 0.02), high: Math.min(1, Math.max(0.6, ...shown) + 0.02) };
}

/** @param {number} low @param {number} high @returns {number[]} */
export function ticks(low, high) {
  const step = high - low > 0.5 ? 4 * STEP : STEP;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}
