// @ts-check
/** @import {Problem} from '../api.js' */
import { desk } from '../desk.js';
import { write } from '../paint.js';

/**
 * @typedef {object} List what the field searches in
 * @property {(text: string) => {shown: string[], candidate: string | null}} filter
 * @property {(symbol: string) => Promise<void>} watch
 * @property {(selector: string) => HTMLElement | null} querySelector
 */

/** The field in the bar: filters while typing, shows the match on Enter, or offers to add what is not there. */
export class Search {
  /** @type {string | null} */
  #candidate = null;

  /** @param {any} list */
  constructor(list) {
    this.list = /** @type {List} */ (list);
    this.input = /** @type {HTMLInputElement} */ (document.getElementById('search'));
    this.offer = /** @type {HTMLElement} */ (this.list.querySelector('.offer'));
    this.input.addEventListener('input', () => this.#typed());
    this.input.addEventListener('keydown', (event) => this.#pressed(event));
    this.offer.querySelector('button')?.addEventListener('click', () => void this.#add());
  }

  #typed() {
    const { shown, candidate } = this.list.filter(this.input.value);
    this.#candidate = candidate;
    this.#say(candidate ? `${candidate} is not on the watchlist.` : shown.length ? '' : 'No symbol like that.');
    return shown;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key === 'Escape') return this.clear();
    if (event.key !== 'Enter') return undefined;
    const shown = this.#typed();
    const text = this.input.value.trim().toUpperCase();
    if (!text) return undefined;
    const hit = shown.includes(text) ? text : this.#candidate && !shown.length ? null : shown[0];
    if (!hit) return void this.#add();
    desk.select(hit, { open: true });
    return this.clear();
  }

  clear() {
    this.input.value = '';
    this.list.filter('');
    this.#candidate = null;
    this.#say('');
    this.input.blur();
  }

  async #add() {
    const symbol = this.#candidate;
    if (!symbol) return;
    try {
      await this.list.watch(symbol);
      this.clear();
    } catch (error) {
      const problem = /** @type {Problem} */ (error);
      this.#candidate = null;
      this.#say(`${problem.message}. ${problem.detail ?? ''}`, true);
    }
  }

  /** @param {string} text @param {boolean} [bad] */
  #say(text, bad = false) {
    this.offer.hidden = !text;
    this.offer.classList.toggle('bad', bad);
    write(this.offer.querySelector('span'), text);
    const button = /** @type {HTMLButtonElement} */ (this.offer.querySelector('button'));
    button.hidden = !this.#candidate;
    write(button, `Add ${this.#candidate ?? ''}`);
  }
}
