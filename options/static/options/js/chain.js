// @ts-check
/** The chosen symbol's option chain: ladder, dealer gamma, smile; read from REST when the socket says that it is new. */
/** @import {Chain, Expiry, Summary} from './types.js' */
/** @import {View} from './views.js' */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { client, desk, events, onConnected } from '../../marketdata/js/desk.js';
import { foot, picker, strip } from './around.js';
import { read } from './reading.js';
import { key } from './rows.js';
import { beside, content, room, VIEWS } from './views.js';

const MEMORY = 'gs-options-view';
/** Milliseconds after which a chain that nobody has told of is called missing. */
const PATIENCE = 4000;

class Options extends HTMLElement {
  #symbol = '';
  #view = VIEWS.find((one) => one === localStorage.getItem(MEMORY)) ?? VIEWS[0];
  /** @type {Expiry | null} */ #expiry = null;
  /** @type {Chain | null} */ #chain = null;
  /** @type {Summary | null} */ #summary = null;
  /** What the view shows beside the chain: /gex or /smile. @type {any} */ #more = null;
  /** @type {{title: string, detail: string, bad: boolean} | null} */ #problem = null;
  #centred = '';
  #asked = new AbortController();
  #stop = () => {};

  connectedCallback() {
    events.on('select', ({ symbol }) => this.open(symbol));
    onConnected(() => this.#problem?.bad && void this.#load());
    new ResizeObserver(() => this.#paint()).observe(this.#part('body'));
    this.open(desk.selected);
  }

  /** @param {string} symbol */
  open(symbol) {
    if (symbol === this.#symbol) return;
    this.#asked.abort();
    [this.#symbol, this.#expiry, this.#chain, this.#summary, this.#more, this.#problem] = [symbol, null, null, null, null, null];
    this.#stop();
    this.#stop = symbol ? client.subscribe('options', [symbol], (message) => this.#news(message)) : () => {};
    if (!symbol) this.#say('No symbol chosen', 'Choose one in the watchlist to see its options.');
    else setTimeout(() => symbol === this.#symbol && !this.#summary && this.#miss(), PATIENCE);
    this.#paint();
  }

  /** Whoever listens for a chain has it polled, and hears of it once it is there: nothing is to be asked for. */
  #miss() {
    this.#say('No option chain yet', 'Chains of shares, funds and indices are read every minute while the market is open, from the sources that have them.');
  }

  /** @param {any} message a summary */
  #news({ data }) {
    if (data.symbol !== this.#symbol) return;
    const newer = data.taken_at !== this.#summary?.taken_at;
    this.#summary = data;
    if (newer) void this.#load();
    this.#paint();
  }

  async #load() {
    this.#asked.abort();
    const { signal } = (this.#asked = new AbortController());
    const name = encodeURIComponent(this.#symbol);
    try {
      const path = beside(this.#view, name);
      const [found, summary, more] = await Promise.all([
        read(name, this.#expiry, signal), this.#summary ?? call(`options/${name}/summary`, { signal }), path ? call(path, { signal }) : null,
      ]);
      if (signal.aborted) return;
      [this.#chain, this.#expiry, this.#summary, this.#more, this.#problem] = [found.chain, found.expiry, summary, more, null];
      this.#paint();
    } catch (error) {
      const problem = /** @type {any} */ (error);
      if (problem.name !== 'AbortError') this.#say(problem.message, problem.detail ?? '', problem.status !== 404);
    }
  }

  /** @param {string} title @param {string} detail @param {boolean} [bad] an error, which may pass */
  #say(title, detail, bad = false) {
    // What is on the page already is worth more than an error about its next version.
    if (!this.#chain || !bad) this.#problem = { title, detail, bad };
    this.#paint();
  }

  /** @param {Expiry} expiry */
  #choose(expiry) {
    this.#expiry = expiry;
    void this.#load();
    this.#paint();
  }

  /** @param {View} view */
  #look(view) {
    [this.#view, this.#more] = [view, null];
    localStorage.setItem(MEMORY, view);
    this.#paint();
    if (this.#chain) void this.#load();
  }

  /** @param {string} part */
  #part = (part) => /** @type {HTMLElement} */ (this.querySelector(`[data-part="${part}"]`));

  #paint() {
    const [view, more] = [this.#view, this.#more];
    const shown = this.#problem || !this.#expiry ? null : this.#chain;
    const expiry = /** @type {Expiry} */ (this.#expiry);
    const body = this.#part('body');
    into(this.#part('views'), VIEWS.map((one) => html`<button type="button" aria-pressed=${one === view} @click=${() => this.#look(one)}>${one}</button>`));
    into(this.#part('picker'), shown ? picker(shown, expiry, (one) => this.#choose(one)) : nothing);
    this.#part('picker').classList.toggle('idle', view === 'Gamma');
    into(this.#part('summary'), shown && this.#summary ? strip(this.#summary) : nothing);
    into(this.#part('foot'), shown ? foot(shown, expiry, view, more) : nothing);
    into(body, shown ? content(view, shown, expiry, more, room(body)) : this.#words());
    if (shown && view === 'Chain') this.#centre();
  }

  #words() {
    const problem = this.#problem;
    if (!problem) return html`<div class="say"><b>Loading the chain…</b></div>`;
    const again = html`<button class="button" type="button" @click=${() => this.#load()}>Try again</button>`;
    return html`<div class="say ${problem.bad ? 'bad' : ''}"><b>${problem.title}</b><p>${problem.detail}</p>${problem.bad ? again : nothing}</div>`;
  }

  /** The spot stands in the middle when a ladder is first shown. */
  #centre() {
    const name = `${this.#symbol} ${this.#expiry && key(this.#expiry)}`;
    const [row, body] = [/** @type {HTMLElement | null} */ (this.querySelector('.after-spot')), this.#part('body')];
    // A panel behind another tab has no height yet.
    if (!row || !body.clientHeight || this.#centred === name) return;
    this.#centred = name;
    body.scrollTop = row.offsetTop - body.clientHeight / 2 + 8;
  }
}

customElements.define('gs-options', Options);
