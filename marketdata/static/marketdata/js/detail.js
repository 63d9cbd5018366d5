// @ts-check
/** @import {Quote} from './quotes.js' */
import { date, time } from './clock.js';
import { desk, events, now, quotes } from './desk.js';
import * as format from './format.js';
import { fields, Painter, write } from './paint.js';

/**
 * Ask less bid, also in basis points of their middle.
 * @param {number | null} bid
 * @param {number | null} ask
 */
export function spread(bid, ask) {
  if (bid === null || ask === null || bid + ask <= 0) return format.NONE;
  return `${format.price(ask - bid, format.decimals(ask))} · ${((2e4 * (ask - bid)) / (ask + bid)).toFixed(1)} bp`;
}

/** @param {Quote} quote */
function from(quote) {
  const feed = quote.feed && quote.feed !== quote.vendor ? ` (${quote.feed})` : '';
  const late = format.late(quote.delayed_by);
  return `${quote.vendor}${feed}${late && `, ${late}`}`;
}

/** Everything that is known about the chosen symbol's price, and from whom. */
class Detail extends HTMLElement {
  #fields = fields(this);
  #painter = new Painter(() => this.#paint());

  connectedCallback() {
    quotes.on((quote) => quote.symbol === desk.selected && this.#painter.mark('quote'));
    for (const name of ['select', 'tick', 'market']) events.on(name, () => this.#painter.mark('quote'));
    this.#painter.mark('quote');
  }

  #paint() {
    const quote = quotes.get(desk.selected);
    for (const [name, text] of Object.entries(quote ? this.#words(quote) : {})) write(this.#fields[name], text);
    if (!quote) for (const field of Object.values(this.#fields)) write(field, format.NONE);
    this.#range(quote);
  }

  /** @param {Quote} quote @returns {Record<string, string>} */
  #words(quote) {
    const at = Date.parse(quote.as_of);
    const age = quotes.age(quote.symbol);
    return {
      age: age === null ? '' : `${format.span(age)} ago`,
      bid: format.price(quote.bid), ask: format.price(quote.ask),
      bid_size: quote.bid_size === null ? '' : `× ${format.compact(quote.bid_size)}`,
      ask_size: quote.ask_size === null ? '' : `× ${format.compact(quote.ask_size)}`,
      low: format.price(quote.low), high: format.price(quote.high),
      spread: spread(quote.bid, quote.ask), open: format.price(quote.open), previous: format.price(quote.previous_close),
      volume: quote.volume === null ? format.NONE : Math.round(quote.volume).toLocaleString('en-US'),
      as_of: `${date(at) === date(now()) ? '' : `${date(at)} `}${time(at)} ET`, from: from(quote),
    };
  }

  /** Where the price stands between the day's low and high. @param {Quote | null} quote */
  #range(quote) {
    const mark = /** @type {SVGPathElement} */ (this.querySelector('.mark'));
    const { low, high, price } = quote ?? { low: null, high: null, price: null };
    const known = low !== null && high !== null && price !== null && high > low;
    const x = known ? 2 + (96 * Math.min(1, Math.max(0, (price - low) / (high - low)))) : 0;
    mark.setAttribute('d', known ? `M${x.toFixed(2)} 1v8` : '');
  }
}

customElements.define('gs-quote', Detail);
