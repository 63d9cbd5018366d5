// @ts-check
/** @import {Quote} from '../quotes.js' */
import * as format from '../format.js';
import { colour, write } from '../paint.js';
import { draw } from '../spark.js';
import { tag } from './tag.js';

const FLASH = 300;
const SPARK_EVERY = 1000;

/** One line of the watchlist: writes what changed, and nothing else. */
export class Row {
  visible = true;
  /** @type {number[]} */
  spark = [];
  /** @type {any} */ #flash = null;
  #drawn = 0;
  #colours = '';

  /** @param {HTMLElement} element */
  constructor(element) {
    const find = (/** @type {string} */ part) => /** @type {HTMLElement} */ (element.querySelector(part));
    this.element = element;
    this.symbol = element.dataset.symbol ?? '';
    this.price = find('.c-last > span');
    this.change = find('.c-change');
    this.percent = find('.c-change > span');
    this.bid = find('.c-book > :first-child');
    this.ask = find('.c-book > :last-child');
    this.volume = find('.c-volume');
    this.tag = find('.tag');
    this.canvas = /** @type {HTMLCanvasElement} */ (find('canvas'));
  }

  /**
   * @param {Quote} quote
   * @param {{step: number, age: number | null, old: boolean}} state
   */
  paint(quote, { step, age, old }) {
    write(this.price, format.price(quote.price));
    write(this.percent, format.percent(quote.change_percent));
    write(this.bid, format.price(quote.bid));
    write(this.ask, format.price(quote.ask));
    write(this.volume, old && age !== null ? format.shortSpan(age) : format.compact(quote.volume));
    write(this.tag, tag(quote));
    this.tag.classList.toggle('sim', quote.simulated);
    this.#turn(format.direction(quote.change_percent));
    this.element.classList.toggle('old', old);
    if (step) this.#flashOnce(step > 0 ? 'rise' : 'fall');
    this.drawSpark(quote);
  }

  /** The trend of today; the last point is the price now. @param {Quote} quote @param {boolean} [force] */
  drawSpark(quote, force = false) {
    const now = performance.now();
    if (!this.visible || (!force && now - this.#drawn < SPARK_EVERY)) return;
    this.#drawn = now;
    const values = quote.price === null ? this.spark : [...this.spark, quote.price];
    const rising = format.direction(quote.change_percent) !== 'down';
    draw(this.canvas, values, quote.previous_close, { line: colour(rising ? 'up' : 'down'), base: colour('line-strong') });
  }

  /** @param {'up' | 'down' | 'flat'} direction */
  #turn(direction) {
    if (direction === this.#colours) return;
    this.#colours = direction;
    this.change.classList.remove('up', 'down', 'flat');
    this.change.classList.add(direction);
  }

  /** @param {'rise' | 'fall'} name */
  #flashOnce(name) {
    clearTimeout(this.#flash);
    this.price.classList.remove('rise', 'fall');
    this.price.classList.add(name);
    this.#flash = setTimeout(() => this.price.classList.remove(name), FLASH);
  }
}
