// @ts-check
/** @import {Entry} from './watch/model.js' */
import { announce } from './announce.js';
import { call } from './api.js';
import { desk, events, follow, quotes } from './desk.js';
import { Painter, write } from './paint.js';
import { move } from './watch/keys.js';
import { WatchModel } from './watch/model.js';
import { Row } from './watch/row.js';
import { Search } from './watch/search.js';

const REFRESH_EVERY = 60_000;
const RESORT_EVERY = 5;

/** The watchlist: an ARIA grid that takes over the rows which the server wrote. */
class Watchlist extends HTMLElement {
  #model = new WatchModel();
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #painter = new Painter((names) => this.#paint(names));
  #stop = () => {};
  #ticks = 0;
  /** @type {IntersectionObserver} */
  #seen = /** @type {any} */ (null);

  connectedCallback() {
    const seen = (/** @type {IntersectionObserverEntry[]} */ entries) => entries.forEach((entry) => this.#inView(entry));
    this.#seen = new IntersectionObserver(seen, { root: this.body, rootMargin: '120px' });
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (this.body.querySelectorAll('.row'))) this.#adopt(element);
    this.#model.replace([...this.#rows.values()].map(({ symbol, element }) => ({ symbol, name: nameOf(element), spark: [] })));
    this.#listen();
    this.#follow();
    this.#select(desk.selected);
    void this.refresh();
    setInterval(() => document.hidden || void this.refresh(), REFRESH_EVERY);
  }

  get body() {
    return /** @type {HTMLElement} */ (this.querySelector('.rows'));
  }

  /** Reads the list and today's trends again. */
  async refresh() {
    try {
      const answer = await call('watchlist');
      for (const one of answer.symbols) if (one.quote) quotes.put(one.quote, { news: false });
      this.#show(answer.symbols);
    } catch (error) {
      events.emit('notice', { key: 'watchlist', error });
    }
  }

  /** @param {string} symbol */
  async watch(symbol) {
    await call('watchlist', { method: 'POST', body: { symbol } });
    await this.refresh();
    announce(`${symbol} added to the watchlist`);
    desk.select(symbol);
  }

  /** @param {string} symbol */
  async unwatch(symbol) {
    await call(`watchlist/${encodeURIComponent(symbol)}`, { method: 'DELETE' });
    const next = this.shown[Math.min(this.shown.indexOf(symbol) + 1, this.shown.length - 1)];
    if (desk.selected === symbol && next && next !== symbol) desk.select(next);
    await this.refresh();
    announce(`${symbol} taken off the watchlist`);
  }

  /** @returns {string[]} */
  get shown() {
    return this.#model.view((symbol) => quotes.get(symbol));
  }

