/** Signals in words: a probability is a per cent, the uncalibrated a dash, and each record stands beside its base rate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, groups, read } from '../../static/signals/js/asked.js';
import { marks } from '../../marketdata/js/chart/marks.js';
import { spanned, ticks } from '../../static/signals/js/spans.js';
import { Shelf } from '../../static/signals/js/shelf.js';
import { EVERY, Herald, sentence } from '../../static/signals/js/herald.js';
import * as words from '../../static/signals/js/words.js';

test('probabilities and basis points', () => {
  assert.equal(words.percent(0.547), '55%');
  assert.equal(words.exact(0.547), '54.7 %');
  assert.equal(words.percent(null), '–');
  assert.equal(words.points(-12.34), '−12.3 bp');
  assert.deepEqual([0.317, 9.96, 88.5].map(words.many), ['0.3', '10', '89']);
  assert.deepEqual([0.049, 0.2, -0.2, null].map(words.way), ['flat', 'up', 'down', 'flat']);
  assert.deepEqual(['rsi_reversal', 'momentum_12_1', 'opening_gap_vwap', ''].map(words.title), ['RSI reversal', 'Momentum 12-1', 'Opening gap VWAP', '']);
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

test('why a signal is a HOLD, and who moved it', () => {
  assert.equal(words.why(['warming', 'unproven', 'unprofitable']), 'nothing is learned of such scores yet');
  assert.equal(words.why(['unproven', 'cooldown', 'a_new_one']), 'no proven edge, too soon after the last one, a new one');
  const opinions = [['rsi_reversal', 0.2, 0.5], ['macd_atr', 0.9, 0.25], ['tv_rating', -0.1, 0.25], ['iv_regime', 1, null], ['obv_volume', null, null]]
    .map(([agent, score, weight]) => ({ agent, score, weight }));
  assert.equal(words.strongest({ opinions }), '▲ MACD ATR, RSI reversal ▼ TV rating');
  assert.equal(words.strongest({ opinions: [] }), '');
});

test('what comes within ten seconds is said together, and nothing is said twice', () => {
  const said = [];
  const waiting = [];
  const herald = new Herald((text) => said.push(text), (then, milliseconds) => waiting.push([then, milliseconds]));
  const signal = (signal_type, symbol) => ({ signal_type, symbol, horizon: '5d' });
  herald.tell(signal('BUY', 'AAPL'));
  herald.tell(signal('SELL', 'NVDA'));
  herald.tell(signal('HOLD', 'SPY'));
  assert.deepEqual(said, ['BUY AAPL, 5d']);
  const [[later, milliseconds]] = waiting.splice(0);
  assert.equal(milliseconds, EVERY);
  later();
  assert.deepEqual(said.splice(0), ['BUY AAPL, 5d', 'SELL NVDA, 5d; 1 new hold']);
  waiting.pop()[0]();
  assert.deepEqual([said, waiting], [[], []]);
  herald.tell(signal('HOLD', 'QQQ'));
  assert.deepEqual(said, ['1 new hold']);
  assert.equal(sentence([signal('HOLD', 'A'), signal('HOLD', 'B')]), '2 new holds');
});

test('what became of a signal is put to it, and stays', () => {
  const [shelf, outcome] = [new Shelf(), { won: true, net: 0.0034 }];
  const one = { signal_id: 'a', symbol: 'AAPL', at: '2026-01-01T00:00:00Z', signal_type: 'BUY', score: 0.2, horizon: '5d', outcome: null };
  assert.equal(shelf.grade('a', outcome), false);
  shelf.put([one]);
  assert.equal(shelf.grade('a', outcome), true);
  assert.deepEqual(shelf.put([one]), []);
  assert.deepEqual(shelf.newest('', 1), [{ ...one, outcome }]);
  assert.deepEqual([outcome, { won: false, net: -0.0005 }].map(words.graded), ['Won, +34.0 bp', 'Lost, −5.0 bp']);
});

test('what the record page is asked for stands in its address', () => {
  const all = { symbol: '', horizon: '', group: 'direction' };
  assert.deepEqual(read(''), all);
  assert.equal(address(all), '/record');
  assert.deepEqual(read('?symbol=%20brk.b%20&horizon=30m&group=agent'), { symbol: 'BRK.B', horizon: '30m', group: 'agent' });
  assert.equal(address({ symbol: 'brk.b', horizon: '30m', group: 'agent' }), '/record?symbol=BRK.B&horizon=30m&group=agent');
  assert.equal(address({ symbol: 'AAPL', horizon: '', group: 'symbol' }), '/record?symbol=AAPL');
  assert.equal(read('?group=luck').group, 'direction');
  assert.equal(read('?group=symbol').group, 'symbol');
  assert.deepEqual(groups('AAPL').map(([name]) => name), ['direction', 'agent', 'regime']);
});

test('a diagram spans what it shows, with round steps', () => {
  const bin = (n, mean_confidence, hit_rate, wilson_low, wilson_high) => ({ n, mean_confidence, hit_rate, wilson_low, wilson_high });
  const { bins, low, high } = spanned([bin(10, 0.52, 0.5, 0.31, 0.69), bin(0, null, null, null, null)]);
  assert.deepEqual([bins.length, low.toFixed(2), high.toFixed(2)], [1, '0.29', '0.71']);
  assert.deepEqual(ticks(low, high).map((one) => one.toFixed(2)), ['0.30', '0.35', '0.40', '0.45', '0.50', '0.55', '0.60', '0.65', '0.70']);
  assert.deepEqual(ticks(0, 1).map((one) => one.toFixed(1)), ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
});

test('the newest of a horizon, calls first, and the oldest make room', () => {
  const shelf = new Shelf();
  const one = (id, at, signal_type = 'HOLD', score = 0, horizon = '5d') => ({ signal_id: String(id), symbol: `S${id % 3}`, at: `2026-01-01T00:00:${String(at).padStart(2, '0')}Z`, signal_type, score, horizon });
  assert.equal(shelf.put([one(1, 5), one(2, 5, 'HOLD', -0.4), one(3, 5, 'BUY'), one(4, 9, 'HOLD', 0, '30m')]).length, 4);
  assert.deepEqual(shelf.put([one(1, 5)]), []);
  assert.deepEqual(shelf.newest('', 9).map((found) => found.signal_id), ['4', '3', '2', '1']);
  assert.deepEqual(shelf.newest('5d', 2).map((found) => found.signal_id), ['3', '2']);
  assert.deepEqual(shelf.of('S1').map((found) => found.signal_id), ['1', '4']);
  shelf.put(Array.from({ length: 500 }, (_, i) => one(100 + i, 10 + (i % 50))));
  assert.equal(shelf.newest('', 1000).length, 250);
  assert.ok(!shelf.newest('', 1000).some((found) => found.signal_id === '1'));
});
