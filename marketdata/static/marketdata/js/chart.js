// @ts-check
/** @import {Bar} from './bars.js' */
/** @import {Quote} from './quotes.js' */
import { call } from './api.js';
import { CHOICES, LastBar, read, withGaps } from './bars.js';
import { Drawing } from './chart/draw.js';
import { Head } from './chart/head.js';
import { legend } from './chart/legend.js';
import { marks } from './chart/marks.js';
import { desk, events, follow, onConnected, quotes } from './desk.js';
import { Painter, write } from './paint.js';

// A recording may be played many times faster than it was recorded.
const REFRESH_EVERY = desk.name === 'recorded' ? 10_000 : 60_000;
const MEMORY = 'gs-interval';

/** The chart of the chosen symbol: bars from REST, the last one kept alive by quotes. */
class Chart extends HTMLElement {
  /** @type {Drawing | null} */ #drawing = null;
  /** @type {Head} */ #head = /** @type {any} */ (null);
  /** @type {Bar[]} */ #bars = [];
  /** @type {LastBar | null} */ #last = null;
  #choice = CHOICES.find((one) => one.label === localStorage.getItem(MEMORY)) ?? CHOICES[0];
  #symbol = '';
  /** Symbol and interval of the bars that are drawn. */ #shown = '';
  /** The signals of the symbol that an upper floor knows. @type {Parameters<typeof marks>[0]} */ #calls = [];
  #stop = () => {};
  #asked = new AbortController();
  #painter = new Painter(() => this.#paint());

