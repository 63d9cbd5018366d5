// @ts-check
import { call } from './api.js';
import { time } from './clock.js';
import { desk, events, now, quotes } from './desk.js';
import * as format from './format.js';
import { chip, recorded } from './market.js';
import { write } from './paint.js';

const SOURCES_EVERY = 10_000;
const DOTS = /** @type {Record<string, string>} */ ({ ok: 'ok', failing: 'bad', idle: 'idle', off: 'idle', unset: 'idle' });

/** Whether the market is open, and when that changes. */
class MarketChip extends HTMLElement {
  connectedCallback() {
    for (const name of ['market', 'tick']) events.on(name, () => this.#paint());
  }

  #paint() {
    if (!desk.market) return;
    const { dot, state, next } = chip(desk.market, now());
    /** @type {Element} */ (this.querySelector('i')).className = `dot ${dot}`;
    write(this.querySelector('b'), state);
    write(this.querySelector('span'), next);
  }
}

/** The market's time in New York. */
class Clock extends HTMLElement {
  connectedCallback() {
    events.on('tick', () => write(this, `${time(now())} ET`));
  }
}

/** The time that a recording has reached. */
class Recorded extends HTMLElement {
  connectedCallback() {
    events.on('tick', () => write(this, recorded(quotes.reached)));
  }
}

/** One line for each vendor: whether it answers, how fast, and why not. */
class Sources extends HTMLElement {
  connectedCallback() {
    this.querySelector('.say button')?.addEventListener('click', () => void this.read());
    setInterval(() => document.hidden || void this.read(), SOURCES_EVERY);
    void this.read();
  }

  async read() {
    try {
      const { sources } = await call('sources');
      this.#say(sources.length ? null : { message: 'No source is configured', detail: 'Add one to MARKETDATA_SOURCES.' });
      this.querySelector('.sources')?.replaceChildren(...sources.map(line));
    } catch (error) {
      this.#say(/** @type {any} */ (error));
    }
  }

  /** @param {{message: string, detail?: string} | null} problem */
  #say(problem) {
    const box = /** @type {HTMLElement} */ (this.querySelector('.say'));
    box.hidden = !problem;
    /** @type {HTMLElement} */ (this.querySelector('.sources')).hidden = Boolean(problem);
    write(box.querySelector('b'), problem?.message ?? '');
    write(box.querySelector('p'), problem?.detail ?? '');
  }
}

/** @param {any} source */
function line(source) {
  const item = document.createElement('li');
  item.className = `source ${source.status}`;
  const dot = piece('i', '');
  dot.className = `dot ${DOTS[source.status] ?? 'idle'}`;
  const day = piece('p', today(source.today));
  day.className = 'source-why';
  const failing = source.status === 'failing' ? source.last_failure : null;
  const why = piece('p', failing ? failing.remedy ?? '' : '');
  why.className = 'source-why';
  if (failing) why.prepend(piece('b', `${failing.error}: ${failing.message} `));
  item.append(dot, piece('b', source.name), piece('span', note(source)), piece('span', latency(source)), why, day);
  return item;
}

/**
 * The day's score in words; what did not happen is not told.
 * @param {Record<string, number> | null} counts
 */
function today(counts) {
  const told = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return told.length ? `Today: ${told.map(([what, count]) => `${count} ${count === 1 ? what.replace(/(?<=sh)es$|s$/, '') : what}`).join(' · ')}` : '';
}

/** @param {any} source */
function note(source) {
  if (source.status === 'off') return 'switched off';
  if (source.status === 'unset') return 'no key or address set';
  if (source.status === 'failing') return 'failing';
  if (!source.last_success) return 'not asked yet';
  const ago = format.span(Date.now() - Date.parse(source.last_success));
  return source.status === 'idle' ? `idle, last answer ${ago} ago` : `answered ${ago} ago`;
}

/** @param {any} source */
function latency(source) {
  if (source.status !== 'ok') return format.NONE;
  if (source.latency_p50_ms == null) return format.milliseconds(source.latency_ms);
  return `${format.milliseconds(source.latency_p50_ms)} / ${format.milliseconds(source.latency_p95_ms)}`;
}

/**
 * @param {string} name
 * @param {string} text
 */
function piece(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

customElements.define('gs-market', MarketChip);
customElements.define('gs-clock', Clock);
customElements.define('gs-recorded', Recorded);
customElements.define('gs-sources', Sources);