  /** @param {string} text */
  filter(text) {
    this.#model.filter = text;
    this.#arrange();
    return { shown: this.shown, candidate: this.#model.candidate };
  }

  #listen() {
    quotes.on((quote) => this.#painter.mark(quote.symbol));
    events.on('select', ({ symbol }) => this.#select(symbol));
    events.on('market', () => this.#repaint());
    events.on('colours', () => this.#repaint(true));
    events.on('tick', () => this.#tick());
    this.addEventListener('click', (event) => this.#clicked(/** @type {HTMLElement} */ (event.target)));
    this.addEventListener('dblclick', () => desk.select(desk.selected, { open: true }));
    this.addEventListener('keydown', (event) => this.#pressed(event));
    new Search(this);
  }

  /** @param {Entry[]} entries */
  #show(entries) {
    this.#model.replace(entries.map(({ symbol, name, spark }) => ({ symbol, name: name ?? '', spark: spark ?? [] })));
    for (const [symbol, row] of this.#rows) if (!this.#model.entries.has(symbol)) this.#drop(symbol, row);
    for (const entry of this.#model.entries.values()) this.#ensure(entry);
    desk.watched = new Map([...this.#model.entries.values()].map(({ symbol, name }) => [symbol, name]));
    if (!desk.selected && entries.length) desk.select(entries[0].symbol);
    this.#follow();
    this.#arrange();
    events.emit('watched');
  }

  /** @param {Entry} entry */
  #ensure({ symbol, name, spark }) {
    const row = this.#rows.get(symbol) ?? this.#adopt(this.#blank(symbol));
    write(row.element.querySelector('small'), name);
    row.spark = spark;
    const quote = quotes.get(symbol);
    if (quote) row.drawSpark(quote, true);
  }

  /** @param {string} symbol */
  #blank(symbol) {
    const template = /** @type {HTMLTemplateElement} */ (this.querySelector('template'));
    const element = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
    element.dataset.symbol = symbol;
    write(element.querySelector('b'), symbol);
    this.body.append(element);
    return element;
  }

  /** @param {HTMLElement} element */
  #adopt(element) {
    const row = new Row(element);
    this.#rows.set(row.symbol, row);
    this.#seen.observe(element);
    return row;
  }

  /**
   * @param {string} symbol
   * @param {Row} row
   */
  #drop(symbol, row) {
    this.#seen.unobserve(row.element);
    row.element.remove();
    this.#rows.delete(symbol);
  }

  #follow() {
    const stop = this.#stop;
    this.#stop = follow([...this.#model.entries.keys()]);
    stop();
  }

  /** Puts the rows in order and hides those that the search leaves out. */
  #arrange() {
    const { shown } = this;
    const visible = new Set(shown);
    for (const [symbol, row] of this.#rows) row.element.hidden = !visible.has(symbol);
    const present = [...this.body.children].filter((element) => !(/** @type {HTMLElement} */ (element).hidden));
    const ordered = shown.map((symbol) => /** @type {Row} */ (this.#rows.get(symbol)).element);
    if (ordered.some((element, i) => element !== present[i])) this.#reorder(ordered);
    const total = this.#rows.size;
    const count = shown.length === total ? `${total} symbol${total === 1 ? '' : 's'}` : `${shown.length} of ${total}`;
    write(document.getElementById('watch-count'), count);
    /** @type {HTMLElement} */ (this.querySelector('[data-say="empty"]')).hidden = total > 0;
    /** @type {HTMLElement} */ (this.querySelector('.grid')).setAttribute('aria-rowcount', String(shown.length + 1));
  }

  /** @param {HTMLElement[]} ordered */
  #reorder(ordered) {
    const focused = this.body.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    this.body.append(...ordered);
    focused?.focus({ preventScroll: true });
  }

  /** @param {IntersectionObserverEntry} entry */
  #inView(entry) {
    const row = this.#rows.get(/** @type {HTMLElement} */ (entry.target).dataset.symbol ?? '');
    if (!row) return;
    row.visible = entry.isIntersecting;
    if (row.visible) this.#paintRow(row, 0, true);
  }

  /** @param {Set<string>} names */
  #paint(names) {
    for (const name of names) {
      const row = this.#rows.get(name);
      if (row?.visible) this.#paintRow(row, quotes.step(name));
    }
  }

  /** @param {Row} row @param {number} step @param {boolean} [spark] */
  #paintRow(row, step, spark = false) {
    const quote = quotes.get(row.symbol);
    if (!quote) return;
    const age = quotes.age(row.symbol);
    row.paint(quote, { step, age, old: desk.old(age) });
    if (spark) row.drawSpark(quote, true);
  }

  #repaint(spark = false) {
    for (const row of this.#rows.values()) if (row.visible) this.#paintRow(row, 0, spark);
  }

  #tick() {
    for (const row of this.#rows.values()) if (row.visible && desk.old(quotes.age(row.symbol))) this.#paintRow(row, 0);
    this.#ticks += 1;
    if (this.#model.sort && this.#ticks % RESORT_EVERY === 0) this.#arrange();
  }

  /** @param {string} symbol */
  #select(symbol) {
    for (const row of this.#rows.values()) {
      const on = row.symbol === symbol;
      row.element.setAttribute('aria-selected', String(on));
      row.element.tabIndex = on ? 0 : -1;
    }
    if (!this.#rows.has(symbol)) this.#rows.values().next().value?.element.setAttribute('tabindex', '0');
  }

  /** @param {HTMLElement} target */
  #clicked(target) {
    const column = /** @type {HTMLElement | null} */ (target.closest('[data-sort]'));
    if (column) return this.#sort(column);
    if (target.closest('[data-do="search"]')) document.getElementById('search')?.focus();
    const row = /** @type {HTMLElement | null} */ (target.closest('.row'));
    if (!row?.dataset.symbol) return undefined;
    row.focus({ preventScroll: true });
    return desk.select(row.dataset.symbol, { open: true });
  }

  /** @param {HTMLElement} column */
  #sort(column) {
    const sort = this.#model.sortBy(/** @type {any} */ (column.dataset.sort));
    for (const head of this.querySelectorAll('[aria-sort]')) head.setAttribute('aria-sort', 'none');
    const words = sort ? (sort.direction === 1 ? 'ascending' : 'descending') : 'none';
    column.parentElement?.setAttribute('aria-sort', words);
    this.#arrange();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const row = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest('.row'));
    const symbol = row?.dataset.symbol;
    if (!symbol || event.ctrlKey || event.metaKey || event.altKey) return;
    const { shown } = this;
    const to = move(event.key, shown.indexOf(symbol), shown.length);
    if (to !== null) this.#go(shown[to]);
    else if (event.key === 'Enter' || event.key === ' ') desk.select(symbol, { open: true });
    else if (event.key === 'Delete') void this.unwatch(symbol).catch((error) => events.emit('notice', { key: 'remove', error }));
    else return;
    event.preventDefault();
  }

  /** @param {string} symbol */
  #go(symbol) {
    desk.select(symbol);
    const element = this.#rows.get(symbol)?.element;
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: 'nearest' });
  }
}

/** @param {Element} element */
const nameOf = (element) => element.querySelector('small')?.textContent ?? '';

customElements.define('gs-watchlist', Watchlist);
export { Watchlist };
