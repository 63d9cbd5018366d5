// @ts-check
/** @import {Bar} from '../bars.js' */

/**
 * A call to be drawn on a bar, seconds.
 * @typedef {{time: number, buy: boolean, text: string}} Mark
 */

/**
 * Each BUY and SELL on the bar whose end it judged; what the bars do not reach is left out, and one bar has one mark.
 * @param {{at: number, type: string, confidence: number | null}[]} calls `at`: the end of the judged bar, seconds
 * @param {Bar[]} bars rising
 * @returns {Mark[]}
 */
export function marks(calls, bars) {
  /** @type {Map<number, Mark>} */
  const found = new Map();
  for (const { at, type, confidence } of calls) {
    const bar = bars.findLast((one) => one.time < at);
    if (!bar || type === 'HOLD') continue;
    found.set(bar.time, { time: bar.time, buy: type === 'BUY', text: `${type}${confidence == null ? '' : ` ${Math.round(100 * confidence)}`}` });
  }
  return [...found.values()].sort((a, b) => a.time - b.time);
}
