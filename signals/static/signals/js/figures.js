// @ts-check
/** A record in figures: each beside what it must be held against. */
/** @import {Figures, Maybe, Row} from './types.js' */
import { html, nothing } from '../../marketdata/vendor/lit-html/lit-html.js';
import * as words from './words.js';

/** @param {Maybe} value */
const digits = (value) => (value == null ? '–' : value.toFixed(4).replace('-', '−'));

const FEW = 'takes thirty outcomes that had a confidence';

/** @param {Row} row */
export function cards(row) {
  const { record, extra } = row;
  const card = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ beside) => html`<div class="card"><dt>${name}</dt><dd>${value}<small>${beside}</small></dd></div>`;
  const [least, most] = [words.points(extra.net_bp_low), words.points(extra.net_bp_high)];
  const net = least === most ? '' : `; 95 %: ${least} to ${most}`;
  return html`<dl class="cards">
    ${card('Hit rate', words.exact(record.hit_rate), `base ${words.exact(record.base_rate)}; 95 %: ${words.exact(record.low)} to ${words.exact(record.high)}`)}
    ${card('Outcomes', String(record.n), `worth ${words.many(record.n_eff)} independent ones`)}
    ${card('Mean net', words.points(record.net_bp), `always long ${words.points(record.always_long_bp)}${net}`)}
    ${card('Brier', digits(record.brier), record.brier == null ? FEW : `skill over the base rate ${digits(record.skill)}`)}
    ${card('Calibration error', words.exact(row.ece), row.ece == null ? FEW : `a perfect forecaster would show ${words.exact(row.ece_floor)}`)}
    ${card('Expected range', words.exact(row.range_coverage), `of ${row.range_n} lay inside; promised 80 %`)}</dl>
    ${row.reliability == null ? nothing : html`<p class="quiet">Brier = reliability ${digits(row.reliability)} − resolution ${digits(row.resolution)} + uncertainty ${digits(row.uncertainty)}${row.within == null ? '' : ` + within the bins ${digits(row.within)}`} (Murphy 1973)</p>`}`;
}

const COLUMNS = /** @type {[string, (of: Figures) => string | number][]} */ ([
  ['n', (of) => of.n], ['n eff.', (of) => words.many(of.n_eff)], ['Hit rate', (of) => words.exact(of.hit_rate)],
  ['95 %', (of) => `${words.exact(of.low)} to ${words.exact(of.high)}`], ['Base rate', (of) => words.exact(of.base_rate)], ['Mean net', (of) => words.points(of.net_bp)],
  ['Always long', (of) => words.points(of.always_long_bp)], ['Brier', (of) => digits(of.brier)], ['Skill', (of) => digits(of.skill)],
]);

/** @param {Row[]} rows @param {string} group @param {(symbol: string) => unknown} link a symbol by which the page can be narrowed */
export const table = (rows, group, link) => html`<div class="pane" tabindex="0" role="region" aria-label="Records by ${group}"><table>
  <thead><tr><th scope="col">${words.title(group)}</th>${COLUMNS.map(([name]) => html`<th scope="col">${name}</th>`)}</tr></thead>
  <tbody>${rows.map(({ key, record }) => html`<tr><th scope="row">${group === 'symbol' ? link(key) : words.title(key) || 'Not known'}</th>${COLUMNS.map(([, of]) => html`<td>${of(record)}</td>`)}</tr>`)}</tbody></table></div>`;
