// @ts-check
/** Why a contract was named, what became of it, and how often such alerts were confirmed. */
/** @import {Alert, Confirmation} from './types.js' */
import { html } from '../../marketdata/vendor/lit-html/lit-html.js';
import { compact, price } from '../../marketdata/js/format.js';
import * as words from './words.js';

/** What a verdict means. */
export const MEANING = /** @type {Record<string, string>} */ ({
  pending: 'Open interest of the next session is not known yet', opened: 'Open interest rose by at least half the volume',
  closed: 'Open interest fell by at least half the volume', unclear: 'Open interest changed by less than half the volume',
});

/** Every condition and every part of the score, then what is known since and what is not. @param {Alert} one */
export const evidence = (one) => html`<table><caption class="hush">Conditions and score of ${one.rule}, version ${one.version}</caption>
  <tbody>${one.conditions.map((c) => html`<tr><th scope="row">${c.held ? '✓' : '✗'} ${c.name}</th><td>${words.figure(c.value, c.unit)}</td><td>${words.demand(c)}</td></tr>`)}
  ${one.parts.map((p) => html`<tr><th scope="row">${p.name}</th><td>${words.figure(p.value)}</td><td>${(p.weight * p.share).toFixed(1)} of ${p.weight}</td></tr>`)}</tbody></table>
  <p>${since(one)} Price $${price(one.price, 2)}, IV ${words.percent(one.iv)}, rule ${one.rule} v${one.version}.</p>
  <p>Bought or sold: ${one.side ?? one.side_reason}. Earnings: ${one.earnings_reason}.</p>`;

/** @param {Alert} one */
function since(one) {
  const before = `Open interest ${compact(one.open_interest)}${one.open_interest_date ? ` (close of ${words.day(one.open_interest_date)})` : ''}`;
  const moved = one.best == null && one.worst == null ? '' : ` Price since: best ${words.move(one.best)}, worst ${words.move(one.worst)}.`;
  if (one.change == null) return `${before}, the next session’s not known yet.${moved}`;
  return `${before}, next session ${one.change >= 0 ? '+' : '−'}${compact(Math.abs(one.change))}: ${one.verdict}.${moved}`;
}

/** How often the next session's open interest said "opened", counted, beside what it was counted from. @param {Confirmation[]} rates */
export function record(rates) {
  const one = rates.find((rate) => rate.rule === 'score') ?? rates[0];
  const judged = one ? one.opened + one.closed + one.unclear : 0;
  if (!one || !judged || one.share == null) return 'none confirmed yet';
  const interval = `95 % interval ${Math.round(100 * (one.low ?? 0))}–${Math.round(100 * (one.high ?? 1))} %, ${one.pending} pending`;
  return html`<span title=${interval}>opened ${one.opened} of ${judged} (${Math.round(100 * one.share)} %)</span>`;
}
