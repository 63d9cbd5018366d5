// @ts-check
/** The chain as a ladder: calls left, strikes in the middle, puts right. */
/** @import {Contract} from './types.js' */
import { html } from '../../marketdata/vendor/lit-html/lit-html.js';
import { compact, NONE, price } from '../../marketdata/js/format.js';
import { largest, pairs, shade, UNUSUAL } from './rows.js';
import * as words from './words.js';

/**
 * @param {{symbol: string, spot: number | null, results: Contract[], expiry: string}} chain
 */
export function ladder({ symbol, spot, results, expiry }) {
  const rows = pairs(results);
  const most = largest(results);
  const below = spot == null ? -1 : rows.filter((row) => row.strike < spot).length;
  return html`<table class="ladder">
    <caption class="hush">${symbol} options that expire on ${expiry}, calls left, puts right</caption>
    <thead><tr>${head(false)}<th scope="col" class="strike">Strike</th>${head(true)}</tr></thead>
    <tbody>${rows.map((row, index) => line(row, most, spot, index === below ? `${symbol} ${price(spot)}` : ''))}</tbody>
  </table>`;
}

const COLUMNS = [['Θ', 'wide-3', 'Theta, per day'], ['Γ', 'wide-3', 'Gamma'], ['Δ', 'delta', 'Delta'], ['OI', 'wide-2 oi', 'Open interest'],
  ['Vol', 'vol', 'Volume of this session'], ['IV', 'wide-2 iv', 'Implied volatility, per cent'], ['Bid / Ask', 'both', 'Bid and ask']];

/** @param {boolean} put */
function head(put) {
  const columns = put ? [...COLUMNS].reverse() : COLUMNS;
  return columns.map(([name, kind, title]) => html`<th scope="col" class="${kind} ${put ? 'put' : ''}" title=${title}>${name}</th>`);
}

/**
 * @param {ReturnType<typeof pairs>[number]} row
 * @param {{volume: number, open_interest: number}} most
 * @param {number | null} spot
 * @param {string} above what stands on the line above it: the underlying, if its price lies there
 */
function line(row, most, spot, above) {
  const money = { call: spot != null && row.strike < spot, put: spot != null && row.strike > spot };
  return html`<tr class=${above ? 'after-spot' : ''}>${cells(row.call, most, money.call, false)}<th scope="row" class="strike">${above ? html`<span class="spot-tag">${above}</span>` : ''}${words.strike(row.strike)}</th>${cells(row.put, most, money.put, true)}</tr>`;
}

/**
 * @param {Contract | null} one
 * @param {{volume: number, open_interest: number}} most
 * @param {boolean} inside in the money
 * @param {boolean} put
 */
function cells(one, most, inside, put) {
  const side = `${put ? 'put' : ''} ${inside ? 'in' : ''}`;
  const cell = (/** @type {string} */ kind, /** @type {string} */ text, /** @type {string} */ title = '') => html`<td class="${kind} ${side}" title=${title}>${text}</td>`;
  if (!one) return COLUMNS.map(([, kind]) => cell(`${kind} quiet`, NONE));
  const score = Math.round(one.unusual ?? 0);
  const unusual = score >= UNUSUAL ? 'unusual' : '';
  const made = [
    cell('wide-3 quiet', words.greek(one.theta)), cell('wide-3 quiet', words.greek(one.gamma, 3)), cell('delta', words.greek(one.delta)),
    cell(`wide-2 ${shade(one.open_interest, most.open_interest)}`, compact(one.open_interest), one.open_interest_date ? `At the close of ${one.open_interest_date}` : ''),
    cell(`${shade(one.volume, most.volume)} ${unusual}`, compact(one.volume), unusual && `Unusual: ${score} of 100`),
    cell('wide-2', words.points(one.iv), one.iv == null ? `No volatility: ${one.no_iv}` : 'European, out-of-the-money smile'), cell('both', words.book(one), one.bid == null && one.ask == null ? '' : `${price(one.bid)} / ${price(one.ask)}`),
  ];
  return put ? made.reverse() : made;
}
