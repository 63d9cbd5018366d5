// @ts-check
/** The reliability diagram: what was said against what came, as circles on a diagonal. */
/** @import {Bin, Row} from './types.js' */
import { html, nothing, svg } from '../../marketdata/vendor/lit-html/lit-html.js';
import { spanned, ticks } from './spans.js';
import * as words from './words.js';

const [LEFT, RIGHT, TOP, BOTTOM] = [46, 446, 18, 238];

/** @param {Row} row */
export function diagram(row) {
  const { bins, low, high } = spanned(row.bins);
  if (!bins.length) return html`<p class="quiet">A diagram takes thirty outcomes that had a confidence. Until enough was learned of such scores, signals have none.</p>`;
  const x = (/** @type {number} */ value) => LEFT + ((value - low) / (high - low)) * (RIGHT - LEFT);
  const y = (/** @type {number} */ value) => BOTTOM - ((value - low) / (high - low)) * (BOTTOM - TOP);
  const most = Math.max(...bins.map((one) => one.n));
  return html`<div class="pane plot"><svg viewBox="0 0 460 262" role="img" aria-label="Reliability diagram: the confidence shown against how often it came true">
    ${ticks(low, high).map((v) => svg`<path class="rule" d="M${LEFT} ${y(v)}H${RIGHT}"/><text x="40" y=${y(v) + 4} text-anchor="end">${words.percent(v)}</text><text x=${x(v)} y="256" text-anchor="middle">${words.percent(v)}</text>`)}
    ${svg`<path class="diagonal" d="M${x(low)} ${y(low)}L${x(high)} ${y(high)}"/>`}
    ${bins.map((one) => circle(one, x, y, 2 + 6 * Math.sqrt(one.n / most)))}</svg>
    <p class="quiet">Across: the confidence shown. Up: how often it came true, with its 95 % interval for independent cases. The larger the dot, the more outcomes.</p></div>`;
}

/** @param {Bin} one @param {(value: number) => number} x @param {(value: number) => number} y @param {number} radius */
function circle(one, x, y, radius) {
  const [said, was] = [Number(one.mean_confidence), Number(one.hit_rate)];
  const interval = one.wilson_low == null || one.wilson_high == null ? nothing : svg`<path class="bar-ci" d="M${x(said)} ${y(one.wilson_low)}V${y(one.wilson_high)}"/>`;
  return svg`${interval}<circle class="point" cx=${x(said)} cy=${y(was)} r=${radius}><title>${one.n} outcomes: said ${words.exact(said)}, was ${words.exact(was)}</title></circle>`;
}
