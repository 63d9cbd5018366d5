import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Quotes } from '../../static/marketdata/js/quotes.js';
import { plot } from '../../static/marketdata/js/spark.js';
import { move } from '../../static/marketdata/js/watch/keys.js';
import { WatchModel } from '../../static/marketdata/js/watch/model.js';
import { tag } from '../../static/marketdata/js/watch/tag.js';

const NAMES = { AAPL: 'Apple', MSFT: 'Microsoft', NVDA: 'NVIDIA', ORCL: 'Oracle' };
const CHANGES = { AAPL: -0.5, MSFT: 2, NVDA: 1, ORCL: null };
const change = (symbol) => ({ change_percent: CHANGES[symbol], price: 1 });

function model() {
  const list = new WatchModel();
  list.replace(Object.entries(NAMES).map(([symbol, name]) => ({ symbol, name, spark: [] })));
  return list;
}

test('sorts one way, the other way, and not at all; what has no value comes last', () => {
  const list = model();
  list.sortBy('change_percent');
  assert.deepEqual(list.view(change), ['MSFT', 'NVDA', 'AAPL', 'ORCL']);
  list.sortBy('change_percent');
  assert.deepEqual(list.view(change), ['AAPL', 'NVDA', 'MSFT', 'ORCL']);
  list.sortBy('change_percent');
  assert.deepEqual(list.view(change), ['AAPL', 'MSFT', 'NVDA', 'ORCL']);
  list.sortBy('symbol');
  list.sortBy('symbol');
  assert.deepEqual(list.view(change), ['ORCL', 'NVDA', 'MSFT', 'AAPL']);
});

test('searches symbols from their beginning and names anywhere', () => {
  const list = model();
  list.filter = 'a';
  assert.deepEqual(list.view(change), ['AAPL', 'NVDA', 'ORCL']);
  list.filter = 'soft';
  assert.deepEqual(list.view(change), ['MSFT']);
});

test('offers to add what looks like a symbol and is not there', () => {
  const list = model();
  for (const [text, symbol] of [['ibm', 'IBM'], ['brk.b', 'BRK.B'], ['^gspc', '^GSPC'], ['aapl', null], ['no such', null], ['', null]]) {
    list.filter = text;
    assert.equal(list.candidate, symbol, text);
  }
});

test('keys move within the list', () => {
  assert.deepEqual(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'].map((key) => move(key, 3, 20)), [4, 2, 13, 0, 0, 19]);
  assert.equal(move('ArrowDown', 19, 20), 19);
  assert.equal(move('x', 3, 20), null);
  assert.equal(move('ArrowDown', -1, 0), null);
});

test('a sparkline fills its box, and shows what it is measured against', () => {
  const { points, base } = plot([1, 3, 2], 2, 62, 22);
  assert.deepEqual(points, [[1, 20], [31, 2], [61, 11]]);
  assert.equal(base, 11);
  assert.deepEqual(plot([5], null, 62, 22), { points: [[1, 20]], base: null });
});

test('labels: simulated, delayed, or none', () => {
  assert.equal(tag({ simulated: true, delayed_by: 0, vendor: 'simulated' }), 'SIM');
  assert.equal(tag({ simulated: false, delayed_by: 900, vendor: 'yahoo' }), '−15m');
  assert.equal(tag({ simulated: false, delayed_by: 0, vendor: 'yahoo' }), '');
  assert.equal(tag(null), '');
});

test('quotes: newest wins, steps and ages are kept', () => {
  let now = Date.parse('2024-01-12T14:31:00Z');
  const quotes = new Quotes(() => now);
  const quote = (second, price) => ({
    symbol: 'AAPL', vendor: 'yahoo', price, as_of: `2024-01-12T14:30:${second}Z`, received_at: '2024-01-12T14:30:58Z',
  });
  quotes.put(quote('10', 100), { news: false });
  assert.equal(quotes.age('AAPL'), 2000);
  quotes.put(quote('12', 101));
  quotes.put(quote('11', 90));
  assert.deepEqual([quotes.get('AAPL').price, quotes.step('AAPL'), quotes.count], [101, 1, 1]);
  now += 7000;
  assert.equal(quotes.age('AAPL'), 7000);
  assert.equal(quotes.reached, Date.parse('2024-01-12T14:30:12Z'));
  assert.equal(quotes.age('MSFT'), null);
});
