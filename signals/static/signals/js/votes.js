// @ts-check
/** What a signal is made of: levels, votes with their evidence, gates, and what became of it. */
/** @import {Opinion, Signal} from './types.js' */
import { html } from '../../marketdata/vendor/lit-html/lit-html.js';
import { price, signed } from '../../marketdata/js/format.js';
import * as words from './words.js';

/** @param {Signal} signal */
export function levels(signal) {
  const range = signal.expected_range;
  const at = (/** @type {number | undefined} */ move) => (move == null ? '–' : price(signal.price * (1 + move)));
  const name = range ? `${Math.round(100 * range.coverage)} % ` : '';
  return html`<dl class="levels"><div><dt>Price then</dt><dd>${price(signal.price)}</dd></div><div><dt>${name}low</dt><dd>${at(range?.low)}</dd></div>
    <div><dt>${name}high</dt><dd>${at(range?.high)}</dd></div><div><dt>P(edge &gt; 0)</dt><dd>${words.percent(signal.edge_probability)}</dd></div></dl>`;
}

/** @param {Signal} signal */
export const votes = (signal) => html`<h3>Votes</h3>${signal.opinions.map(vote)}`;

/** @param {Opinion} one */
function vote(one) {
  if (one.score == null) return html`<div class="vote abstains"><i aria-hidden="true">○</i><b>${words.title(one.agent)}</b><span>abstains</span><small>${one.abstains}</small></div>`;
  const way = words.way(one.score);
  return html`<div class="vote for-${way}"><i aria-hidden="true">${words.ARROW[way]}</i><b>${words.title(one.agent)}</b>
    <span>${signed(one.score)} · ${one.weight ? words.percent(one.weight) : 'not counted'}</span><small>${one.evidence.slice(0, 3).map((told) => told.text).join(' ')}</small></div>`;
}

/** @param {Signal} signal */
export const gates = (signal) => html`<h3>Gates</h3>${signal.gates.map((gate) =>
  html`<div class="gate ${gate.passed ? '' : 'failed'}"><span>${gate.passed ? '✓' : '✗'}</span><span>${words.title(gate.reason)}${gate.words ? `: ${gate.words} ${figure(gate)}` : ''}</span></div>`)}`;

/** @param {Signal['gates'][number]} gate */
function figure({ reason, value, threshold }) {
  // Of a delay that nobody states the words say so themselves.
  if (value == null) return reason === 'delayed' ? '' : 'not known';
  return `${short(value)}${threshold == null ? '' : ` (${short(threshold)})`}`;
}

/** @param {number} value */
const short = (value) => Number(value.toPrecision(3)).toLocaleString('en-US');

/** @param {Signal} signal */
export function outcome(signal) {
  const one = signal.outcome;
  const range = one?.in_range == null ? '' : `; ${one.in_range ? 'inside' : 'outside'} the expected range`;
  if (!one) return html`<p class="said">Not graded yet: that happens once, ${signal.horizon} after its entry at the next bar’s open.</p>`;
  return html`<p class="said"><b>${one.won ? 'Won' : 'Lost'}:</b> entered at ${price(one.entry)}, left at ${price(one.exit)}, ${words.points(1e4 * one.net)} after costs${range}.</p>`;
}
