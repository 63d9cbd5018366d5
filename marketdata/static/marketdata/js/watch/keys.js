// @ts-check
const PAGE = 10;

/**
 * Where a key moves in a list; null for keys that do not move.
 * @param {string} key
 * @param {number} at
 * @param {number} length
 */
export function move(key, at, length) {
  const last = length - 1;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: last }[key];
  return to === undefined || length === 0 ? null : Math.max(0, Math.min(last, to));
}
