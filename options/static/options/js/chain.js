// @ts-check
/** The chosen symbol's option chain: ladder, dealer gamma, smile; read from REST when the socket says that it is new. */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { client, desk, events } from '../../marketdata/js/desk.js';
import { ladder } from './ladder.js';
import * as plots from './plots.js';
import * as words from './words.js';

const VIEWS = /** @type {const} */ (['Chain', 'Gamma', 'Smile']);
const SHOWN_EXPIRIES = 3;
const MEMORY = 'gs-options-view';
/** Milliseconds after which a chain that nobody has told of is called missing. */
const PATIENCE = 4000;

class Options extends HTMLElement {
  #symbol = '';
  #expiry = '';
  #view = VIEWS.find((one) => one === localStorage.getItem(MEMORY)) ?? VIEWS[0];
  /** @type {any} */ #chain = null;
  /** @type {any} */ #summary = null;
  /** What the view shows beside the chain: /gex or /smile. @type {any} */ #more = null;
  /** @type {{title: string, detail: string, bad: boolean} | null} */ #problem = null;
  #centred = '';
  #asked = new AbortController();
  #stop = () => {};

  connectedCallback() {
    events.on('select', ({ symbol }) => this.open(symbol));
    client.on('state', (state) => state.status === 'connected' && this.#problem && void this.#load());
    new ResizeObserver(() => this.#centre()).observe(this.#part('body'));
    this.open(desk.selected);
  }

  /** @param {string} symbol */
  open(symbol) {
    if (symbol === this.#symbol) return;
    [this.#symbol, this.#expiry, this.#chain, this.#summary, this.#more, this.#problem] = [symbol, '', null, null, null, null];
    this.#stop();
    this.#stop = symbol ? client.subscribe('options', [symbol], (message) => this.#news(message)) : () => {};
    this.#paint();
    if (!symbol) return this.#say('No symbol chosen', 'Choose one in the watchlist to see its options.', false);
    setTimeout(() => symbol === this.#symbol && !this.#summary && this.#miss(), PATIENCE);
    return undefined;
  }

  /** A watched symbol's chain is told of once it is there; one on no list is polled because somebody asks for it. */
  #miss() {
    if (!desk.watched.has(this.#symbol)) return void this.#load();
    return this.#say('No option chain yet', 'Chains of shares, funds and indices are read every minute, from the sources that have them.', false);
  }

  /** @param {any} message a summary */
  #news(message) {
    if (message.data.symbol !== this.#symbol) return;
    const newer = message.data.taken_at !== this.#summary?.taken_at;
    this.#summary = message.data;
    if (newer) void this.#load();
    this.#paint();
  }

  async #load() {
    this.#asked.abort();
    const { signal } = (this.#asked = new AbortController());
    try {
      const name = encodeURIComponent(this.#symbol);
      const read = (/** @type {string} */ path) => call(path, { signal });
      this.#expiry ||= (await read(`market-data/${name}/options?limit=1`)).expiries[0]?.date ?? '';
      const chain = await read(`market-data/${name}/options?limit=1000&expiry=${this.#expiry}`);
      const beside = { Chain: null, Gamma: `options/${name}/gex`, Smile: `options/${name}/smile` }[this.#view];
      const [summary, more] = await Promise.all([this.#summary ?? read(`options/${name}/summary`), beside ? read(beside) : null]);
      if (signal.aborted) return undefined;
      [this.#chain, this.#summary, this.#more, this.#problem] = [chain, summary, more, null];
      return this.#paint();
    } catch (error) {
      const problem = /** @type {any} */ (error);
      if (problem.name === 'AbortError') return undefined;
      return this.#say(problem.message, problem.detail ?? '', problem.status !== 404);
    }
  }

  /** @param {string} title @param {string} detail @param {boolean} bad */
  #say(title, detail, bad) {
    // What is on the page already is worth more than an error about its next version.
    if (!this.#chain || !bad) this.#problem = { title, detail, bad };
    this.#paint();
  }

  /** @param {string} expiry */
  #choose(expiry) {
    this.#expiry = expiry;
    void this.#load();
    this.#paint();
  }

  /** @param {typeof VIEWS[number]} view */
  #look(view) {
    [this.#view, this.#more] = [view, null];
    localStorage.setItem(MEMORY, view);
    this.#paint();
    if (!this.#problem) void this.#load();
  }

  /** @param {string} part */
  #part = (part) => /** @type {HTMLElement} */ (this.querySelector(`[data-part="${part}"]`));

  #paint() {
    const shown = this.#problem ? null : this.#chain;
    into(this.#part('picker'), this.#picker(shown));
    into(this.#part('views'), VIEWS.map((view) => html`<button type="button" aria-pressed=${view === this.#view} @click=${() => this.#look(view)}>${view}</button>`));
    into(this.#part('summary'), shown && this.#summary ? strip(this.#summary) : nothing);
    into(this.#part('body'), this.#body(shown));
    into(this.#part('foot'), shown ? this.#foot(shown) : nothing);
    if (shown && this.#view === 'Chain') this.#centre();
  }

  /** @param {any} chain */
  #picker(chain) {
    if (!chain?.expiries.length) return nothing;
    const today = chain.session ?? '';
    const dates = [...new Set(chain.expiries.map((/** @type {any} */ one) => one.date))];
    const button = (/** @type {any} */ date) => html`<button type="button" aria-pressed=${date === this.#expiry} @click=${() => this.#choose(date)}>${words.day(date, today)}</button>`;
    const days = (/** @type {any} */ date) => chain.expiries.find((/** @type {any} */ one) => one.date === date).days;
    return html`<div class="segments wide" role="group" aria-label="Expiry">${dates.slice(0, SHOWN_EXPIRIES).map(button)}</div>
      <select aria-label="All expiries" .value=${this.#expiry} @change=${(/** @type {any} */ event) => this.#choose(event.target.value)}>
        ${dates.map((date) => html`<option value=${date} ?selected=${date === this.#expiry}>${words.day(/** @type {string} */ (date), today)} · ${Math.round(days(date))} d</option>`)}</select>`;
  }

  /** @param {any} chain */
  #body(chain) {
    const problem = this.#problem;
    if (problem) return html`<div class="say ${problem.bad ? 'bad' : ''}"><b>${problem.title}</b><p>${problem.detail}</p>
      ${problem.bad ? html`<button class="button" type="button" @click=${() => this.#load()}>Try again</button>` : nothing}</div>`;
    if (!chain) return html`<div class="say"><b>Loading the chain…</b></div>`;
    const spot = chain.spot;
    if (this.#view === 'Chain') return this.#ladder(chain);
    if (!this.#more) return html`<div class="say"><b>Loading…</b></div>`;
    const slice = this.#more.expiries?.find((/** @type {any} */ one) => one.expiry === this.#expiry);
    const drawn = (this.#view === 'Gamma'
      ? [plots.gamma(this.#more, spot), plots.gammaBySpot(this.#more, spot)]
      : [plots.smile(slice, spot), plots.structure(this.#more.term ?? [])]).filter(Boolean);
    if (drawn.length) return html`<div class="plots">${drawn}</div>`;
    const why = this.#view === 'Gamma' ? this.#summary?.reasons?.gex : this.#summary?.reasons?.iv30;
    return html`<div class="say"><b>Nothing to draw</b><p>${why || 'This chain has too few quoted contracts.'}</p></div>`;
  }

  /** @param {any} chain */
  #ladder(chain) {
    const results = chain.results.filter((/** @type {any} */ one) => one.expiry === this.#expiry);
    if (!results.length) return html`<div class="say"><b>Loading ${words.day(this.#expiry)}…</b></div>`;
    return ladder({ symbol: chain.symbol, spot: chain.spot, results, expiry: this.#expiry });
  }

  /** @param {any} chain */
  #foot(chain) {
    if (this.#view === 'Gamma') return html`${this.#more?.assumption ?? ''}`;
    const at = chain.taken_at ? new Date(chain.taken_at).toLocaleTimeString('en-US', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) : '';
    const of = chain.expiries.find((/** @type {any} */ one) => one.date === this.#expiry);
    const forward = of && !of.by_parity ? 'forward from the spot: no two-sided quotes' : 'forward by put-call parity';
    return html`${at} ET${chain.simulated ? ', simulated' : `, ${chain.vendor}`} · shade is size · <span class="mark">◆</span> unusual · volatility European, out-of-the-money smile, ${forward}`;
  }

  /** The spot stands in the middle when a chain is first shown. */
  #centre() {
    const key = `${this.#symbol} ${this.#expiry}`;
    const [row, body] = [/** @type {HTMLElement | null} */ (this.querySelector('.after-spot')), this.#part('body')];
    // A panel behind another tab has no height yet.
    if (!row || !body.clientHeight || this.#centred === key) return;
    this.#centred = key;
    body.scrollTop = row.offsetTop - body.clientHeight / 2 + row.offsetHeight / 2;
  }
}

/** @param {any} summary */
const strip = (summary) => words.summary(summary).map(({ name, value, why }) =>
  html`<div title=${why}><dt>${name}</dt><dd class=${value === '–' ? 'none' : ''}>${value}</dd></div>`);

customElements.define('gs-options', Options);
