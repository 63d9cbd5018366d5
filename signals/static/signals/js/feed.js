// @ts-check
/** The signals, newest first, each with its record and votes on demand; new ones are announced at most every ten seconds. */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { announce } from '../../marketdata/js/announce.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { client, desk, events, now } from '../../marketdata/js/desk.js';
import { shortSpan } from '../../marketdata/js/format.js';
import * as parts from './votes.js';
import * as words from './words.js';

const SHOWN = 40;
const ANNOUNCE_EVERY = 10_000;

class Signals extends HTMLElement {
  /** @type {Map<string, any>} */ #signals = new Map();
  /** @type {Map<string, any>} */ #explained = new Map();
  #open = '';
  /** @type {any} */ #problem = null;
  #read = false;
  #announced = 0;

  connectedCallback() {
    client.subscribe('signals', [], (message) => this.#news(message));
    client.on('gap', ({ topic, lost }) => topic === 'signals' && lost && void this.#load());
    client.on('state', (state) => state.status === 'connected' && void this.#load());
    events.on('select', () => this.#mark());
    setInterval(() => document.hidden || this.#paint(), 30_000);
    void this.#load();
  }

  async #load() {
    try {
      const { results } = await call(`signals?limit=${SHOWN}`);
      for (const one of results) this.#signals.set(one.signal_id, one);
      [this.#problem, this.#read] = [null, true];
    } catch (error) {
      this.#problem = this.#read ? null : error;
    }
    this.#paint();
    this.#mark();
  }

  /** @param {any} message */
  #news({ data }) {
    this.#signals.set(data.signal_id, data);
    if (Date.now() - this.#announced > ANNOUNCE_EVERY) {
      this.#announced = Date.now();
      announce(`${data.signal_type} ${data.symbol}, ${data.horizon}`);
    }
    this.#paint();
    this.#mark();
  }

  get #shown() {
    return [...this.#signals.values()].sort((a, b) => b.at.localeCompare(a.at) || rank(b) - rank(a) || a.symbol.localeCompare(b.symbol)).slice(0, SHOWN);
  }

  /** The chart marks the chosen symbol's signals. */
  #mark() {
    const own = [...this.#signals.values()].filter((one) => one.symbol === desk.selected);
    events.emit('marks', own.map((one) => ({ at: Date.parse(one.at) / 1000, type: one.signal_type, lean: one.lean, confidence: one.confidence })));
  }

  #paint() {
    into(/** @type {HTMLElement} */ (this.querySelector('[data-part="list"]')), this.#list());
  }

  #list() {
    if (this.#problem) return html`<div class="say bad"><b>${this.#problem.message}</b><p>${this.#problem.detail}</p><button class="button" type="button" @click=${() => this.#load()}>Try again</button></div>`;
    if (!this.#read) return html`<div class="say"><b>Loading signals…</b></div>`;
    const shown = this.#shown;
    if (!shown.length) return html`<div class="say"><b>No signal yet</b><p>Each symbol of the watchlist is judged when a bar closes. The agents first walk through the past once, so that the first confidence is a measured one.</p></div>`;
    return html`<ul class="signals">${shown.map((one) => this.#row(one))}</ul>`;
  }

  /** @param {any} one */
  #row(one) {
    const open = one.signal_id === this.#open;
    const hold = one.signal_type === 'HOLD';
    return html`<li class="signal"><button type="button" aria-expanded=${open} @click=${() => this.#toggle(one)}>
      <span class="call ${one.signal_type}">${one.signal_type}</span>
      <span class="name"><b>${one.symbol}</b> <span class="quiet">${one.horizon}${hold ? html` · leans <span class="lean ${one.lean === 'flat' ? '' : one.lean}">${words.ARROW[one.lean]} ${one.lean}</span>` : ''}</span></span>
      <span class="quiet">${shortSpan(now() - Date.parse(one.at))}</span>
      <span class="confidence" title="Calibrated probability that this lean wins after costs; base rate ${words.exact(one.base_rate)}">${words.percent(one.confidence)}</span>
      <span class="why">${headline(one)}</span></button>${open ? this.#drill(one) : nothing}</li>`;
  }

  /** @param {any} one */
  #toggle(one) {
    this.#open = this.#open === one.signal_id ? '' : one.signal_id;
    this.#paint();
    if (this.#open && !this.#explained.has(one.signal_id)) {
      call(`signals/${one.signal_id}/explain`).then((found) => this.#explained.set(one.signal_id, found), () => {}).then(() => this.#paint());
    }
  }

  /** @param {any} brief as announced; explained once it is there */
  #drill(brief) {
    const explained = this.#explained.get(brief.signal_id);
    const one = explained?.signal ?? brief;
    return html`<div class="drill">${parts.levels(one)}<p class="said">${words.record(one.record)}</p>${parts.outcome(one)}
      ${parts.votes(one)}${parts.gates(one)}${parts.whatIf(explained)}
      <p class="hashes">inputs ${one.inputs} · decision ${one.decision} · ${one.agent_set}</p>
      <p><button class="button" type="button" @click=${() => desk.select(one.symbol, { open: true })}>Show ${one.symbol}</button> <a class="quiet" href="/record?symbol=${encodeURIComponent(one.symbol)}&amp;horizon=${one.horizon}">its record</a></p></div>`;
  }
}

/** @param {any} one */
const rank = (one) => (one.signal_type === 'HOLD' ? Math.abs(one.score ?? 0) : 2);

/** The first two sentences; the rest is behind the button. @param {any} one */
const headline = (one) => one.reasoning.split(/(?<=[.!?])\s+/).slice(0, 2).join(' ');

customElements.define('gs-signals', Signals);
