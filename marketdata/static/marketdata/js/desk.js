// @ts-check
/** What all panels of the page share: the socket, the quotes, the market's clock, and which symbol is shown. */
import { call } from './api.js';
import { ServerClock } from './clock.js';
import { Quotes } from './quotes.js';
import { BATCH, RealtimeClient } from './realtime/index.js';
import { Emitter } from './realtime/emitter.js';

/** @import {Market} from './market.js' */

const MARKET_EVERY = 30_000;
const app = /** @type {HTMLElement} */ (document.getElementById('app'));
const scheme = location.protocol === 'https:' ? 'wss' : 'ws';

export const client = new RealtimeClient({ url: `${scheme}://${location.host}/ws`, protocols: [BATCH] });
export const clock = new ServerClock();
export const quotes = new Quotes();
/** Emits `market`, `select`, `tick` (each second), `watched`, `notice`. */
export const events = new Emitter();

class Desk {
  /** @type {Market | null} */
  market = null;
  selected = app.dataset.symbol ?? '';
  /** Symbols of the watchlist, with their names. @type {Map<string, string>} */
  watched = new Map();
  name = app.dataset.market ?? 'live';
  /** Milliseconds between two polls. */
  every = Number(app.dataset.every ?? 5) * 1000;
  app = app;

  /** Whether the market trades around the clock. */
  get always() {
    return this.name === 'simulated';
  }

  /** Whether prices should be moving now. */
  get trading() {
    return Boolean(this.market?.is_open);
  }

  /**
   * @param {string} symbol
   * @param {{open?: boolean}} [options] `open`: on a phone, go to the chart
   */
  select(symbol, { open = false } = {}) {
    const changed = symbol !== this.selected;
    this.selected = symbol;
    if (changed || open) events.emit('select', { symbol, open });
  }

  /** Whether a price of this age should have been replaced by now. @param {number | null} age milliseconds */
  old(age) {
    const limit = this.name === 'recorded' ? 180_000 : Math.max(60_000, 12 * this.every);
    return age !== null && this.trading && age > limit;
  }

  async readMarket() {
    try {
      this.market = /** @type {Market} */ (await call('market'));
      if (this.market.now && this.name !== 'recorded') clock.set(Date.parse(this.market.now));
      events.emit('market', this.market);
    } catch {
      // The connection chip already says that the server is away; the last state stays.
    }
  }

  start() {
    client.on('state', (state) => app.classList.toggle('away', ['reconnecting', 'failed'].includes(state.status)));
    client.connect();
    void this.readMarket();
    setInterval(() => document.hidden || void this.readMarket(), MARKET_EVERY);
    setInterval(() => document.hidden || events.emit('tick'), 1000);
  }
}

export const desk = new Desk();

/** Whenever the page is connected, at first and again; what was missed meanwhile is to be read. @param {() => void} then */
export function onConnected(then) {
  let before = '';
  client.on('state', ({ status }) => {
    const isNew = status === 'connected' && before !== status;
    before = status;
    if (isNew) then();
  });
}

/** The market's time, milliseconds: of a recording, what it has reached. */
export const now = () => (desk.name === 'recorded' ? (quotes.reached ?? clock.now()) : clock.now());

/** @param {any} message */
const keep = (message) => quotes.put(message.data, { news: !message.snapshot });

/**
 * Lets the quotes of these symbols flow in.
 * @param {string[]} symbols
 * @returns {() => void} stops
 */
export const follow = (symbols) => (symbols.length ? client.subscribe('market_data', symbols, keep) : () => {});
