/** Signals in words: a probability is a per cent, the uncalibrated a dash, and each record stands beside its base rate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marks } from '../../marketdata/js/chart/marks.js';
import * as words from '../../static/signals/js/words.js';

test('probabilities and basis points', () => {
  assert.equal(words.percent(0.547), '55%');
  assert.equal(words.exact(0.547), '54.7 %');
  assert.equal(words.percent(null), '–');
  assert.equal(words.points(-12.34), '−12.3 bp');
  assert.deepEqual([0.049, 0.2, -0.2, null].map(words.way), ['flat', 'up', 'down', 'flat']);
  assert.equal(words.title('rsi_reversal'), 'Rsi reversal');
});

test('a record is never told without its base rate and what being long brought', () => {
  const told = words.record({ n: 200, n_eff: 24.4, wins: 108, hit_rate: 0.54, low: 0.35, high: 0.72, base_rate: 0.55, net_bp: 12, always_long_bp: 18 });
  assert.match(told, /Right 108 of 200 times \(54\.0 %, 95 % interval 35%–72%\), worth 24 independent cases; base rate 55\.0 %/);
  assert.match(told, /always long \+18\.0 bp/);
  assert.equal(words.record({ n: 0 }), 'No resolved case like this one yet.');
  assert.equal(words.record(null), 'No resolved case like this one yet.');
});

test('a call is marked on the bar that it judged, once, and a HOLD is not', () => {
  const bars = [60, 120, 180].map((time) => ({ time, open: 1, high: 1, low: 1, close: 1, volume: 1 }));
  const calls = [
    { at: 180, type: 'BUY', confidence: 0.612 }, { at: 240, type: 'SELL', confidence: null },
    { at: 180, type: 'HOLD', confidence: 0.5 }, { at: 30, type: 'BUY', confidence: 0.9 },
  ];
  assert.deepEqual(marks(calls, bars), [{ time: 120, buy: true, text: 'BUY 61' }, { time: 180, buy: false, text: 'SELL' }]);
});
