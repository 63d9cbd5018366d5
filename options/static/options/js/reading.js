// @ts-check
/** A chain from REST: all contracts of one expiry, however many pages they take. */
/** @import {Chain, Expiry} from './types.js' */
import { call, Problem } from '../../marketdata/js/api.js';
import { key } from './rows.js';

const PAGE = 1000;

/**
 * @param {string} symbol encoded
 * @param {Expiry | null} wanted the nearest, where it is none or has expired
 * @param {AbortSignal} signal
 * @returns {Promise<{chain: Chain, expiry: Expiry | null}>} throws Problem
 */
export async function read(symbol, wanted, signal) {
  const path = `market-data/${symbol}/options`;
  const known = wanted && (await pages(path, wanted, signal));
  const found = known?.expiries.find((one) => wanted && key(one) === key(wanted));
  if (known && found) return { chain: known, expiry: found };
  const { expiries } = known ?? (await call(`${path}?limit=1`, { signal }));
  if (!expiries.length) throw new Problem(404, 'No contract is left', 'All that were known have expired. The next poll brings what is listed now.');
  const chain = await pages(path, expiries[0], signal);
  return { chain, expiry: chain.expiries.find((one) => key(one) === key(expiries[0])) ?? null };
}

/** @param {string} path @param {Expiry} expiry @param {AbortSignal} signal @returns {Promise<Chain>} */
async function pages(path, expiry, signal) {
  const first = await call(`${path}?limit=${PAGE}&expiry=${expiry.date}`, { signal });
  for (let { next } = first; next;) {
    const more = await call(`${path}?limit=${PAGE}&expiry=${expiry.date}&cursor=${encodeURIComponent(next)}`, { signal });
    first.results.push(...more.results);
    next = more.next;
  }
  return first;
}
