// @ts-check
/** Contracts whose trading today is worth a look, each with its evidence and, from the next day on, what became of it. */
/** @import {Alert, Confirmation} from './types.js' */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { client, desk, onConnected } from '../../marketdata/js/desk.js';
import { compact } from '../../marketdata/js/format.js';
import { soon } from '../../marketdata/js/soon.js';
import { evidence, MEANING, record } from './evidence.js';
import * as words from './words.js';

const SHOWN = 20;
/** Milliseconds after which a verdict is counted: others come with it. */
const COUNTED = 1000;

class Alerts extends HTMLElement {
  /** @type {Map<string, Alert>} */ #alerts = new Map();
  /** @type {Confirmation[]} */ #confirmation = [];
  #open = '';
  /** @type {any} */ #problem = null;
  #read = false;
  #count = soon(() => void this.#load(true), COUNTED);

  connectedCallback() {
    client.subscribe('alerts', [], (message) => this.#news(message.data));
    client.subscribe('verdicts', [], (message) => this.#judged(message.data));
    client.on('gap', ({ topic, lost }) => ['alerts', 'verdicts'].includes(topic) && lost && void this.#load());
    onConnected(() => void this.#load());
    void this.#load();
  }

  async #load(fresh = false) {
    try {
      const found = await call(`alerts?limit=${SHOWN}`, { fresh });
      for (const one of found.results) this.#alerts.set(one.alert_id, one);
      [this.#confirmation, this.#problem, this.#read] = [found.confirmation, null, true];
    } catch (error) {
      this.#problem = this.#read ? null : error;
    }
    this.#paint();
  }

  /** @param {Alert} alert */
  #judged(alert) {
    this.#news(alert);
    this.#count();
  }

  /** @param {Alert} alert as it was raised, or judged */
  #news(alert) {
    // It may be told again as it was raised, by whoever took over.
    if (alert.verdict === 'pending' && this.#alerts.has(alert.alert_id)) return;
    this.#alerts.set(alert.alert_id, alert);
    for (const one of this.#newest.slice(SHOWN)) this.#alerts.delete(one.alert_id);
    this.#paint();
  }

  get #newest() {
    return [...this.#alerts.values()].sort((a, b) => b.raised_at.localeCompare(a.raised_at) || (b.score ?? 0) - (a.score ?? 0));
  }

  #paint() {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
    into(part('record'), record(this.#confirmation));
    into(part('list'), this.#list(this.#newest));
  }

  /** @param {Alert[]} shown */
  #list(shown) {
    if (this.#problem) return html`<div class="say bad"><b>${this.#problem.message}</b><p>${this.#problem.detail}</p><button class="button" type="button" @click=${() => this.#load()}>Try again</button></div>`;
    if (!shown.length && !this.#read) return html`<div class="say"><b>Loading alerts…</b></div>`;
    if (!shown.length) return html`<div class="say"><b>No alert yet</b><p>At most five contracts of an underlying are shown a day: those whose volume is far above their own and others’ usual.</p></div>`;
    return html`<ul class="alerts">${shown.map((one) => this.#row(one))}</ul>`;
  }

  /** @param {Alert} one */
  #row(one) {
    const open = one.alert_id === this.#open;
    return html`<li class="alert-row"><button type="button" aria-expanded=${open} @click=${() => this.#toggle(one)}>
      <span class="what"><b>${one.symbol}</b> ${words.strike(one.strike)}${one.type === 'call' ? 'C' : 'P'} <span class="quiet">${words.day(one.expiry, one.session)}</span></span>
      <span class="size">${compact(one.volume)} · ${words.dollars(one.premium)}</span>
      <span class="verdict ${one.verdict}" title=${MEANING[one.verdict] ?? ''}>${one.verdict}</span><span class="score" title="Score, 0 to 100">${Math.round(one.score ?? 0)}</span>
    </button>${open ? this.#opened(one) : nothing}</li>`;
  }

  /** @param {Alert} one */
  #toggle(one) {
    this.#open = this.#open === one.alert_id ? '' : one.alert_id;
    this.#paint();
  }

  /** @param {Alert} one */
  #opened(one) {
    const show = () => desk.select(one.symbol, { open: true });
    return html`<div class="evidence">${evidence(one)}<p><button class="button" type="button" @click=${show}>Show ${one.symbol}</button></p></div>`;
  }
}

customElements.define('gs-alerts', Alerts);
