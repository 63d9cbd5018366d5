/** Words for numbers: the same table is read by marketdata/tests/test_page.py, for the page before its script. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as format from '../../static/marketdata/js/format.js';

const cases = JSON.parse(readFileSync(new URL('format_cases.json', import.meta.url)));

for (const [name, pairs] of Object.entries(cases)) {
  test(`${name} says what the served page says`, () => {
    for (const [value, words] of pairs) assert.equal(format[name](value), words, `${name}(${value})`);
  });
}

test('spans of time', () => {
  assert.deepEqual([4_000, 89_000, 720_000, 10_800_000, 172_800_000].map(format.span), ['4 s', '89 s', '12 min', '3 h', '2 d']);
  assert.equal(format.shortSpan(120_000), '2m');
  assert.equal(format.milliseconds(538.4), '538 ms');
  assert.equal(format.milliseconds(1810), '1.8 s');
  assert.equal(format.signed(-0.004), '0.00');
  assert.deepEqual([null, 0, 900].map(format.late), ['delay not stated', '', '15 min delayed']);
});
