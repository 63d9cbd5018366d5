import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerClock, date, left, minute, time, weekday } from '../../static/marketdata/js/clock.js';
import { chip, recorded } from '../../static/marketdata/js/market.js';

const at = (text) => Date.parse(text);

test('New York time, in summer and in winter', () => {
  assert.equal(minute(at('2013-10-07T14:31:00Z')), '10:31');
  assert.equal(time(at('2024-01-15T14:30:05Z')), '09:30:05');
  assert.equal(date(at('2024-01-15T03:00:00Z')), '2024-01-14');
  assert.equal(minute(at('2024-01-15T05:00:00Z')), '00:00');
  assert.equal(weekday(at('2024-01-15T14:30:00Z')), 'Mon');
});

test('the server has the time', () => {
  let local = 1000;
  const clock = new ServerClock(() => local);
  clock.set(50_000);
  local += 500;
  assert.equal(clock.now(), 50_500);
});

test('time left', () => {
  assert.deepEqual([30_000, 18 * 60_000, 78 * 60_000, 3 * 86_400_000].map(left), ['under a minute', '18 min', '1 h 18 min', '3 d']);
});

test('the market chip: open, closed, before, around the clock', () => {
  const market = { market: 'live', simulated: false, now: null, next_open: '2024-01-16T14:30:00Z', next_close: '2024-01-12T21:00:00Z' };
  const friday = at('2024-01-12T19:42:00Z');
  assert.deepEqual(chip({ ...market, session: 'regular', is_open: true }, friday),
    { dot: 'ok', state: 'Market open', next: 'Closes in 1 h 18 min' });
  assert.deepEqual(chip({ ...market, session: 'closed', is_open: false }, at('2024-01-13T02:00:00Z')),
    { dot: '', state: 'Market closed', next: 'Opens Tue 09:30 ET' });
  assert.deepEqual(chip({ ...market, session: 'pre', is_open: false }, at('2024-01-16T13:00:00Z')),
    { dot: 'idle', state: 'Pre-market', next: 'Opens in 1 h 30 min' });
  assert.equal(chip({ ...market, session: '24h', is_open: true, next_close: null }, friday).state, 'Always open');
});

test('the recorded chip names the recorded time', () => {
  assert.equal(recorded(at('2013-10-07T14:31:00Z')), 'Recorded 2013-10-07 10:31 ET');
  assert.equal(recorded(null), 'Recorded');
});
