// @ts-check
/** The record page: how often what was said came true, beside the base rate and simply being long. */
/** @import {TrackRecord} from './types.js' */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { switchTheme } from '../../marketdata/js/look.js';
import { diagram } from './diagram.js';
import { cards, table } from './figures.js';

const GROUPS = /** @type {const} */ ([['direction', 'Direction'], ['agent', 'Agent'], ['symbol', 'Symbol'], ['regime', 'Regime']]);

class RecordPage extends HTMLElement {
  #asked = new URLSearchParams(location.search);
  #horizon = this.#asked.get('horizon') ?? '';
  /** @type {string} */ #group = this.#asked.get('symbol') ? 'symbol' : 'direction';
  /** @type {TrackRecord | null} */ #all = null;
  /** @type {TrackRecord | null} */ #parts = null;
  /** @type {any} */ #problem = null;

  connectedCallback() {
    document.getElementById('theme')?.addEventListener('click', switchTheme);
    void this.#load();
  }

  async #load() {
    const horizon = this.#horizon ? `&horizon=${encodeURIComponent(this.#horizon)}` : '';
    try {
      [this.#all, this.#parts] = await Promise.all([call(`track-record?group=all${horizon}`), call(`track-record?group=${this.#group}${horizon}`)]);
      this.#problem = null;
    } catch (error) {
      this.#problem = error;
    }
    into(this, this.#page());
  }

  /** @param {'horizon' | 'group'} name @param {string} value */
  #choose(name, value) {
    if (name === 'horizon') this.#horizon = value;
    else this.#group = value;
    void this.#load();
  }

  #page() {
    if (this.#problem) return html`<div class="say bad"><b>${this.#problem.message}</b><p>${this.#problem.detail}</p><button class="button" type="button" @click=${() => this.#load()}>Try again</button></div>`;
    const all = /** @type {TrackRecord} */ (this.#all);
    const [whole] = all.rows;
    const horizons = all.horizons.map((one) => /** @type {const} */ ([one, one]));
    return html`<div class="record-tools">${this.#pick('horizon', 'Horizon', horizons, all.horizon)}<span class="quiet">${about(all)}</span></div>
      ${all.warm ? html`<p class="quiet">${all.warm}.</p>` : nothing}
      ${whole ? html`${cards(whole)}<h2>Reliability</h2>${diagram(whole)}
        <div class="record-tools"><h2>By</h2>${this.#pick('group', 'Group', GROUPS, this.#group)}</div>${table(this.#parts?.rows ?? [], this.#parts?.group ?? this.#group)}`
    : html`<div class="say"><b>Nothing is graded yet</b><p>${all.reason}.</p><a class="button" href="/">See the signals</a></div>`}`;
  }

  /** @param {'horizon' | 'group'} name @param {string} label @param {readonly (readonly [string, string])[]} choices @param {string} chosen */
  #pick(name, label, choices, chosen) {
    return html`<div class="segments" role="group" aria-label=${label}>${choices.map(([value, text]) => html`<button type="button" aria-pressed=${value === chosen} @click=${() => this.#choose(name, value)}>${text}</button>`)}</div>`;
  }
}

/** @param {TrackRecord} all */
function about({ market, outcomes, total, agent_set: agents, rows: [whole] }) {
  const when = whole?.first ? `, ${whole.first} to ${whole.last}` : '';
  return `${market} market${when}, agents ${agents}${total > outcomes ? `; the last ${outcomes} of ${total} outcomes` : ''}`;
}

customElements.define('gs-record', RecordPage);
