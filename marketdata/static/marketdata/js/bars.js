// @ts-check
import { date } from './clock.js';

/** @typedef {{time: number, open: number, high: number, low: number, close: number, volume: number}} Bar seconds, UTC */
/** @typedef {{label: string, interval: string, period: string, seconds: number}} Choice */

/** What the buttons over the chart ask for. @type {readonly Choice[]} */
export const CHOICES = Object.freeze([
  { label: '1m', interval: '1m', period: '1D', seconds: 60 },
  { label: '2m', interval: '2m', period: '1D', seconds: 120 },
  { label: '5m', interval: '5m', period: '5D', seconds: 300 },
  { label: '15m', interval: '15m', period: '5D', seconds: 900 },
  { label: '1h', interval: '1h', period: '1M', seconds: 3600 },
  { label: '1D', interval: '1d', period: '1Y', seconds: 86_400 },
]);

/**
 * Bars as the wire has them; one without all four prices is left out.
 * @param {{start: string, open: number | null, high: number | null, low: number | null, close: number | null,
 *   volume: number | null}[]} rows
 * @returns {Bar[]}
 */
export function read(rows) {
  const whole = rows.filter((row) => [row.open, row.high, row.low, row.close].every((value) => value !== null));
  return /** @type {Bar[]} */ (whole.map((row) => ({
    time: Date.parse(row.start) / 1000, open: row.open, high: row.high, low: row.low, close: row.close, volume: row.volume ?? 0,
  })));
}

/**
 * The trading day of an instant: the UTC date where the market never closes, New York's elsewhere.
 * @param {number} seconds
 * @param {boolean} always
 */
export const tradingDay = (seconds, always) =>
  always ? new Date(seconds * 1000).toISOString().slice(0, 10) : date(seconds * 1000);

/**
 * The start of the bar to which an instant belongs, seconds.
 * @param {number} seconds
 * @param {number} length seconds
 * @param {boolean} always
 */
export function startOf(seconds, length, always) {
  if (length < 86_400) return Math.floor(seconds / length) * length;
  return Date.parse(`${tradingDay(seconds, always)}T00:00:00Z`) / 1000;
}

/**
 * Missing bars inside a trading day stay visible as empty places; between days nothing is drawn.
 * @param {Bar[]} bars
 * @param {number} length seconds
 * @param {boolean} always
 * @returns {(Bar | {time: number})[]}
 */
export function withGaps(bars, length, always) {
  if (length >= 86_400) return bars;
  /** @type {(Bar | {time: number})[]} */
  const out = [];
  for (const [i, bar] of bars.entries()) {
    const before = bars[i - 1];
    const same = before && tradingDay(before.time, always) === tradingDay(bar.time, always);
    for (let at = same ? before.time + length : bar.time; at < bar.time; at += length) out.push({ time: at });
    out.push(bar);
  }
  return out;
}

/** Folds live quotes into the last bar. Volume is what the day's count grew by. */
export class LastBar {
  /** @type {number | null} */
  #counted = null;

  /**
   * @param {Bar | null} bar the newest one known
   * @param {number} length seconds
   * @param {boolean} always
   * @param {boolean} [extended] whether pre-market and after hours belong to the bars
   */
  constructor(bar, length, always, extended = false) {
    this.bar = bar;
    this.length = length;
    this.always = always;
    this.sessions = extended ? ['pre', 'regular', 'post', '24h'] : ['regular', '24h'];
  }

  /**
   * @param {{price: number | null, volume: number | null, as_of: string, session: string}} quote
   * @returns {Bar | null} the bar as it is now; null when the quote changes none
   */
  fold(quote) {
    if (quote.price === null || !this.sessions.includes(quote.session)) return null;
    const time = startOf(Date.parse(quote.as_of) / 1000, this.length, this.always);
    if (this.bar && time < this.bar.time) return null;
    const grown = this.#grown(quote.volume, time);
    const { price } = quote;
    const held = this.bar?.time === time ? this.bar : { time, open: price, high: price, low: price, close: price, volume: 0 };
    this.bar = {
      ...held, high: Math.max(held.high, price), low: Math.min(held.low, price), close: price, volume: held.volume + grown,
    };
    return this.bar;
  }

  /**
   * @param {number | null} volume of the day so far
   * @param {number} time
   */
  #grown(volume, time) {
    if (volume === null) return 0;
    const before = this.#counted;
    this.#counted = volume;
    if (this.length >= 86_400) return Math.max(0, volume - (this.bar?.time === time ? this.bar.volume : 0));
    return before === null ? 0 : Math.max(0, volume - before);
  }
}
