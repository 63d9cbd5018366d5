// @ts-check
import { date, left, minute, weekday } from './clock.js';

/**
 * @typedef {{market: string, session: string, is_open: boolean, next_open: string | null, next_close: string | null,
 *   now: string | null, simulated: boolean}} Market as GET /api/v1/market answers
 */
const WORDS = /** @type {Record<string, string>} */ ({ pre: 'Pre-market', post: 'After hours', closed: 'Market closed' });

/**
 * What the market chip says: a dot, the state, and when it changes.
 * @param {Market} market
 * @param {number} now the market's time, milliseconds
 * @returns {{dot: string, state: string, next: string}}
 */
export function chip(market, now) {
  if (market.session === '24h') return { dot: 'ok', state: 'Always open', next: '24 h' };
  if (market.is_open) {
    const next = market.next_close ? `Closes in ${left(Date.parse(market.next_close) - now)}` : '';
    return { dot: 'ok', state: 'Market open', next };
  }
  const state = WORDS[market.session] ?? 'Market closed';
  return { dot: market.session === 'closed' ? '' : 'idle', state, next: opens(market, now) };
}

/**
 * @param {Market} market
 * @param {number} now
 */
function opens(market, now) {
  if (!market.next_open) return '';
  const at = Date.parse(market.next_open);
  if (at - now < 4 * 3_600_000) return `Opens in ${left(at - now)}`;
  const when = date(at) === date(now) ? '' : `${weekday(at)} `;
  return `Opens ${when}${minute(at)} ET`;
}

/**
 * RECORDED 2013-10-07 10:31 ET: the time that the recording has reached.
 * @param {number | null} at milliseconds
 */
export const recorded = (at) => (at === null ? 'Recorded' : `Recorded ${date(at)} ${minute(at)} ET`);
