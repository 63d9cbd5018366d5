// @ts-check
/** The signals, newest first, each with its record, votes and what-ifs on demand. */
/** @import {Explanation, Outcome, Signal} from './types.js' */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { announce } from '../../marketdata/js/announce.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { client, desk, events, now, onConnected } from '../../marketdata/js/desk.js';
import { shortSpan } from '../../marketdata/js/format.js';
import { Herald } from './herald.js';
import { mark, markAll } from './marking.js';
import { Shelf } from './shelf.js';
import * as parts from './votes.js';
import * as words from './words.js';
import './whatif.js';

const SHOWN = 40;
const AGES_EVERY = 30_000;
const MEMORY = 'gs-horizon';

class Signals extends HTMLElement {
  #shelf = new Shelf();
  /** @type {Map<string, Explanation | {problem: any}>} */ #explained = new Map();
  #herald = new Herald(announce);
  /** @type {string[]} */ #horizons = [];
  /** The only one shown; '' for all. @type {string | null} */ #horizon = localStorage.getItem(MEMORY);
  #open = '';
  /** @type {any} */ #problem = null;
  #read = false;

  connectedCallback() {
    client.subscribe('signals', [], (message) => this.#news(message.data));
    client.subscribe('outcomes', [], (message) => this.#graded(message.data));
    client.on('gap', ({ topic, lost }) => ['signals', 'outcomes'].includes(topic) && lost && void this.#load());
    onConnected(() => void this.#load());
    events.on('select', () => void markAll(this.#shelf));
    setInterval(() => document.hidden || this.#paint(), AGES_EVERY);
    void this.#load();
  }

  async #load() {
    try {
      if (!this.#horizons.length) this.#horizons = (await call('track-record')).horizons;
      // Nobody chose yet: the first one, which the settings think most of.
      this.#horizon ??= this.#horizons[0] ?? '';
      if (!this.#horizons.includes(this.#horizon)) this.#horizon = '';
      const { results } = await call(`signals?limit=${SHOWN}${this.#horizon && `&horizon=${this.#horizon}`}`);
      this.#shelf.put(results);
      [this.#problem, this.#read] = [null, true];
    } catch (error) {
      this.#problem = this.#read ? null : error;
    }
    this.#paint();
    void markAll(this.#shelf);
  }

  /** @param {Signal} signal */
  #news(signal) {
    for (const one of this.#shelf.put([signal])) this.#herald.tell(one);
    this.#paint();
    mark(this.#shelf);
  }

  /** @param {{signal_id: string, outcome: Outcome}} told */
  #graded({ signal_id: id, outcome }) {
    if (!this.#shelf.grade(id, outcome)) return;
    // What-ifs are hindsight from now on.
    this.#explained.delete(id);
    this.#paint();
    if (this.#open === id) void this.#explain(id);
  }

  /** @param {string} horizon */
  #choose(horizon) {
    this.#horizon = horizon;
    localStorage.setItem(MEMORY, horizon);
    this.#paint();
    void this.#load();
  }

  /** @param {string} name */
  #part = (name) => /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));

  #paint() {
    const choices = this.#horizons.length > 1 ? ['', ...this.#horizons] : [];
    into(this.#part('horizons'), choices.map((one) => html`<button type="button" aria-pressed=${one === this.#horizon} @click=${() => this.#choose(one)}>${one || 'All'}</button>`));
    into(this.#part('list'), this.#list(this.#shelf.newest(this.#horizon ?? '', SHOWN)));
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
    this.#explained.set(id, await call(`signals/${id}/explain`, { fresh: true }).catch((problem) => ({ problem })));
    this.#paint();
  }

  /** @param {Signal} brief as announced; explained once it is there */
  #drill(brief) {
    const found = this.#explained.get(brief.signal_id);
    const explained = found && 'signal' in found ? found : null;
    const one = explained?.signal ?? brief;
    return html`<div class="drill">${parts.levels(one)}<p class="said">${words.record(one.record)}</p>${parts.outcome(one)}
      ${parts.votes(one)}${parts.gates(one)}<details><summary>All of it in words</summary><p class="said">${one.reasoning}</p></details>
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
const headline = (one) => html`Leans <span class="lean ${one.lean}">${words.ARROW[one.lean]} ${one.lean}</span>${one.reasons.length ? `: ${words.why(one.reasons)}` : ''}.${one.outcome ? html` <b class="graded ${one.outcome.won ? 'won' : 'lost'}">${words.graded(one.outcome)}.</b>` : nothing}
  <span class="voted">${words.strongest(one)}</span>`;

customElements.define('gs-signals', Signals);
