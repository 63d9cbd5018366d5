// @ts-check
/** @import {State} from './realtime/index.js' */
import { announce } from './announce.js';
import { client, desk, events, quotes } from './desk.js';
import * as format from './format.js';
import { fields, write } from './paint.js';
import { chipOf } from './connection_words.js';

/** The chip in the bar: the connection, in one look. */
class ConnectionChip extends HTMLElement {
  connectedCallback() {
    client.on('state', (state) => this.#show(state));
    events.on('tick', () => this.#paint(client.getState()));
    setInterval(() => client.getState().retryAt !== null && this.#paint(client.getState()), 250);
    this.#paint(client.getState());
  }

  /** @param {State} state */
  #show(state) {
    const before = this.dataset.status;
    this.#paint(state);
    const first = before === undefined || (before === 'connecting' && state.status === 'connected');
    if (before !== state.status && !first) announce(chipOf(state, Date.now()).say);
  }

  /** @param {State} state */
  #paint(state) {
    const { dot, kind, state: words, detail } = chipOf(state, Date.now());
    this.dataset.status = state.status;
    this.className = `chip ${kind}`;
    /** @type {Element} */ (this.querySelector('i')).className = `dot ${dot}`;
    write(this.querySelector('b'), words);
    write(this.querySelector('span'), detail);
  }
}

/** The panel that says how the line to the server does. */
class Link extends HTMLElement {
  #fields = fields(this);
  #reconnects = 0;
  #counted = 0;
  /** Updates of the last ten seconds. @type {number[]} */ #rates = [];

  connectedCallback() {
    let before = client.getState().status;
    client.on('state', (state) => {
      if (before === 'reconnecting' && state.status === 'connected') this.#reconnects += 1;
      before = state.status;
      this.#paint();
    });
    events.on('tick', () => this.#tick());
    this.#paint();
  }

  #tick() {
    this.#rates = [...this.#rates, quotes.count - this.#counted].slice(-10);
    this.#counted = quotes.count;
    this.#paint();
  }

  #paint() {
    const state = client.getState();
    const rate = this.#rates.reduce((sum, one) => sum + one, 0) / (this.#rates.length || 1);
    const texts = {
      state: chipOf(state, Date.now()).state, latency: format.milliseconds(state.latency), rate: `${rate.toFixed(1)} / s`,
      last: quotes.heard === null ? format.NONE : `${format.span(Date.now() - quotes.heard)} ago`,
      reconnects: String(this.#reconnects),
    };
    for (const [name, text] of Object.entries(texts)) write(this.#fields[name], text);
  }
}

/** What needs a word: lost connection, quotes that stopped, an action that failed. One bar, the gravest first. */
class Notice extends HTMLElement {
  /** @type {{title: string, text: string} | null} */ #problem = null;

  connectedCallback() {
    client.on('state', () => this.#paint());
    events.on('tick', () => this.#paint());
    events.on('notice', ({ error }) => this.#failed(error));
    setInterval(() => client.getState().retryAt !== null && this.#paint(), 250);
    this.querySelector('button')?.addEventListener('click', () => this.#act());
  }

  /** @param {any} error */
  #failed(error) {
    this.#problem = { title: `${error.message}.`, text: error.detail ?? '' };
    this.#paint();
  }

  #act() {
    if (['reconnecting', 'failed'].includes(client.getState().status)) return client.reconnect();
    this.#problem = null;
    return this.#paint();
  }

  #paint() {
    const say = this.#line(client.getState()) ?? this.#silence() ?? this.#remark();
    this.hidden = !say;
    if (!say) return;
    this.className = `notice ${say.kind}`;
    write(this.querySelector('b'), say.title);
    write(this.querySelector('p'), say.text);
    const button = /** @type {HTMLButtonElement} */ (this.querySelector('button'));
    button.hidden = !say.button;
    write(button, say.button);
  }

  /** @param {State} state */
  #line(state) {
    const age = quotes.heard === null ? 'Nothing was received yet.' : `Prices are as of ${format.span(Date.now() - quotes.heard)} ago.`;
    if (state.status === 'failed') {
      const text = `${age} Gave up after ${state.attempts} attempts. ${state.closed?.reason ?? ''}`;
      return { kind: 'bad', title: 'Offline.', text, button: 'Try again' };
    }
    if (state.status !== 'reconnecting') return null;
    const { attempt, attempts, retryAt } = state;
    const when = retryAt === null ? `Attempt ${attempt} of ${attempts} is on its way.`
      : `Attempt ${attempt} of ${attempts} starts in ${((retryAt - Date.now()) / 1000).toFixed(1)} s.`;
    return { kind: 'warn', title: 'Connection lost.', text: `${age} ${when}`, button: 'Reconnect now' };
  }

  #silence() {
    if (quotes.heard === null || !desk.old(Date.now() - quotes.heard)) return null;
    const span = format.span(Date.now() - quotes.heard);
    const text = desk.name === 'recorded' ? `The recording has brought nothing new for ${span}: it may have ended.`
      : `The connection is fine, but no price has come for ${span} although the market is open. See Data sources.`;
    return { kind: 'warn', title: 'Quotes have stopped.', text, button: '' };
  }

  #remark() {
    return this.#problem && { kind: 'bad', ...this.#problem, button: 'Dismiss' };
  }
}

customElements.define('gs-connection', ConnectionChip);
customElements.define('gs-link', Link);
customElements.define('gs-notice', Notice);
