// @ts-check
/** Small drawings: dealer gamma by strike, smile and term structure. No library: three shapes. */
import { html, svg } from '../../marketdata/vendor/lit-html/lit-html.js';
import { compact, price } from '../../marketdata/js/format.js';
import { scale, steps } from './scale.js';
import * as words from './words.js';

const WIDTH = 330;
const HEIGHT = 190;
const LEFT = 44;
const BOTTOM = 22;

/**
 * @param {string} title
 * @param {string} label for those who do not see it
 * @param {unknown} inside
 */
const plot = (title, label, inside) => html`<figure class="plot"><h3>${title}</h3>
  <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="xMidYMin meet" role="img" aria-label=${label}>${inside}</svg></figure>`;

/** @param {any} x @param {any} y @param {(v: number) => string} nameX @param {(v: number) => string} nameY */
const axes = (x, y, nameX, nameY) => svg`
  ${steps(y.low, y.high).map((v) => svg`<path class="rule" d="M${LEFT} ${y(v)}H${WIDTH}"/><text x=${LEFT - 6} y=${y(v) + 4} text-anchor="end">${nameY(v)}</text>`)}
  ${steps(x.low, x.high, 4).map((v) => svg`<text x=${x(v)} y=${HEIGHT - 4} text-anchor="middle">${nameX(v)}</text>`)}
  <path class="axis" d="M${LEFT} ${HEIGHT - BOTTOM}H${WIDTH}"/>`;

/** @param {any} x @param {number | null} value @param {string} name @param {string} kind @param {boolean} [left] of the line stands its name */
const upright = (x, value, name, kind, left = false) => (value == null || value < x.low || value > x.high ? '' : svg`
  <path class=${kind} d="M${x(value)} 4V${HEIGHT - BOTTOM}"/><text class="${kind}-text" x=${x(value) + (left ? -4 : 4)} y="12" text-anchor=${left ? 'end' : 'start'}>${name}</text>`);

/** Dealer gamma of each strike within a fifth of the spot. @param {any} gex @param {number | null} spot */
export function gamma(gex, spot) {
  const near = gex.by_strike.filter((/** @type {any} */ one) => spot == null || Math.abs(one.price / spot - 1) < 0.15);
  if (!near.length) return null;
  const x = scale(near.map((/** @type {any} */ one) => one.price), LEFT + 6, WIDTH - 6);
  const y = scale([0, ...near.map((/** @type {any} */ one) => one.calls), ...near.map((/** @type {any} */ one) => one.puts)], HEIGHT - BOTTOM, 18);
  const width = Math.max(1.5, Math.min(9, (WIDTH - LEFT) / near.length - 1.5));
  const bar = (/** @type {number} */ at, /** @type {number} */ value, /** @type {string} */ kind) =>
    svg`<rect class=${kind} x=${x(at) - width / 2} y=${Math.min(y(0), y(value))} width=${width} height=${Math.abs(y(value) - y(0))}/>`;
  return plot('Dealer gamma by strike, $ per 1 % move', `Dealer gamma of ${near.length} strikes; zero gamma ${price(gex.zero_gamma)}`, svg`
    ${axes(x, y, words.strike, (v) => words.dollars(v))}
    ${near.map((/** @type {any} */ one) => svg`${bar(one.price, one.calls, 'calls')}${bar(one.price, one.puts, 'puts')}`)}
    ${upright(x, gex.zero_gamma, 'zero gamma', 'zero', gex.zero_gamma < (spot ?? 0))}${upright(x, spot, price(spot), 'now', gex.zero_gamma >= (spot ?? 0))}`);
}

/** Dealer gamma if the underlying stood elsewhere. @param {any} gex @param {number | null} spot */
export function gammaBySpot(gex, spot) {
  if (gex.by_spot.length < 2) return null;
  const x = scale(gex.by_spot.map((/** @type {any} */ one) => one.price), LEFT, WIDTH - 4);
  const y = scale([0, ...gex.by_spot.map((/** @type {any} */ one) => one.net)], HEIGHT - BOTTOM, 18);
  const d = gex.by_spot.map((/** @type {any} */ one, /** @type {number} */ i) => `${i ? 'L' : 'M'}${x(one.price).toFixed(1)} ${y(one.net).toFixed(1)}`).join('');
  return plot('The same, summed, at other prices', `Sum of dealer gamma from ${price(x.low)} to ${price(x.high)}`, svg`
    ${axes(x, y, (v) => compact(v), (v) => words.dollars(v))}<path class="line" d=${d}/>
    ${upright(x, gex.zero_gamma, 'zero gamma', 'zero', gex.zero_gamma < (spot ?? 0))}${upright(x, spot, price(spot), 'now', gex.zero_gamma >= (spot ?? 0))}`);
}

/** @param {any} slice an expiry of /smile @param {number | null} spot */
export function smile(slice, spot) {
  const points = (slice?.points ?? []).filter((/** @type {any} */ one) => spot == null || Math.abs(Math.log(one.strike / spot)) < 0.5);
  if (points.length < 2) return null;
  const x = scale(points.map((/** @type {any} */ one) => one.strike), LEFT + 6, WIDTH - 6);
  const y = scale(points.map((/** @type {any} */ one) => 100 * one.iv), HEIGHT - BOTTOM - 6, 18);
  return plot(`Smile of ${words.day(slice.expiry)}: implied volatility by strike, %`, `${points.length} strikes, at the money ${words.percent(slice.atm_iv)}`, svg`
    ${axes(x, y, words.strike, (v) => String(Number(v.toFixed(1))))}
    ${points.map((/** @type {any} */ one) => svg`<circle class="point" cx=${x(one.strike)} cy=${y(100 * one.iv)} r="2"/>`)}
    ${upright(x, slice.forward, 'forward', 'now')}`);
}

/** @param {any[]} term */
export function structure(term) {
  const known = term.filter((one) => one.atm_iv != null && one.days > 0);
  if (known.length < 2) return null;
  const x = scale(known.map((one) => Math.sqrt(one.days)), LEFT + 6, WIDTH - 6);
  const y = scale(known.map((one) => 100 * one.atm_iv), HEIGHT - BOTTOM - 6, 18);
  const at = (/** @type {any} */ one) => `${x(Math.sqrt(one.days)).toFixed(1)} ${y(100 * one.atm_iv).toFixed(1)}`;
  const marks = [7, 30, 90, 180, 365, 730].filter((days) => Math.sqrt(days) >= x.low && Math.sqrt(days) <= x.high);
  return plot('Term structure: at-the-money volatility by days to expiry, %', `${known.length} expiries`, svg`
    ${steps(y.low, y.high).map((v) => svg`<path class="rule" d="M${LEFT} ${y(v)}H${WIDTH}"/><text x=${LEFT - 6} y=${y(v) + 4} text-anchor="end">${Number(v.toFixed(1))}</text>`)}
    ${marks.map((days) => svg`<text x=${x(Math.sqrt(days))} y=${HEIGHT - 4} text-anchor="middle">${days}</text>`)}
    <path class="axis" d="M${LEFT} ${HEIGHT - BOTTOM}H${WIDTH}"/><path class="line" d=${known.map((one, i) => `${i ? 'L' : 'M'}${at(one)}`).join('')}/>
    ${known.map((one) => svg`<circle class="point" cx=${x(Math.sqrt(one.days))} cy=${y(100 * one.atm_iv)} r="2.5"/>`)}`);
}
