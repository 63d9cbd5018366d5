// @ts-check
/** What stands around the ladder: the expiries to choose from, the chain in a few numbers, and how it was made. */
/** @import {Chain, Expiry, Summary} from './types.js' */
/** @import {View} from './views.js' */
import { html } from '../../marketdata/vendor/lit-html/lit-html.js';
import { NONE } from '../../marketdata/js/format.js';
import { ambiguous, key } from './rows.js';
import * as words from './words.js';

const SHOWN = 3;

/**
 * @param {Chain} chain
 * @param {Expiry} chosen
 * @param {(expiry: Expiry) => void} choose
 */
export function picker({ expiries, session }, chosen, choose) {
  const name = (/** @type {Expiry} */ one) => `${words.day(one.date, session)}${ambiguous(one, expiries) ? ` ${one.root}` : ''}`;
  const button = (/** @type {Expiry} */ one) => html`<button type="button" aria-pressed=${key(one) === key(chosen)} @click=${() => choose(one)}>${name(one)}</button>`;
  const change = (/** @type {any} */ event) => choose(expiries[event.target.selectedIndex]);
  return html`<div class="segments wide" role="group" aria-label="Expiry">${expiries.slice(0, SHOWN).map(button)}</div>
    <select aria-label="All expiries" .value=${key(chosen)} @change=${change}>
      ${expiries.map((one) => html`<option value=${key(one)} ?selected=${key(one) === key(chosen)}>${name(one)} · ${Math.round(one.days)} d</option>`)}</select>`;
}

/** The chain in a few numbers; what is absent says why. @param {Summary} summary */
export const strip = (summary) => words.summary(summary).map(({ name, value, why }) =>
  html`<div title=${why}><dt>${name}</dt><dd class=${value === NONE ? 'none' : ''}>${value}${value === NONE ? html`<span class="hush">: ${why}</span>` : ''}</dd></div>`);

/** Whose chain it is, of when, and what its figures assume. @param {Chain} chain @param {Expiry} expiry @param {View} view @param {any} more */
export function foot(chain, expiry, view, more) {
  if (view === 'Gamma') return more?.assumption ?? '';
  const from = `${words.clock(chain.taken_at)} ET, ${chain.simulated ? 'simulated' : chain.vendor}`;
  const forward = expiry.by_parity ? 'forward by put-call parity' : 'forward from the spot: no two-sided quotes';
  if (view === 'Smile') return `${from} · out-of-the-money quotes, European, ${forward}`;
  return html`${from} · shade is size · <span class="mark">◆</span> unusual · volatility European, out-of-the-money smile, ${forward}`;
}
