// @ts-check
/** Contracts whose trading today is worth a look, each with its evidence and, from the next day on, what became of it. */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { client, desk, events } from '../../marketdata/js/desk.js';
import { compact, NONE, price } from '../../marketdata/js/format.js';
import * as words from './words.js';

const SHOWN = 20;

class Alerts extends HTMLElement {
  /** @type {Map<string, any>} */ #alerts = new Map();
  /** @type {any[]} */ #confirmation = [];
  #open = '';
  /** @type {any} */ #problem = null;
  #read = false;

  connectedCallback() {
    client.subscribe('alerts', [], (message) => this.#news(message.data));
    client.on('gap', ({ topic, lost }) => topic === 'alerts' && lost && void this.#load());
    client.on('state', (state) => state.status === 'connected' && void this.#load());
    void this.#load();
  }

  async #load() {
    try {
      const found = await call(`alerts?limit=${SHOWN}`);
      for (const one of found.results) this.#alerts.set(one.alert_id, one);
      [this.#confirmation, this.#problem, this.#read] = [found.confirmation ?? [], null, true];
    } catch (error) {
      this.#problem = this.#read ? null : error;
    }
    this.#paint();
  }

  /** @param {any} alert */
  #news(alert) {
    this.#alerts.set(alert.alert_id, alert);
    this.#paint();
  }

  #paint() {
    const shown = [...this.#alerts.values()].sort((a, b) => b.raised_at.localeCompare(a.raised_at) || b.score - a.score).slice(0, SHOWN);
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
    into(part('record'), record(this.#confirmation));
    into(part('list'), this.#list(shown));
  }

  /** @param {any[]} shown */
  #list(shown) {
    if (this.#problem) return html`<div class="say bad"><b>${this.#problem.message}</b><p>${this.#problem.detail}</p><button class="button" type="button" @click=${() => this.#load()}>Try again</button></div>`;
    if (!this.#read) return html`<div class="say"><b>Loading alerts…</b></div>`;
    if (!shown.length) return html`<div class="say"><b>No alert yet</b><p>At most five contracts of an underlying are shown a day: those whose volume is far above their own and others’ usual.</p></div>`;
    return html`<ul class="alerts">${shown.map((one) => this.#row(one))}</ul>`;
  }

  /** @param {any} one */
  #row(one) {
    const open = one.alert_id === this.#open;
    const toggle = () => { this.#open = open ? '' : one.alert_id; this.#paint(); };
    return html`<li class="alert-row"><button type="button" aria-expanded=${open} @click=${toggle}>
      <span class="what"><b>${one.symbol}</b> ${words.strike(one.strike)}${one.type === 'call' ? 'C' : 'P'} <span class="quiet">${words.day(one.expiry, one.session)}</span></span>
      <span class="size">${compact(one.volume)} · ${words.dollars(one.premium)}</span>
      <span class="verdict ${one.verdict}" title=${MEANING[one.verdict] ?? ''}>${one.verdict}</span><span class="score" title="Score, 0 to 100">${Math.round(one.score)}</span>
    </button>${open ? this.#evidence(one) : nothing}</li>`;
  }

  /** @param {any} one */
  #evidence(one) {
    const number = (/** @type {number | null} */ value) => (value == null ? NONE : Math.abs(value) >= 1000 ? compact(value) : String(Number(value.toFixed(3))));
    return html`<div class="evidence"><table><caption class="hush">Conditions of ${one.rule}, version ${one.version}</caption>
      <tbody>${one.conditions.map((/** @type {any} */ c) => html`<tr><th scope="row">${c.held ? '✓' : '✗'} ${c.name}</th><td>${number(c.value)} ${c.unit}</td><td>${c.comparison} ${number(c.threshold)}</td></tr>`)}
      ${one.parts.map((/** @type {any} */ p) => html`<tr><th scope="row">${p.name}</th><td>${number(p.value)}</td><td>${(p.weight * p.share).toFixed(1)} of ${p.weight}</td></tr>`)}</tbody></table>
      <p>Open interest ${compact(one.open_interest)}${one.open_interest_date ? ` (close of ${words.day(one.open_interest_date)})` : ''}${one.change == null ? ', next day’s not known yet' : `, next day ${one.change >= 0 ? '+' : '−'}${compact(Math.abs(one.change))}: ${one.verdict}`}.
      Last ${price(one.price)}, IV ${words.percent(one.iv)}, rule ${one.rule} v${one.version}.</p><p>Bought or sold: ${one.side ?? one.side_reason}.</p>
      <p><button class="button" type="button" @click=${() => { if (one.symbol !== desk.selected) desk.select(one.symbol, { open: true }); else events.emit('select', { symbol: one.symbol, open: true }); }}>Show ${one.symbol}</button></p></div>`;
  }
}

const MEANING = /** @type {Record<string, string>} */ ({
  pending: 'Open interest of the next session is not known yet', opened: 'Open interest rose by at least half the volume',
  closed: 'Open interest fell by at least half the volume', unclear: 'Open interest changed by less than half the volume',
});

/** How often the next day's open interest said "opened", counted, beside what it was counted from. @param {any[]} rates */
function record(rates) {
  const one = rates.find((rate) => rate.rule === 'score') ?? rates[0];
  const judged = one ? one.opened + one.closed + one.unclear : 0;
  if (!one || !judged || one.share == null) return 'none confirmed yet';
  return html`<span title="95 % interval ${Math.round(100 * one.low)}–${Math.round(100 * one.high)} %">opened ${one.opened} of ${judged} (${Math.round(100 * one.share)} %)</span>`;
}

customElements.define('gs-alerts', Alerts);
