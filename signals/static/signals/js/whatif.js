// @ts-check
/** What a signal would have said otherwise: without each agent, and as the reader asks. Made again from the stored votes. */
/** @import {Counterfactuals, Explanation, Otherwise} from './types.js' */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import { call } from '../../marketdata/js/api.js';
import { into } from '../../marketdata/js/cold.js';
import { signed } from '../../marketdata/js/format.js';
import * as words from './words.js';

/** @param {Otherwise} one */
const said = (one) => `score ${signed(one.score)}, leans ${words.ARROW[one.lean]} ${one.lean}${one.flips ? ': another call' : ', as it does'}`;

/** Leave one agent out, move the threshold, and see where the others lean. */
class WhatIf extends HTMLElement {
  /** @type {Explanation | null} */ #explained = null;
  /** @type {Counterfactuals['custom']} */ #custom = null;
  #problem = '';

  /** @param {Explanation} value of /signals/{id}/explain */
  set explained(value) {
    if (value === this.#explained) return;
    [this.#explained, this.#custom, this.#problem] = [value, null, ''];
    this.#paint();
  }

  /** @param {SubmitEvent} event */
  async #ask(event) {
    event.preventDefault();
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(/** @type {HTMLFormElement} */ (event.currentTarget))) if (value) asked.append(name, String(value));
    try {
      const { counterfactuals } = await call(`signals/${this.#explained?.signal.signal_id}/explain?${asked}`);
      [this.#custom, this.#problem] = [counterfactuals.custom, ''];
    } catch (error) {
      const problem = /** @type {any} */ (error);
      this.#problem = `${problem.message}. ${problem.detail ?? ''}`;
    }
    this.#paint();
  }

  #paint() {
    const found = this.#explained?.counterfactuals;
    if (!found) return;
    into(this, html`<h3>What if <span class="tag">${found.sample}</span></h3>${found.nearest ? html`<p class="said">${found.nearest}</p>` : nothing}
      ${found.without.length ? this.#form(found) : nothing}<p class="said">${found.note}</p>`);
  }

  /** @param {Counterfactuals} found */
  #form(found) {
    const custom = this.#custom;
    return html`<form class="what-if" @submit=${(/** @type {SubmitEvent} */ event) => this.#ask(event)}>
      <label>without <select name="without"><option value="">nobody</option>${found.without.map((one) => html`<option value=${one.agent}>${words.title(one.agent)}</option>`)}</select></label>
      <label>leaning from <input name="threshold" type="number" min="0" max="1" step="any" .defaultValue=${String(found.threshold)}></label>
      <button class="button" type="submit">Try</button>
      <output>${this.#problem || (custom && said(custom)) || ''}</output></form>
      <details><summary>Without each of them</summary>${found.without.map((one) => html`<div class="gate"><span>${words.title(one.agent)}</span><span>${said(one)}</span></div>`)}</details>`;
  }
}

customElements.define('gs-what-if', WhatIf);
