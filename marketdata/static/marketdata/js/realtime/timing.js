// @ts-check
/**
 * @typedef {object} Timing the clock and the timers; tests pass their own
 * @property {() => number} now milliseconds
 * @property {(run: () => void, ms: number) => any} start
 * @property {(timer: any) => void} stop
 */

/** @type {Timing} */
export const TIMING = Object.freeze({
  now: () => Date.now(),
  start: (run, ms) => setTimeout(run, ms),
  stop: (timer) => clearTimeout(timer),
});
