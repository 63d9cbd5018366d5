import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastBar, read, startOf, withGaps } from '../../static/marketdata/js/bars.js';
import { legend } from '../../static/marketdata/js/chart/legend.js';

const seconds = (text) => Date.parse(text) / 1000;
const bar = (text, close, volume = 0) => ({ time: seconds(text), open: close, high: close, low: close, close, volume });
const quote = (as_of, price, volume = null, session = 'regular') => ({ as_of, price, volume, session });

test('bars are read from the wire; one without prices is left out', () => {
  const rows = [
    { start: '2024-01-12T14:30:00Z', open: 1, high: 3, low: 0.5, close: 2, volume: null },
    { start: '2024-01-12T14:31:00Z', open: null, high: null, low: null, close: null, volume: 5 },
  ];
  assert.deepEqual(read(rows), [{ time: seconds('2024-01-12T14:30:00Z'), open: 1, high: 3, low: 0.5, close: 2, volume: 0 }]);
});

test('where a bar begins', () => {
  assert.equal(startOf(seconds('2024-01-12T14:37:42Z'), 300, false), seconds('2024-01-12T14:35:00Z'));
  assert.equal(startOf(seconds('2024-01-13T00:30:00Z'), 86_400, false), seconds('2024-01-12T00:00:00Z'));
  assert.equal(startOf(seconds('2024-01-13T00:30:00Z'), 86_400, true), seconds('2024-01-13T00:00:00Z'));
});

test('missing bars inside a day stay empty places, nights are not drawn', () => {
  const bars = [bar('2024-01-12T20:57:00Z', 1), bar('2024-01-12T20:59:00Z', 1), bar('2024-01-16T14:30:00Z', 1)];
  const times = withGaps(bars, 60, false).map((one) => [one.time, 'close' in one]);
  assert.deepEqual(times, [
    [seconds('2024-01-12T20:57:00Z'), true], [seconds('2024-01-12T20:58:00Z'), false],
    [seconds('2024-01-12T20:59:00Z'), true], [seconds('2024-01-16T14:30:00Z'), true],
  ]);
});

test('a quote moves the last bar, and opens the next', () => {
  const last = new LastBar(bar('2024-01-12T14:30:00Z', 10, 100), 60, false);
  last.fold(quote('2024-01-12T14:30:20Z', 12, 1000));
  assert.deepEqual(last.fold(quote('2024-01-12T14:30:40Z', 9, 1030)),
    { time: seconds('2024-01-12T14:30:00Z'), open: 10, high: 12, low: 9, close: 9, volume: 130 });
  assert.deepEqual(last.fold(quote('2024-01-12T14:31:01Z', 9.5, 1050)),
    { time: seconds('2024-01-12T14:31:00Z'), open: 9.5, high: 9.5, low: 9.5, close: 9.5, volume: 20 });
});

test('older quotes, those without a price and those outside the session change nothing', () => {
  const last = new LastBar(bar('2024-01-12T14:30:00Z', 10), 60, false);
  assert.equal(last.fold(quote('2024-01-12T14:29:59Z', 11)), null);
  assert.equal(last.fold(quote('2024-01-12T14:30:10Z', null)), null);
  assert.equal(last.fold(quote('2024-01-12T22:30:10Z', 11, null, 'post')), null);
  const extended = new LastBar(bar('2024-01-12T14:30:00Z', 10), 60, false, true);
  assert.equal(extended.fold(quote('2024-01-12T22:30:10Z', 11, null, 'post'))?.close, 11);
});

test('a daily bar has the volume of the day', () => {
  const last = new LastBar(bar('2024-01-12T00:00:00Z', 10, 900), 86_400, false);
  assert.equal(last.fold(quote('2024-01-12T18:00:00Z', 11, 1000))?.volume, 1000);
});

test('the legend', () => {
  assert.equal(legend(bar('2024-01-12T14:30:00Z', 143.5, 81_800)), 'O 143.50 H 143.50 L 143.50 C 143.50 V 81.8K');
  assert.equal(legend(null), '');
});
