// @ts-check
/** Marks the calls of the chosen symbol on its chart; leans are not marked. */
/** @import {Shelf} from './shelf.js' */
import { call } from '../../marketdata/js/api.js';
import { desk, events } from '../../marketdata/js/desk.js';

const MOST = 50;

/** @param {Shelf} shelf */
export function mark(shelf) {
  const calls = shelf.of(desk.selected).filter((one) => one.signal_type !== 'HOLD');
  events.emit('marks', calls.map((one) => ({ at: Date.parse(one.at) / 1000, type: one.signal_type, confidence: one.confidence })));
}

/** Also those that are too old for the list. @param {Shelf} shelf */
export async function markAll(shelf) {
  mark(shelf);
  const symbol = desk.selected;
  if (!symbol) return;
  const answers = await Promise.all(['BUY', 'SELL'].map((type) => call(`signals?limit=${MOST}&type=${type}&symbol=${encodeURIComponent(symbol)}`).catch(() => ({ results: [] }))));
  shelf.put(answers.flatMap((one) => one.results));
  mark(shelf);
}
