// @ts-check
/** What a signal is made of: votes with their evidence, gates, the record, and what would have been otherwise. */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { price, signed } from '../../marketdata/js/format.js';
import * as words from './words.js';

/** @param {any} signal */
export function levels(signal) {
  const range = signal.expected_range;
  const at = (/** @type {number} */ move) => price(signal.price * (1 + move));
  return html`<dl class="levels"><div><dt>Price then</dt><dd>${price(signal.price)}</dd></div>
    <div><dt>${range ? `${Math.round(100 * range.coverage)} % low` : 'Low'}</dt><dd>${range ? at(range.low) : '–'}</dd></div>
    <div><dt>${range ? `${Math.round(100 * range.coverage)} % high` : 'High'}</dt><dd>${range ? at(range.high) : '–'}</dd></div>
    <div><dt>P(edge &gt; 0)</dt><dd>${words.percent(signal.edge_probability)}</dd></div></dl>`;
}

/** @param {any} signal */
export const votes = (signal) => signal.opinions.map((/** @type {any} */ one) => {
  const way = words.way(one.score);
  return html`<div class="vote ${one.score == null ? 'abstains' : `for-${way}`}"><i aria-hidden="true">${one.score == null ? '○' : words.ARROW[way]}</i>
    <b>${words.title(one.agent)}</b><span>${one.score == null ? 'abstains' : signed(one.score)} · ${words.percent(one.weight)}</span>
    <small>${one.score == null ? one.abstains : one.evidence.slice(0, 3).map((/** @type {any} */ e) => e.text).join(' ')}</small></div>`;
});

/** @param {any} signal */
export const gates = (signal) => html`<h3>Gates</h3>${signal.gates.map((/** @type {any} */ gate) =>
  html`<div class="gate ${gate.passed ? '' : 'failed'}"><span>${gate.passed ? '✓' : '✗'}</span><span>${words.title(gate.reason)}${gate.words ? `: ${gate.words}` : ''}</span></div>`)}`;

/** @param {any} signal */
export function outcome(signal) {
  const one = signal.outcome;
  if (!one) return html`<p class="said">Not resolved yet: it will be graded once, ${signal.horizon} after ${new Date(signal.at).toISOString().slice(0, 16).replace('T', ' ')} UTC.</p>`;
  return html`<p class="said">Graded: entered at ${price(one.entry)}, left at ${price(one.exit)}; ${words.points(1e4 * one.net)} after costs, ${one.won ? 'won' : 'lost'}${one.in_range == null ? '' : `; ${one.in_range ? 'inside' : 'outside'} the expected range`}.</p>`;
}

/**
 * What if one agent had not voted.
 * @param {any} explained of /signals/{id}/explain
 */
export function whatIf(explained) {
  const others = explained?.counterfactuals?.without ?? [];
  if (!others.length) return nothing;
  return html`<h3>What if (${explained.counterfactuals.sample})</h3>${others.map((/** @type {any} */ one) =>
    html`<div class="gate"><span>without ${words.title(one.agent)}</span><span>score ${signed(one.score)}, lean ${one.lean}${one.flips ? ', which is another call' : ''}</span></div>`)}
    ${explained.counterfactuals.nearest ? html`<p class="said">${explained.counterfactuals.nearest}</p>` : nothing}`;
}
