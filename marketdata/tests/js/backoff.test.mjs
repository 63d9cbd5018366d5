import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKOFF, delay } from '../../static/marketdata/js/realtime/backoff.js';
import { verdict } from '../../static/marketdata/js/realtime/closing.js';
import { Queue } from '../../static/marketdata/js/realtime/queue.js';

test('waits 5 s, half as long again each time, 30 s at most', () => {
  const waits = Array.from({ length: 10 }, (_, i) => delay(i + 1) / 1000);
  assert.deepEqual(waits, [5, 7.5, 11.25, 16.875, 25.3125, 30, 30, 30, 30, 30]);
});

test('jitter only shortens', () => {
  const backoff = { ...BACKOFF, jitter: 0.5 };
  assert.equal(delay(1, backoff, () => 0), 5000);
  assert.equal(delay(1, backoff, () => 1), 2500);
});

test('close codes: a new token, the end, or another attempt', () => {
  assert.equal(verdict(4401), 'token');
  for (const code of [4400, 4403, 4404]) assert.equal(verdict(code), 'failed');
  for (const code of [1000, 1006, 1012, 4408, 4429]) assert.equal(verdict(code), 'retry');
});

test('a full queue drops its oldest and says so', () => {
  const dropped = [];
  const queue = new Queue({ most: 2, dropped: (message, reason) => dropped.push([message, reason]) });
  for (const message of ['a', 'b', 'c']) queue.put(message, 0);
  assert.deepEqual(dropped, [['a', 'full']]);
  assert.deepEqual(queue.take(0), ['b', 'c']);
  assert.equal(queue.size, 0);
});

test('what waited too long is not sent', () => {
  const dropped = [];
  const queue = new Queue({ age: 60_000, dropped: (message, reason) => dropped.push([message, reason]) });
  queue.put('late', 0);
  queue.put('fresh', 50_000);
  assert.deepEqual(queue.take(60_001), ['fresh']);
  assert.deepEqual(dropped, [['late', 'old']]);
});

test('the same key replaces', () => {
  const queue = new Queue();
  queue.put('first', 0, 'k');
  queue.put('other', 0);
  queue.put('second', 0, 'k');
  assert.deepEqual(queue.take(0), ['other', 'second']);
});
