/** Option numbers in words: absent is a dash, and says why. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ambiguous, key, largest, pairs, shade } from '../../static/options/js/rows.js';
import { days, scale, steps } from '../../static/options/js/scale.js';
import * as words from '../../static/options/js/words.js';

test('days, volatilities, Greeks, dollars and strikes', () => {
  assert.equal(words.day('2026-07-31', '2026-06-01'), 'Jul 31');
  assert.equal(words.day('2027-01-15', '2026-06-01'), 'Jan 15 ’27');
  assert.equal(words.percent(0.2843), '28.4 %');
  assert.equal(words.points(null), '–');
  assert.deepEqual([0.354, -0.12, 0, null].map(words.move), ['+35 %', '−12 %', '0 %', '–']);
  assert.deepEqual([-0.124, 0.5, 1, -0.001, null].map((value) => words.greek(value)), ['−.12', '.50', '1.00', '.00', '–']);
  assert.deepEqual([2.3e6, -4.1e10, 0].map(words.dollars), ['$2.3M', '−$41.0B', '$0']);
  assert.deepEqual([144, 142.5, 17.125].map(words.strike), ['144', '142.5', '17.125']);
  assert.equal(words.book({ bid: 0.05, ask: 0.1 }), '0.05 / 0.10');
  assert.equal(words.book({ bid: null, ask: null }), '–');
  assert.deepEqual([[null, 0.01], [123.45, 124.1], [1234.5, 1240]].map(([bid, ask]) => words.book({ bid, ask })), ['– / 0.01', '123.5 / 124.1', '1235 / 1240']);
});

test('what a chain cannot tell is a dash with its reason', () => {
  const told = words.summary({ iv30: 0.25, iv_rank: null, iv_sessions: 12, reasons: { iv_rank: 'have 12 of 60 sessions' } });
  const rank = told.find((one) => one.name === 'IV rank');
  assert.deepEqual(rank, { name: 'IV rank', value: '–', why: 'have 12 of 60 sessions' });
  assert.equal(told.find((one) => one.name === 'IV30').value, '25.0 %');
  assert.ok(told.every((one) => !/NaN|null|undefined/.test(one.value + one.why)));
});

test('a chain becomes rows by strike, and only the large is shaded', () => {
  const results = [{ strike: 105, type: 'put', volume: 10 }, { strike: 100, type: 'call', volume: 80 }, { strike: 100, type: 'put', volume: null }];
  assert.deepEqual(pairs(results).map(({ strike, call, put }) => [strike, call?.volume, put?.volume]), [[100, 80, null], [105, undefined, 10]]);
  assert.deepEqual(largest(results), { volume: 80, open_interest: 0 });
  assert.deepEqual([80, 40, 20, 10, 9, 0, null].map((one) => shade(one, 80)), ['h4', 'h3', 'h2', 'h1', '', '', '']);
});

test('places and round steps', () => {
  const x = scale([10, 20], 0, 100);
  assert.deepEqual([x(10), x(15), x(20)], [0, 50, 100]);
  assert.equal(scale([5, 5], 0, 100)(5), 0);
  assert.deepEqual(steps(0, 40, 4), [0, 10, 20, 30, 40]);
  assert.ok(steps(-3.1e7, 2.2e7).includes(0));
  assert.deepEqual([days([3, 10, 24]), days([5, 40, 200]), days([3, 5])], [[3, 24], [7, 30, 90, 180], [3, 5]]);
});

test('conditions of an alert are readable', () => {
  assert.deepEqual([[4200, 'contracts'], [448_745, '$'], [9.95, '$'], [76.711, 'points'], [null, '$']].map(([value, unit]) => words.figure(value, unit)),
    ['4.2K contracts', '$449K', '$9.95', '76.71 points', '–']);
  assert.equal(words.demand({ comparison: '>=', threshold: 25_000 }), '≥ 25.0K');
  assert.equal(words.demand({ comparison: '=', threshold: null }), '= –');
  assert.equal(words.clock('2026-11-20T20:30:00Z'), '15:30');
});

test('a ladder is one root of one date', () => {
  const all = [{ date: '2026-12-18', root: 'SPX' }, { date: '2026-12-18', root: 'SPXW' }, { date: '2026-12-21', root: 'SPXW' }];
  assert.deepEqual(all.map(key), ['2026-12-18 SPX', '2026-12-18 SPXW', '2026-12-21 SPXW']);
  assert.deepEqual(all.map((one) => ambiguous(one, all)), [true, true, false]);
});
