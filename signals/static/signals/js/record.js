// @ts-check
/** The record page: how often what was said came true, beside the base rate and simply being long. */
import { html, nothing, svg } from '../../marketdata/vendor/lit-html/lit-html.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { switchTheme } from '../../marketdata/js/look.js';
import * as words from './words.js';

const GROUPS = /** @type {const} */ ([['direction', 'Direction'], ['agent', 'Agent'], ['symbol', 'Symbol'], ['regime', 'Regime']]);

class RecordPage extends HTMLElement {
  #asked = new URLSearchParams(location.search);
  #horizon = this.#asked.get('horizon') ?? '';
  #group = this.#asked.get('symbol') ? 'symbol' : 'direction';
  /** @type {any} */ #all = null;
  /** @type {any} */ #rows = null;
  /** @type {any} */ #problem = null;

  connectedCallback() {
    document.getElementById('theme')?.addEventListener('click', switchTheme);
    void this.#load();
  }

  async #load() {
    const horizon = this.#horizon ? `&horizon=${this.#horizon}` : '';
    try {
      [this.#all, this.#rows] = await Promise.all([call(`track-record?group=all${horizon}`), call(`track-record?group=${this.#group}${horizon}`)]);
      [this.#horizon, this.#problem] = [this.#all.horizon, null];
    } catch (error) {
      this.#problem = error;
    }
    into(this, this.#page());
  }

  /** @param {string} name @param {string} value */
  #choose(name, value) {
    if (name === 'horizon') this.#horizon = value;
    else this.#group = value;
    void this.#load();
  }

  #page() {
    if (this.#problem) return html`<div class="say bad"><b>${this.#problem.message}</b><p>${this.#problem.detail}</p><button class="button" type="button" @click=${() => this.#load()}>Try again</button></div>`;
    const one = this.#all.rows[0];
    const pick = (/** @type {string} */ name, /** @type {readonly (readonly [string, string])[]} */ choices, /** @type {string} */ chosen) =>
      html`<div class="segments" role="group" aria-label=${name}>${choices.map(([value, text]) => html`<button type="button" aria-pressed=${value === chosen} @click=${() => this.#choose(name, value)}>${text}</button>`)}</div>`;
    return html`<div class="record-tools">${pick('horizon', this.#all.horizons.map((/** @type {string} */ h) => [h, h]), this.#horizon)}
        <span class="quiet">${this.#all.market} market${one?.first ? `, ${one.first} to ${one.last}` : ''}${this.#all.warm ? ` · ${this.#all.warm}` : ''}</span></div>
      ${one?.record.n ? html`${cards(one)}<h2>Reliability</h2>${diagram(one)}` : html`<div class="say"><b>Nothing is graded yet</b><p>The first outcome comes when the first signal reaches its horizon.</p></div>`}
      <div class="record-tools"><h2>By</h2>${pick('group', GROUPS, this.#group)}</div>${table(this.#rows.rows)}`;
  }
}

/** @param {any} one */
function cards(one) {
  const { record } = one;
  const card = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ beside) => html`<div class="card"><dt>${name}</dt><dd>${value}<small>${beside}</small></dd></div>`;
  const digits = (/** @type {number | null} */ value) => (value == null ? '–' : value.toFixed(4));
  return html`<dl class="cards">
    ${card('Hit rate', words.exact(record.hit_rate), `base ${words.exact(record.base_rate)}; 95 %: ${words.exact(record.low)} to ${words.exact(record.high)}`)}
    ${card('Outcomes', String(record.n), `worth ${Math.round(record.n_eff)} independent ones`)}
    ${card('Mean net', words.points(record.net_bp), `always long ${words.points(record.always_long_bp)}`)}
    ${card('Brier', digits(record.brier), `skill over the base rate ${digits(record.skill)}`)}
    ${card('Calibration error', words.exact(one.ece), `noise floor ${words.exact(one.ece_floor)}`)}
    ${card('Expected range', words.exact(one.range_coverage), `of ${one.range_n} lay inside; promised 80 %`)}</dl>
    <p class="quiet">Brier = reliability ${digits(one.reliability)} − resolution ${digits(one.resolution)} + uncertainty ${digits(one.uncertainty)}${one.within == null ? '' : ` + within the bins ${digits(one.within)}`} (Murphy 1973)</p>`;
}

/** @param {any} one */
function diagram(one) {
  const bins = one.bins.filter((/** @type {any} */ bin) => bin.n && bin.hit_rate != null);
  if (!bins.length) return nothing;
  const low = Math.max(0, Math.min(0.4, ...bins.flatMap((/** @type {any} */ b) => [b.mean_confidence, b.wilson_low])) - 0.02);
  const high = Math.min(1, Math.max(0.6, ...bins.flatMap((/** @type {any} */ b) => [b.mean_confidence, b.wilson_high])) + 0.02);
  const x = (/** @type {number} */ v) => 46 + ((v - low) / (high - low)) * 400;
  const y = (/** @type {number} */ v) => 238 - ((v - low) / (high - low)) * 220;
  const ticks = Array.from({ length: Math.floor((high - Math.ceil(low * 20) / 20) * 20) + 1 }, (_, i) => Math.ceil(low * 20) / 20 + i / 20);
  return html`<div class="pane plot"><svg viewBox="0 0 460 262" role="img" aria-label="Reliability diagram: confidence shown against how often it came true">${svg`
    ${ticks.map((v) => svg`<path class="rule" d="M46 ${y(v)}H446"/><text x="40" y=${y(v) + 4} text-anchor="end">${words.percent(v)}</text><text x=${x(v)} y="256" text-anchor="middle">${words.percent(v)}</text>`)}
    <path class="diagonal" d="M${x(low)} ${y(low)}L${x(high)} ${y(high)}"/>
    ${bins.map((/** @type {any} */ b) => svg`<path class="bar-ci" d="M${x(b.mean_confidence)} ${y(b.wilson_low)}V${y(b.wilson_high)}"/><circle class="point" cx=${x(b.mean_confidence)} cy=${y(b.hit_rate)} r=${2 + 6 * Math.sqrt(b.n / Math.max(...bins.map((/** @type {any} */ o) => o.n)))}><title>${b.n} outcomes: said ${words.exact(b.mean_confidence)}, was ${words.exact(b.hit_rate)}</title></circle>`)}`}</svg>
    <p class="quiet">Across: the confidence shown. Up: how often it came true, with its 95 % interval for independent cases. The larger the dot, the more outcomes.</p></div>`;
}

/** @param {any[]} rows */
const table = (rows) => html`<div class="pane" tabindex="0" role="region" aria-label="Records"><table><thead><tr><th scope="col">Of</th><th scope="col">n</th><th scope="col">n eff.</th><th scope="col">Hit rate</th><th scope="col">95 %</th><th scope="col">Base</th><th scope="col">Mean net</th><th scope="col">Always long</th><th scope="col">Brier</th><th scope="col">Skill</th></tr></thead>
  <tbody>${rows.map(({ key, record: r }) => html`<tr><th scope="row">${words.title(key)}</th><td>${r.n}</td><td>${Math.round(r.n_eff)}</td><td>${words.exact(r.hit_rate)}</td><td>${words.exact(r.low)}–${words.exact(r.high)}</td><td>${words.exact(r.base_rate)}</td><td>${words.points(r.net_bp)}</td><td>${words.points(r.always_long_bp)}</td><td>${r.brier?.toFixed(4) ?? '–'}</td><td>${r.skill?.toFixed(4) ?? '–'}</td></tr>`)}</tbody></table></div>`;

customElements.define('gs-record', RecordPage);
