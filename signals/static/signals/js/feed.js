// @ts-check
/** The signals, newest first, each with its record, votes and what-ifs on demand. */
/** @import {Explanation, Signal} from './types.js' */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { announce } from '../../marketdata/js/announce.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { client, desk, events, now } from '../../marketdata/js/desk.js';
import { shortSpan } from '../../marketdata/js/format.js';
import { Herald } from './herald.js';
import * as parts from './votes.js';
import * as words from './words.js';
import './whatif.js';

const SHOWN = 40;
const AGES_EVERY = 30_000;

class Signals extends HTMLElement {
  /** @type {Map<string, Signal>} */ #signals = new Map();
  /** @type {Map<string, Explanation | {problem: any}>} */ #explained = new Map();
  #herald = new Herald(announce);
  #open = '';
  /** @type {any} */ #problem = null;
  #read = false;

  connectedCallback() {
    client.subscribe('signals', [], (message) => this.#news(message.data));
    client.on('gap', ({ topic, lost }) => topic === 'signals' && lost && void this.#load());
    client.on('state', (state) => state.status === 'connected' && void this.#load());
    events.on('select', () => this.#mark());
    setInterval(() => document.hidden || this.#paint(), AGES_EVERY);
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

  /** @param {Signal} signal */
  #news(signal) {
    if (!this.#signals.has(signal.signal_id)) this.#herald.tell(signal);
    this.#signals.set(signal.signal_id, signal);
    for (const one of this.#newest.slice(SHOWN)) this.#signals.delete(one.signal_id);
    this.#paint();
    this.#mark();
  }

  get #newest() {
    return [...this.#signals.values()].sort((a, b) => b.at.localeCompare(a.at) || rank(b) - rank(a) || a.symbol.localeCompare(b.symbol));
  }

  /** The chart marks the chosen symbol's signals. */
  #mark() {
    const own = [...this.#signals.values()].filter((one) => one.symbol === desk.selected);
    events.emit('marks', own.map((one) => ({ at: Date.parse(one.at) / 1000, type: one.signal_type, confidence: one.confidence })));
  }

  #paint() {
    into(/** @type {HTMLElement} */ (this.querySelector('[data-part="list"]')), this.#list(this.#newest));
  }

  /** @param {Signal[]} shown */
  #list(shown) {
    const problem = this.#problem;
    if (problem) return html`<div class="say bad"><b>${problem.message}</b><p>${problem.detail}</p><button class="button" type="button" @click=${() => this.#load()}>Try again</button></div>`;
    if (!shown.length && !this.#read) return html`<div class="say"><b>Loading signals…</b></div>`;
    if (!shown.length) return html`<div class="say"><b>No signal yet</b><p>Each symbol of the watchlist is judged when a bar closes. The agents first walk through the past once, so that the first confidence is a measured one.</p></div>`;
    return html`<ul class="signals">${shown.map((one) => this.#row(one))}</ul>`;
  }

  /** @param {Signal} one */
  #row(one) {
    const open = one.signal_id === this.#open;
    return html`<li class="signal"><button type="button" aria-expanded=${open} @click=${() => this.#toggle(one)}>
      <span class="call ${one.signal_type}">${one.signal_type}</span>
      <span class="name"><b>${one.symbol}</b> <span class="quiet">${one.horizon} · ${shortSpan(now() - Date.parse(one.at))}</span></span>
      ${sure(one)}<span class="why">${headline(one)}</span></button>${open ? this.#drill(one) : nothing}</li>`;
  }

  /** @param {Signal} one */
  #toggle(one) {
    this.#open = this.#open === one.signal_id ? '' : one.signal_id;
    this.#paint();
    if (this.#open) void this.#explain(one.signal_id);
  }

  /** @param {string} id */
  async #explain(id) {
    this.#explained.set(id, await call(`signals/${id}/explain`).catch((problem) => ({ problem })));
    this.#paint();
  }

  /** @param {Signal} brief as announced; explained once it is there */
  #drill(brief) {
    const found = this.#explained.get(brief.signal_id);
    const explained = found && 'signal' in found ? found : null;
    const one = explained?.signal ?? brief;
    return html`<div class="drill">${parts.levels(one)}<p class="said">${one.reasoning}</p><p class="said">${words.record(one.record)}</p>
      ${parts.outcome(one)}${parts.votes(one)}${parts.gates(one)}
      ${explained ? html`<gs-what-if .explained=${explained}></gs-what-if>` : this.#waiting(found, one.signal_id)}
      <p class="hashes">inputs ${one.inputs} · decision ${one.decision} · agents ${one.agent_set}${explained?.ledger ? ` · ledger ${explained.ledger.seq}` : ''}</p>
      <p><button class="button" type="button" @click=${() => desk.select(one.symbol, { open: true })}>Show ${one.symbol}</button>
        <a class="quiet" href="/record?symbol=${encodeURIComponent(one.symbol)}&amp;horizon=${one.horizon}">Its record</a></p></div>`;
  }

  /** @param {any} found what could not be explained, if that is so @param {string} id */
  #waiting(found, id) {
    if (!found) return html`<p class="said">Looking up what would have turned it…</p>`;
    return html`<p class="said">${found.problem.message}. <button class="button" type="button" @click=${() => this.#explain(id)}>Try again</button></p>`;
  }
}

/** Confidence never without its base rate. @param {Signal} one */
const sure = (one) => html`<span class="confidence" title="Calibrated probability that this lean wins after costs, and how often such a lean wins anyway"><b>${words.percent(one.confidence)}</b>
  <small>${one.base_rate == null ? 'not calibrated' : `base ${words.percent(one.base_rate)}`}</small></span>`;

/** @param {Signal} one */
const headline = (one) => html`Leans <span class="lean ${one.lean}">${words.ARROW[one.lean]} ${one.lean}</span>${one.reasons.length ? `: ${words.why(one.reasons)}` : ''}.
  <span class="voted">${words.strongest(one)}</span>`;

/** Calls before leans, strong leans before weak ones. @param {Signal} one */
const rank = (one) => (one.signal_type === 'HOLD' ? Math.abs(one.score ?? 0) : 2);

customElements.define('gs-signals', Signals);
