// @ts-check
/** Small drawings: dealer gamma by strike, smile and term structure. No library: three shapes, at the size they are shown. */
/** @import {Gamma, GammaPoint, Maybe, Smile, Smiles} from './types.js' */
/** @typedef {{width: number, height: number}} Size pixels */
/** @typedef {ReturnType<typeof scale>} Scale */
import { html, svg } from '../../marketdata/vendor/lit-html/lit-html.js';
import { compact, price } from '../../marketdata/js/format.js';
import { days, scale, steps } from './scale.js';
import * as words from './words.js';

const [LEFT, RIGHT, TOP, BOTTOM] = [48, 8, 18, 22];
/** How far from the spot a strike may lie to be drawn, as a share of it. */
const NEAR = 0.15;

/**
 * @param {string} title
 * @param {string} label for those who do not see it
 * @param {Size} size
 * @param {unknown} inside
 */
const plot = (title, label, { width, height }, inside) => html`<figure class="plot"><figcaption>${title}</figcaption>
  <svg viewBox="0 0 ${width} ${height}" width=${width} height=${height} role="img" aria-label=${label}>${inside}</svg></figure>`;

/** @param {Size} size @param {number[]} values */
const across = (size, values) => scale(values, LEFT + 6, size.width - RIGHT);
/** @param {Size} size @param {number[]} values */
const upwards = (size, values) => scale(values, size.height - BOTTOM - 4, TOP);

/**
 * @param {Size} size
 * @param {Scale} y
 * @param {(value: number) => string} nameY
 * @param {[number, string][]} marks places across, and their names
 */
const axes = (size, y, nameY, marks) => svg`
  ${steps(y.low, y.high).map((v) => svg`<path class="rule" d="M${LEFT} ${y(v)}H${size.width}"/><text x=${LEFT - 6} y=${y(v) + 4} text-anchor="end">${nameY(v)}</text>`)}
  ${marks.map(([x, name]) => svg`<text x=${x} y=${size.height - 5} text-anchor="middle">${name}</text>`)}
  <path class="axis" d="M${LEFT} ${size.height - BOTTOM}H${size.width}"/>`;

/** @param {Scale} x @param {(value: number) => string} name @returns {[number, string][]} */
const rounds = (x, name) => steps(x.low, x.high).map((v) => [x(v), name(v)]);

/** @param {Size} size @param {Scale} x @param {Maybe} value @param {string} name @param {'now' | 'zero'} kind @param {boolean} [left] of the line stands its name */
const upright = (size, x, value, name, kind, left = false) => (value == null || value < x.low || value > x.high ? '' : svg`
  <path class=${kind} d="M${x(value)} 4V${size.height - BOTTOM}"/><text class="${kind}-text" x=${x(value) + (left ? -4 : 4)} y="12" text-anchor=${left ? 'end' : 'start'}>${name}</text>`);

/** The spot and where the sum of dealer gamma is nothing, each with its name on its own side. @param {Size} size @param {Scale} x @param {Gamma} gex @param {Maybe} spot */
function landmarks(size, x, gex, spot) {
  const below = gex.zero_gamma != null && gex.zero_gamma < (spot ?? 0);
  return svg`${upright(size, x, gex.zero_gamma, 'zero gamma', 'zero', below)}${upright(size, x, spot, price(spot), 'now', !below)}`;
}

/** @param {[number, number][]} points */
const path = (points) => points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

/** Dealer gamma of each strike near the spot. @param {Gamma} gex @param {Maybe} spot @param {Size} size */
export function gamma(gex, spot, size) {
  const near = gex.by_strike.filter((one) => spot == null || Math.abs(one.price / spot - 1) < NEAR);
  if (!near.length) return null;
  const x = across(size, near.map((one) => one.price));
  const y = upwards(size, [0, ...near.flatMap((one) => [one.calls, one.puts])]);
  const width = Math.max(1.5, Math.min(9, (size.width - LEFT) / near.length - 1.5));
  const bar = (/** @type {GammaPoint} */ at, /** @type {'calls' | 'puts'} */ kind) =>
    svg`<rect class=${kind} x=${x(at.price) - width / 2} y=${Math.min(y(0), y(at[kind]))} width=${width} height=${Math.abs(y(at[kind]) - y(0))}/>`;
  return plot('Dealer gamma by strike, $ per 1 % move', `Dealer gamma of ${near.length} strikes; zero gamma ${price(gex.zero_gamma)}`, size, svg`
    ${axes(size, y, words.dollars, rounds(x, words.strike))}
    ${near.map((one) => svg`${bar(one, 'calls')}${bar(one, 'puts')}`)}${landmarks(size, x, gex, spot)}`);
}

/** Dealer gamma if the underlying stood elsewhere. @param {Gamma} gex @param {Maybe} spot @param {Size} size */
export function gammaBySpot(gex, spot, size) {
  if (gex.by_spot.length < 2) return null;
  const x = across(size, gex.by_spot.map((one) => one.price));
  const y = upwards(size, [0, ...gex.by_spot.map((one) => one.net)]);
  return plot('All of it, if the price were another', `Sum of dealer gamma from ${price(x.low)} to ${price(x.high)}`, size, svg`
    ${axes(size, y, words.dollars, rounds(x, compact))}<path class="line" d=${path(gex.by_spot.map((one) => [x(one.price), y(one.net)]))}/>
    ${landmarks(size, x, gex, spot)}`);
}

/** @param {Smile | undefined} slice @param {Maybe} spot @param {Size} size */
export function smile(slice, spot, size) {
  const points = (slice?.points ?? []).filter((one) => one.iv != null && (spot == null || Math.abs(Math.log(one.strike / spot)) < 0.5));
  if (!slice || points.length < 2) return null;
  const x = across(size, points.map((one) => one.strike));
  const y = upwards(size, points.map((one) => 100 * (one.iv ?? 0)));
  return plot(`Smile of ${words.day(slice.expiry)}: implied volatility by strike, %`, `${points.length} strikes, at the money ${words.percent(slice.atm_iv)}`, size, svg`
    ${axes(size, y, words.short, rounds(x, words.strike))}
    ${points.map((one) => svg`<circle class="point" cx=${x(one.strike)} cy=${y(100 * (one.iv ?? 0))} r="2.5"/>`)}
    ${upright(size, x, slice.forward, 'forward', 'now')}`);
}

/** At-the-money volatility by time to expiry, whose root is drawn. @param {Smiles['term']} term @param {Size} size */
export function structure(term, size) {
  const known = term.filter((one) => one.atm_iv != null && one.days > 0);
  if (known.length < 2) return null;
  const x = across(size, known.map((one) => Math.sqrt(one.days)));
  const y = upwards(size, known.map((one) => 100 * (one.atm_iv ?? 0)));
  const at = known.map((one) => /** @type {[number, number]} */ ([x(Math.sqrt(one.days)), y(100 * (one.atm_iv ?? 0))]));
  const marks = days(known.map((one) => one.days)).map((one) => /** @type {[number, string]} */ ([x(Math.sqrt(one)), String(one)]));
  return plot('Term structure: at the money, % by days', `At-the-money volatility of ${known.length} expiries`, size, svg`
    ${axes(size, y, words.short, marks)}<path class="line" d=${path(at)}/>${at.map(([cx, cy]) => svg`<circle class="point" cx=${cx} cy=${cy} r="2.5"/>`)}`);
}
