// @ts-check
/** @typedef {{symbol: string, name: string, spark: number[]}} Entry */
/** @typedef {{key: 'symbol' | 'price' | 'change_percent' | 'volume', direction: 1 | -1} | null} Sort */

/** Which symbols are watched, in which order they are shown, and which of them a search leaves. */
export class WatchModel {
  /** @type {Map<string, Entry>} */
  entries = new Map();
  /** @type {Sort} */
  sort = null;
  filter = '';

  /** @param {Entry[]} entries */
  replace(entries) {
    this.entries = new Map(entries.map((entry) => [entry.symbol, entry]));
  }

  /**
   * First click: the natural direction; second: the other; third: the list's own order again.
   * @param {'symbol' | 'price' | 'change_percent' | 'volume'} key
   */
  sortBy(key) {
    const first = key === 'symbol' ? 1 : -1;
    if (this.sort?.key !== key) this.sort = { key, direction: first };
    else this.sort = this.sort.direction === first ? { key, direction: /** @type {1 | -1} */ (-first) } : null;
    return this.sort;
  }

  /**
   * The symbols to show, in order. What has no value comes last, whichever way it is sorted.
   * @param {(symbol: string) => any} quote
   * @returns {string[]}
   */
  view(quote) {
    const text = this.filter.trim().toLowerCase();
    const shown = [...this.entries.values()].filter((one) => matches(one, text)).map((one) => one.symbol);
    const { sort } = this;
    if (!sort) return shown;
    if (sort.key === 'symbol') return shown.sort((a, b) => sort.direction * a.localeCompare(b));
    return shown.sort((a, b) => compare(quote(a)?.[sort.key] ?? null, quote(b)?.[sort.key] ?? null, sort.direction));
  }

  /** The symbol that the search text would add, as far as it looks like one. */
  get candidate() {
    const text = this.filter.trim().toUpperCase();
    return /^[\^A-Z0-9][A-Z0-9.=-]{0,24}$/.test(text) && !this.entries.has(text) ? text : null;
  }
}

/**
 * @param {Entry} entry
 * @param {string} text
 */
function matches(entry, text) {
  return !text || entry.symbol.toLowerCase().startsWith(text) || entry.name.toLowerCase().includes(text);
}

/**
 * @param {number | null} a
 * @param {number | null} b
 * @param {1 | -1} direction
 */
function compare(a, b, direction) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return direction * (a - b);
}
