// @ts-check
/**
 * @typedef {{symbol: string, price: number | null, bid: number | null, ask: number | null, bid_size: number | null,
 *   ask_size: number | null, open: number | null, high: number | null, low: number | null,
 *   previous_close: number | null, volume: number | null, change: number | null, change_percent: number | null,
 *   as_of: string, received_at: string, vendor: string, currency: string | null, session: string,
 *   delayed_by: number | null, simulated: boolean, feed: string | null, flags: string[]}} Quote as wire.py writes it
 */

/** The newest quote of each symbol, and how fresh it is. Whoever paints asks here; nobody keeps a copy. */
export class Quotes {
  /** @type {Map<string, {quote: Quote, at: number, step: number}>} */
  #held = new Map();
  /** @type {Set<(quote: Quote) => void>} */
  #listeners = new Set();
  #now;
  /** Market time that the newest quote has reached, milliseconds. @type {number | null} */
  reached = null;
  /** When the last news came, milliseconds. @type {number | null} */
  heard = null;
  count = 0;

  /** @param {() => number} [now] */
  constructor(now = Date.now) {
    this.#now = now;
  }

  /** @param {string} symbol */
  get(symbol) {
    return this.#held.get(symbol)?.quote ?? null;
  }

  /** +1, -1 or 0: where the last change of the price went. @param {string} symbol */
  step(symbol) {
    return this.#held.get(symbol)?.step ?? 0;
  }

  /** Milliseconds since the last news of this symbol; null when there was none. @param {string} symbol */
  age(symbol) {
    const one = this.#held.get(symbol);
    return one ? Math.max(0, this.#now() - one.at) : null;
  }

  /**
   * @param {Quote} quote
   * @param {{news?: boolean}} [options] `news: false` for what is only remembered: it counts from when it was received
   */
  put(quote, { news = true } = {}) {
    const last = this.#held.get(quote.symbol);
    const asOf = Date.parse(quote.as_of);
    if (last && Date.parse(last.quote.as_of) > asOf && last.quote.vendor === quote.vendor) return;
    const step = last?.quote.price != null && quote.price != null ? Math.sign(quote.price - last.quote.price) : 0;
    const at = news ? this.#now() : Math.min(this.#now(), Date.parse(quote.received_at));
    this.#held.set(quote.symbol, { quote, at, step });
    this.reached = Math.max(this.reached ?? asOf, asOf);
    this.heard = Math.max(this.heard ?? at, at);
    this.count += news ? 1 : 0;
    for (const listener of this.#listeners) listener(quote);
  }

  /** @param {(quote: Quote) => void} listener */
  on(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
