// @ts-check
/** The record page: how often what was said came true, beside the base rate and simply being long; of all symbols or of one. */
/** @import {Asked} from './asked.js' */
/** @import {TrackRecord} from './types.js' */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { announce } from '../../marketdata/js/announce.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { client, onConnected } from '../../marketdata/js/desk.js';
import { switchTheme } from '../../marketdata/js/look.js';
import { soon } from '../../marketdata/js/soon.js';
import { address, groups, read } from './asked.js';
import { diagram } from './diagram.js';
import { cards, table } from './figures.js';

/** Milliseconds after which outcomes are counted: many come at once. */
const COUNTED = 1000;
const TITLE = document.title;

class RecordPage extends HTMLElement {
  #asked = read(location.search);
  /** @type {TrackRecord | null} */ #all = null;
  /** @type {TrackRecord | null} */ #parts = null;
  /** @type {any} */ #problem = null;
  #turn = 0;
  #said = address(this.#asked);
  #count = soon(() => void this.#load(true), COUNTED);

  connectedCallback() {
    document.getElementById('theme')?.addEventListener('click', switchTheme);
    addEventListener('popstate', () => {
      this.#asked = read(location.search);
      void this.#load();
    });
    client.subscribe('outcomes', [], ({ data }) => this.#concerns(data) && this.#count());
    client.on('gap', ({ topic, lost }) => topic === 'outcomes' && lost && this.#count());
    onConnected(() => this.#count());
    client.connect();
    void this.#load();
  }

  /** @param {{symbol: string, horizon: string}} told */
  #concerns({ symbol, horizon }) {
    return horizon === this.#all?.horizon && (!this.#asked.symbol || symbol === this.#asked.symbol);
  }

  async #load(fresh = false) {
    const turn = ++this.#turn;
    const { symbol, horizon, group } = this.#asked;
    const of = `${symbol && `&symbol=${encodeURIComponent(symbol)}`}${horizon && `&horizon=${encodeURIComponent(horizon)}`}`;
    const found = await Promise.all(['all', group].map((one) => call(`track-record?group=${one}${of}`, { fresh }))).catch((problem) => ({ problem }));
    // Something else has been asked for meanwhile.
    if (turn !== this.#turn) return;
    // What is shown stays, if it could only not be counted anew.
    if ('problem' in found) this.#problem = fresh && this.#all ? this.#problem : found.problem;
    else [this.#all, this.#parts, this.#problem] = [found[0], found[1], null];
    document.title = symbol ? `${symbol} · ${TITLE}` : TITLE;
    into(this, this.#page());
    this.#say();
  }

  /** @param {Partial<Asked>} change */
  #choose(change) {
    const next = address({ ...this.#asked, ...change });
    if (next === address(this.#asked)) return;
    history.pushState(null, '', next);
    this.#asked = read(location.search);
    // The choice is seen at once, what is told of it when it comes.
    into(this, this.#page());
    void this.#load();
  }

  /** @param {Event} event of a link, which leads there without a script too @param {string} symbol */
  #follow(event, symbol) {
    const { ctrlKey, metaKey, shiftKey } = /** @type {MouseEvent} */ (event);
    if (ctrlKey || metaKey || shiftKey) return;
    event.preventDefault();
    this.#choose({ symbol });
    // What was pressed is gone.
    this.querySelector('input')?.focus({ preventScroll: true });
  }

  /** What was chosen is said aloud, what is counted anew is not. */
  #say() {
    const here = address(this.#asked);
    if (!this.#problem && here !== this.#said) announce(`${this.#asked.symbol || 'All symbols'}: ${this.#all?.outcomes} outcomes`);
    this.#said = here;
  }

  #page() {
    const all = this.#all;
    const horizons = (all?.horizons ?? []).map((one) => /** @type {const} */ ([one, one]));
    return html`<div class="record-tools">${horizons.length ? this.#pick('horizon', 'Horizon', horizons, this.#asked.horizon || String(all?.horizon)) : nothing}
      ${this.#filter()}${this.#problem || !all ? nothing : html`<span class="quiet">${about(all)}</span>`}</div>${this.#problem || !all ? this.#failed() : this.#told(all)}`;
  }

  #filter() {
    const { symbol, horizon, group } = this.#asked;
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#choose({ symbol: /** @type {HTMLInputElement} */ (this.querySelector('input')).value });
    };
    return html`<form class="of-symbol" action="/record" role="search" @submit=${submit}>
      <label>Symbol <input name="symbol" .value=${symbol} placeholder="all" maxlength="32" size="8" autocomplete="off" autocapitalize="characters" spellcheck="false" enterkeyhint="search"></label>
      <button class="button" type="submit">Show</button>
      ${symbol ? html`<a class="button" href=${address({ symbol: '', horizon, group })} @click=${(/** @type {Event} */ event) => this.#follow(event, '')}>All symbols</a>` : nothing}</form>`;
  }

  #failed() {
    return html`<div class="say bad"><b>${this.#problem.message}</b><p>${this.#problem.detail}</p><button class="button" type="button" @click=${() => this.#load()}>Try again</button></div>`;
  }

  /** @param {TrackRecord} all */
  #told(all) {
    const [whole] = all.rows;
    const { symbol, horizon, group } = this.#asked;
    const link = (/** @type {string} */ one) => html`<a href=${address({ symbol: one, horizon, group })} @click=${(/** @type {Event} */ event) => this.#follow(event, one)}>${one}</a>`;
    return html`${all.warm ? html`<p class="quiet">${all.warm}.</p>` : nothing}
      ${whole ? html`${cards(whole)}<h2>Reliability</h2>${diagram(whole)}
        <div class="record-tools"><h2>By</h2>${this.#pick('group', 'Group', groups(symbol), group)}</div>${table(this.#parts?.rows ?? [], this.#parts?.group ?? group, link)}`
    : html`<div class="say"><b>Nothing${symbol && ` of ${symbol}`} is graded yet</b><p>${all.reason}.</p><a class="button" href="/">See the signals</a></div>`}`;
  }

  /** @param {'horizon' | 'group'} name @param {string} label @param {readonly (readonly [string, string])[]} choices @param {string} chosen */
  #pick(name, label, choices, chosen) {
    return html`<div class="segments" role="group" aria-label=${label}>${choices.map(([value, text]) => html`<button type="button" aria-pressed=${value === chosen} @click=${() => this.#choose({ [name]: value })}>${text}</button>`)}</div>`;
  }
}

/** @param {TrackRecord} all */
function about({ market, symbol, outcomes, total, agent_set: agents, rows: [whole] }) {
  const when = whole?.first ? `, ${whole.first} to ${whole.last}` : '';
  const whose = symbol ? `${symbol} alone, beside the base rate of all; ` : '';
  return `${whose}${market} market${when}, agents ${agents}${total > outcomes ? `; the last ${outcomes} of ${total} outcomes` : ''}`;
}

customElements.define('gs-record', RecordPage);
