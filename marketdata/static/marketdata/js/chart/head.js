// @ts-check
/** @import {Quote} from '../quotes.js' */
import * as format from '../format.js';
import { fields, write } from '../paint.js';
import { tag } from '../watch/tag.js';

/** The lines over the chart: symbol, price, change, bid, ask, volume, previous close. */
export class Head {
  /** @param {HTMLElement} panel */
  constructor(panel) {
    const find = (/** @type {string} */ part) => /** @type {HTMLElement} */ (panel.querySelector(part));
    this.panel = panel;
    this.symbol = find('#chart-symbol');
    this.name = find('.chart-name p');
    this.tag = find('.chart-name .tag');
    this.price = find('.chart-price');
    this.change = find('.chart-change');
    this.star = /** @type {HTMLButtonElement} */ (find('.star'));
    this.fields = fields(panel);
  }

  /**
   * @param {string} symbol
   * @param {string} name
   */
  title(symbol, name) {
    write(this.symbol, symbol || format.NONE);
    write(this.name, name);
  }

  /** @param {boolean} on */
  watched(on) {
    const words = on ? 'On the watchlist' : 'Add to the watchlist';
    this.star.setAttribute('aria-pressed', String(on));
    this.star.setAttribute('aria-label', 'Watch this symbol');
    this.star.title = words;
  }

  /**
   * @param {Quote | null} quote
   * @param {boolean} old
   */
  paint(quote, old) {
    const places = quote?.price == null ? 2 : format.decimals(quote.price);
    write(this.price, format.price(quote?.price));
    const change = quote?.change == null ? format.NONE : `${format.signed(quote.change, places)} (${format.percent(quote.change_percent)})`;
    write(this.change.querySelector('span'), change);
    this.change.className = `chart-change ${format.direction(quote?.change_percent)}`;
    write(this.tag, tag(quote));
    this.tag.classList.toggle('sim', Boolean(quote?.simulated));
    write(this.fields.bid, format.price(quote?.bid));
    write(this.fields.ask, format.price(quote?.ask));
    write(this.fields.volume, format.compact(quote?.volume));
    write(this.fields.previous, format.price(quote?.previous_close));
    this.panel.classList.toggle('old', old);
  }
}
