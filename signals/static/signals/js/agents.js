// @ts-check
/** One line for each agent: what it weighs, how long it took, and how often its own leans won. */
/** @import {Agent} from './types.js' */
import { html, nothing, svg } from '../../marketdata/vendor/lit-html/lit-html.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { onConnected } from '../../marketdata/js/desk.js';
import { milliseconds, span } from '../../marketdata/js/format.js';
import * as words from './words.js';

const EVERY = 30_000;
const DOTS = /** @type {Record<string, string>} */ ({ ok: 'ok', abstains: 'warn', idle: 'idle', failing: 'bad' });

class Agents extends HTMLElement {
  connectedCallback() {
    setInterval(() => document.hidden || void this.#load(), EVERY);
    onConnected(() => void this.#load());
    void this.#load();
  }

  async #load() {
    try {
      const { agents, judge } = await call('agents');
      const most = Math.max(0, ...agents.map((/** @type {Agent} */ one) => one.share ?? 0)) || 1;
      const still = judge.running || !judge.last ? nothing : html`<p class="said bad">${agents[0]?.reason}</p>`;
      this.#show(agents.length ? html`${still}<ul class="agents">${agents.map((/** @type {Agent} */ one) => line(one, most))}</ul>` : html`<div class="say"><b>No agent is configured</b><p>Add one to SIGNALS_AGENTS.</p></div>`);
    } catch (error) {
      const problem = /** @type {any} */ (error);
      this.#show(html`<div class="say bad"><b>${problem.message}</b><p>${problem.detail}</p><button class="button" type="button" @click=${() => this.#load()}>Try again</button></div>`);
    }
  }

  /** @param {unknown} content */
  #show(content) {
    into(/** @type {HTMLElement} */ (this.querySelector('[data-part="list"]')), content);
  }
}

/** @param {Agent} one @param {number} most the largest share of any */
function line(one, most) {
  const ago = one.last_run ? `, ${span(Date.now() - Date.parse(one.last_run))} ago` : '';
  const won = one.record ? html`${words.percent(one.record.hit_rate)} <span class="quiet">(${words.percent(one.record.base_rate)})</span>` : '–';
  return html`<li class="agent" title="${one.agent} version ${one.version}: ${one.status}${ago}; ${one.opinions} opinions, ${one.abstained} abstentions in its last turn">
    <i class="dot ${DOTS[one.status] ?? 'idle'}"></i><span>${words.title(one.agent)}<span class="hush">: ${one.status}</span></span>
    <span class="meter" role="img" aria-label=${one.share ? `Weight ${words.percent(one.share)}` : 'Heard, not counted'}><svg viewBox="0 0 100 3" preserveAspectRatio="none">${svg`<rect width=${(100 * (one.share ?? 0)) / most} height="3"/>`}</svg></span>
    <span>${one.took_ms != null && one.took_ms < 1 ? '<1 ms' : milliseconds(one.took_ms)}</span><span title=${words.record(one.record)}>${won}</span>
    ${one.status === 'abstains' && one.reason ? html`<small>${one.reason}</small>` : nothing}</li>`;
}

customElements.define('gs-agents', Agents);
