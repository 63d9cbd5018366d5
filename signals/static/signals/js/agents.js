// @ts-check
/** One line for each agent: when it last spoke, how long it took, and how often its leans won. */
import { html, svg } from '../../marketdata/vendor/lit-html/lit-html.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { client } from '../../marketdata/js/desk.js';
import { milliseconds, span } from '../../marketdata/js/format.js';
import * as words from './words.js';

const EVERY = 30_000;
const DOTS = /** @type {Record<string, string>} */ ({ ok: 'ok', abstains: 'warn', idle: 'idle', failing: 'bad' });

class Agents extends HTMLElement {
  connectedCallback() {
    setInterval(() => document.hidden || void this.#load(), EVERY);
    client.on('state', (state) => state.status === 'connected' && void this.#load());
    void this.#load();
  }

  async #load() {
    try {
      const { agents } = await call('agents');
      this.#show(agents.length ? html`<ul class="agents">${agents.map(line)}</ul>` : html`<div class="say"><b>No agent is configured</b><p>Add one to SIGNALS_AGENTS.</p></div>`);
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

/** @param {any} one */
function line(one) {
  const ago = one.last_run ? `, ${span(Date.now() - Date.parse(one.last_run))} ago` : '';
  return html`<li class="agent" title="${one.agent}@${one.version}: ${one.status}${ago}, ${one.opinions} opinions, ${one.abstained} abstentions">
    <i class="dot ${DOTS[one.status] ?? 'idle'}"></i><span>${words.title(one.agent)}</span>
    <span class="meter" role="img" aria-label="Weight ${words.percent(one.weight)}"><svg viewBox="0 0 100 3" preserveAspectRatio="none">${svg`<rect width=${Math.max(2, 100 * (one.share ?? one.weight))} height="3"/>`}</svg></span>
    <span>${milliseconds(one.took_ms)}</span><span title=${words.record(one.record)}>${words.percent(one.record?.hit_rate)} <span class="quiet">(${words.percent(one.record?.base_rate)})</span></span></li>`;
}

customElements.define('gs-agents', Agents);
