// @ts-check
/** Signals in words and numbers. A probability is a per cent; what is not calibrated is a dash. */
/** @import {Figures, Lean, Maybe, Outcome, Signal} from './types.js' */
import { NONE, signed } from '../../marketdata/js/format.js';

/** 0.547 -> 55% @param {Maybe | undefined} share */
export const percent = (share) => (share == null ? NONE : `${Math.round(100 * share)}%`);

/** 0.547 -> 54.7 % @param {Maybe | undefined} share */
export const exact = (share) => (share == null ? NONE : `${(100 * share).toFixed(1)} %`);

/** 0.3, 4.2, 88 @param {number} count of independent cases, which need not be whole */
export const many = (count) => (count < 9.95 ? count.toFixed(1) : Math.round(count).toLocaleString('en-US'));

/** @param {Maybe | undefined} bp */
export const points = (bp) => (bp == null ? NONE : `${signed(bp, 1)} bp`);

/** Won, +34.0 bp @param {Pick<Outcome, 'won' | 'net'>} outcome `net` a fraction, after costs */
export const graded = ({ won, net }) => `${won ? 'Won' : 'Lost'}, ${points(1e4 * net)}`;

export const ARROW = /** @type {Record<Lean, string>} */ ({ up: '▲', down: '▼', flat: '■' });

const LETTERS = /\b(adx|atr|iv|macd|obv|rsi|tv|vwap)\b/gi;

/** rsi_reversal -> RSI reversal, momentum_12_1 -> Momentum 12-1 @param {string} name */
export function title(name) {
  const text = name.replace(/(\d)_(\d)/g, '$1-$2').replaceAll('_', ' ');
  return ((text[0] ?? '').toUpperCase() + text.slice(1)).replace(LETTERS, (word) => word.toUpperCase());
}

/** Which way a score points, as the orchestrator reads it. @param {Maybe} score @returns {Lean} */
export const way = (score) => (score == null || Math.abs(score) < 0.05 ? 'flat' : score > 0 ? 'up' : 'down');

const WHY = /** @type {Record<string, string>} */ ({
  unproven: 'no proven edge', unprofitable: 'no gain after costs', weak: 'the agents hardly lean', warming: 'nothing is learned of such scores yet',
  stale: 'its data is old', contested: 'vendors disagree about the price', gap: 'bars are missing', closed: 'the market is closed', delayed: 'the feed is late, or may be',
  cooldown: 'too soon after the last one', stoploss_guard: 'too many lost lately', max_drawdown: 'losses add up', low_profit: 'this symbol brought too little',
});

/** What goes without saying beside it. */
const SAME = /** @type {Record<string, string[]>} */ ({ warming: ['unproven', 'unprofitable'] });

/** Why it is a HOLD, or was held back. @param {string[]} reasons */
export function why(reasons) {
  const same = reasons.flatMap((one) => SAME[one] ?? []);
  return reasons.filter((one) => !same.includes(one)).map((one) => WHY[one] ?? one.replaceAll('_', ' ')).join(', ');
}

/** The strongest votes each way: "▲ Moving averages, OBV volume ▼ RSI reversal" @param {Signal} signal @param {number} [most] each way */
export function strongest({ opinions }, most = 2) {
  const force = (/** @type {Signal['opinions'][number]} */ one) => (one.score ?? 0) * (one.weight ?? 0);
  const named = (/** @type {1 | -1} */ sign) => opinions.filter((one) => sign * force(one) > 0).sort((a, b) => sign * (force(b) - force(a)))
    .slice(0, most).map((one) => title(one.agent)).join(', ');
  return [['▲', named(1)], ['▼', named(-1)]].filter(([, names]) => names).map((pair) => pair.join(' ')).join(' ');
}

/**
 * What the record says, in one line.
 * @param {Figures | null} record
 */
export function record(record) {
  if (!record || !record.n || record.hit_rate == null) return 'No resolved case like this one yet.';
  const interval = record.low == null ? '' : `, 95 % interval ${percent(record.low)}–${percent(record.high)}`;
  const [wins, all] = [record.wins, record.n].map((count) => count.toLocaleString('en-US'));
  return `Right ${wins} of ${all} times (${exact(record.hit_rate)}${interval}), worth ${many(record.n_eff)} independent cases; base rate ${exact(record.base_rate)}; mean ${points(record.net_bp)} after costs, always long ${points(record.always_long_bp)}.`;
}
