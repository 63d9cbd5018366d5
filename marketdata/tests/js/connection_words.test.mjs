import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chipOf } from '../../static/marketdata/js/connection_words.js';

const state = (status, more = {}) => ({ status, stale: false, attempt: 0, attempts: 10, retryAt: null, latency: null, closed: null, ...more });
const words = (given) => {
  const { dot, kind, state: shown, detail } = chipOf(given, 1000);
  return [dot, kind, shown, detail];
};

test('the chip has a word for each state of the connection', () => {
  assert.deepEqual(words(state('connecting')), ['idle', '', 'Connecting', '']);
  assert.deepEqual(words(state('connected', { latency: 538 })), ['ok', '', 'Connected', '538 ms']);
  assert.deepEqual(words(state('connected', { stale: true })), ['warn', 'warn', 'Not answering', '']);
  assert.deepEqual(words(state('reconnecting', { attempt: 2, retryAt: 8500 })), ['warn', 'warn', 'Reconnecting in 7.5 s', '2/10']);
  assert.deepEqual(words(state('failed')), ['bad', 'bad', 'Offline', '']);
});
