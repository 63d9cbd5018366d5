// @ts-check
/** @import {Bar} from '../bars.js' */
import { compact, price } from '../format.js';

/** O 143.71 H 143.82 L 143.57 C 143.58 V 81.8K @param {Bar | null | undefined} bar */
export function legend(bar) {
  if (!bar) return '';
  const { open, high, low, close, volume } = bar;
  return `O ${price(open)} H ${price(high)} L ${price(low)} C ${price(close)} V ${compact(volume)}`;
}
