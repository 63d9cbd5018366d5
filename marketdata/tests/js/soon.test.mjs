/** What many ask for at once is done once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soon } from '../../static/marketdata/js/soon.js';

test('one turn of work for all who asked before it, and another for who asks later', () => {
  let done = 0;
  const waiting = [];
  const ask = soon(() => (done += 1), 250, (then, milliseconds) => waiting.push([then, milliseconds]));
  ask();
  ask();
  assert.deepEqual([done, waiting.length, waiting[0][1]], [0, 1, 250]);
  waiting.pop()[0]();
  assert.deepEqual([done, waiting.length], [1, 0]);
  ask();
  waiting.pop()[0]();
  assert.equal(done, 2);
});