  connectedCallback() {
    this.#head = new Head(this);
    this.#drawing = new Drawing(/** @type {HTMLElement} */ (this.querySelector('.chart-canvas')), (at) => this.#legend(at));
    this.#buttons();
    quotes.on((quote) => quote.symbol === this.#symbol && this.#news(quote));
    events.on('select', ({ symbol }) => this.open(symbol));
    events.on('interval', (index) => this.choose(index));
    events.on('marks', (calls) => {
      this.#calls = calls;
      this.#mark();
    });
    events.on('colours', () => this.#recolour());
    events.on('watched', () => this.#titles());
    events.on('tick', () => this.#painter.mark('head'));
    onConnected(() => void this.#load({ quiet: true }));
    this.querySelector('.chart-say button')?.addEventListener('click', () => void this.#load());
    this.#head.star.addEventListener('click', () => events.emit('star', this.#symbol));
    setInterval(() => document.hidden || void this.#load({ quiet: true }), REFRESH_EVERY);
    this.open(desk.selected);
  }

  /** @param {string} symbol */
  open(symbol) {
    if (symbol === this.#symbol) return;
    const stop = this.#stop;
    this.#symbol = symbol;
    this.#stop = follow(symbol ? [symbol] : []);
    stop();
    this.#titles();
    this.#painter.mark('head');
    void this.#load();
  }

  /** @param {number} index of the buttons */
  choose(index) {
    if (!CHOICES[index] || CHOICES[index] === this.#choice) return;
    this.#choice = CHOICES[index];
    localStorage.setItem(MEMORY, this.#choice.label);
    this.#pressed();
    void this.#load();
  }

  #buttons() {
    const group = /** @type {HTMLElement} */ (this.querySelector('.segments'));
    for (const [index, choice] of CHOICES.entries()) {
      const button = document.createElement('button');
      Object.assign(button, { type: 'button', textContent: choice.label, onclick: () => this.choose(index) });
      group.append(button);
    }
    this.#pressed();
  }

  #pressed() {
    for (const [index, button] of [...this.querySelectorAll('.segments button')].entries()) {
      button.setAttribute('aria-pressed', String(CHOICES[index] === this.#choice));
    }
  }

  /** @param {{quiet?: boolean}} [options] `quiet`: keep what is drawn until the answer is there */
  async #load({ quiet = false } = {}) {
    if (!this.#symbol) return this.#say('No symbol chosen', 'Add one to the watchlist to see its chart.');
    const shown = `${this.#symbol} ${this.#choice.label}` === this.#shown;
    this.#asked.abort();
    const { signal } = (this.#asked = new AbortController());
    if (!quiet || !shown) this.#say('Loading bars…');
    const { interval, period } = this.#choice;
    try {
      const path = `market-data/${encodeURIComponent(this.#symbol)}/historical?period=${period}&interval=${interval}`;
      const answer = await call(path, { signal });
      return signal.aborted ? undefined : this.#show(read(answer.bars), !shown);
    } catch (error) {
      const problem = /** @type {import('./api.js').Problem} */ (error);
      if (problem.name === 'AbortError' || (quiet && shown)) return undefined;
      return this.#say(problem.message, problem.detail ?? '', true);
    }
  }

  /**
   * @param {Bar[]} bars
   * @param {boolean} fit
   */
  #show(bars, fit) {
    const { seconds } = this.#choice;
    this.#shown = `${this.#symbol} ${this.#choice.label}`;
    this.#bars = bars;
    this.#last = new LastBar(bars.at(-1) ?? null, seconds, desk.always, desk.name === 'recorded');
    if (!bars.length) return this.#say('No bars yet', `Nothing has traded in ${this.#symbol} in this window. Try a longer one.`);
    this.#drawing?.show(withGaps(bars, seconds, desk.always), { length: seconds, always: desk.always, fit });
    this.#mark();
    this.#legend(null);
    /** @type {HTMLElement} */ (this.querySelector('.chart-say')).hidden = true;
    return undefined;
  }

  /** @param {Quote} quote */
  #news(quote) {
    const bar = this.#last?.fold(quote);
    if (bar && this.#bars.length) {
      if (this.#bars.at(-1)?.time === bar.time) this.#bars[this.#bars.length - 1] = bar;
      else this.#bars.push(bar);
    }
    this.#painter.mark('bar');
  }

  #paint() {
    const last = this.#bars.at(-1);
    this.#head.paint(quotes.get(this.#symbol), desk.old(quotes.age(this.#symbol)));
    if (last) this.#drawing?.update(last);
    if (!this.matches('.chart-body:hover *')) this.#legend(null);
  }

  #titles() {
    this.#head.title(this.#symbol, desk.watched.get(this.#symbol) ?? '');
    this.#head.watched(desk.watched.has(this.#symbol));
  }

  /** @param {number | null} at seconds */
  #legend(at) {
    const bar = at === null ? this.#bars.at(-1) : this.#bars.find((one) => one.time === at);
    write(this.querySelector('.legend'), legend(bar));
  }

  #recolour() {
    this.#drawing?.dress();
    if (this.#bars.length) this.#show(this.#bars, false);
  }

  /** Marks the signals on their bars, and says in words what is drawn. */
  #mark() {
    const marked = marks(this.#calls, this.#bars);
    this.#drawing?.mark(marked);
    const signals = marked.length ? ` Signals: ${marked.map((one) => one.text).join(', ')}.` : '';
    const words = `${this.#symbol}, ${this.#bars.length} bars of ${this.#choice.label}. ${legend(this.#bars.at(-1))}${signals}`;
    this.querySelector('.chart-canvas')?.setAttribute('aria-label', words);
  }

  /**
   * @param {string} title
   * @param {string} [detail]
   * @param {boolean} [bad]
   */
  #say(title, detail = '', bad = false) {
    const box = /** @type {HTMLElement} */ (this.querySelector('.chart-say'));
    box.hidden = false;
    [this.#bars, this.#shown] = [[], ''];
    box.firstElementChild?.classList.toggle('bad', bad);
    write(box.querySelector('b'), title);
    write(box.querySelector('p'), detail);
    /** @type {HTMLElement} */ (box.querySelector('button')).hidden = !bad;
  }
}

customElements.define('gs-chart', Chart);
