// @ts-check
/**
 * How long to wait before each new attempt: 5, 7.5, 11.25 … 30 s, ten times.
 * @typedef {{first: number, factor: number, most: number, attempts: number, jitter: number}} Backoff milliseconds
 */

/** @type {Readonly<Backoff>} */
export const BACKOFF = Object.freeze({ first: 5_000, factor: 1.5, most: 30_000, attempts: 10, jitter: 0 });

/**
 * Milliseconds before attempt `attempt` (the first is 1). Jitter only shortens, so the longest wait stays the promise.
 * @param {number} attempt
 * @param {Backoff} [backoff]
 * @param {() => number} [random] from 0 to 1
 */
export function delay(attempt, backoff = BACKOFF, random = Math.random) {
  const full = Math.min(backoff.first * backoff.factor ** (attempt - 1), backoff.most);
  return backoff.jitter ? full * (1 - backoff.jitter * random()) : full;
}
