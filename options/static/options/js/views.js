// @ts-check
/** What the options panel can show: which answer each view takes, and what it makes of it. */
/** @import {Chain, Expiry, Gamma, Smiles, Summary} from './types.js' */
/** @import {Size} from './plots.js' */
import { html } from '../../marketdata/vendor/lit-html/lit-html.js';
import { ladder } from './ladder.js';
import * as plots from './plots.js';

export const VIEWS = /** @type {const} */ (['Chain', 'Gamma', 'Smile']);
/** @typedef {typeof VIEWS[number]} View */

/** The address of what a view shows besides the chain; none for the ladder. @param {View} view @param {string} symbol */
export const beside = (view, symbol) => ({ Chain: '', Gamma: `options/${symbol}/gex`, Smile: `options/${symbol}/smile` })[view];

const GAP = 12;
const TITLE = 20;

/** The room of each of two drawings: side by side where both are wide enough. @param {{clientWidth: number, clientHeight: number}} body @returns {Size} */
export function room({ clientWidth, clientHeight }) {
  const columns = clientWidth >= 560 ? 2 : 1;
  const height = (clientHeight - 2 * GAP - (columns === 1 ? GAP : 0)) / (columns === 1 ? 2 : 1) - TITLE;
  return { width: Math.max(220, Math.floor((clientWidth - (columns + 1) * GAP) / columns)), height: Math.max(140, Math.floor(height)) };
}

/**
 * The ladder of an expiry, or two drawings.
 * @param {View} view
 * @param {Chain} chain
 * @param {Expiry} expiry
 * @param {any} more /gex or /smile, as the view takes it
 * @param {Size} size of a drawing
 */
export function content(view, chain, expiry, more, size) {
  if (view === 'Chain') return rungs(chain, expiry);
  if (!more) return html`<div class="say"><b>Loading…</b></div>`;
  const drawn = (view === 'Gamma' ? ofGamma(more, chain, size) : ofSmile(more, chain, expiry, size)).filter(Boolean);
  if (drawn.length) return html`<div class="plots">${drawn}</div>`;
  return html`<div class="say"><b>Nothing to draw</b><p>${more.reasons?.gex ?? 'This chain has too few quoted contracts.'}</p></div>`;
}

/** @param {Chain} chain @param {Expiry} expiry */
function rungs(chain, { date, root }) {
  const results = chain.results.filter((one) => one.expiry === date && one.root === root);
  if (!results.length) return html`<div class="say"><b>Loading its contracts…</b></div>`;
  return ladder({ symbol: chain.symbol, spot: chain.spot, results, expiry: date });
}

/** @param {Gamma} gex @param {Chain} chain @param {Size} size */
const ofGamma = (gex, chain, size) => [plots.gamma(gex, chain.spot, size), plots.gammaBySpot(gex, chain.spot, size)];

/** @param {Smiles} smiles @param {Chain} chain @param {Expiry} expiry @param {Size} size */
const ofSmile = (smiles, chain, { date, root }, size) =>
  [plots.smile(smiles.expiries.find((one) => one.expiry === date && one.root === root), chain.spot, size), plots.structure(smiles.term, size)];
