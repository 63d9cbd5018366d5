// @ts-check
/** New York time, whatever the zone of the browser. */
const ZONE = 'America/New_York';

/** @param {Intl.DateTimeFormatOptions} options */
const formatter = (options) => new Intl.DateTimeFormat('en-US', { timeZone: ZONE, hourCycle: 'h23', ...options });
const TIME = formatter({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const MINUTE = formatter({ hour: '2-digit', minute: '2-digit' });
const WEEKDAY = formatter({ weekday: 'short' });
const DAY = formatter({ month: 'short', day: 'numeric' });
const DATE = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });

/** 14:36:05 @param {number} ms */
export const time = (ms) => TIME.format(ms);
/** 14:36 @param {number} ms */
export const minute = (ms) => MINUTE.format(ms);
/** 2013-10-07 @param {number} ms */
export const date = (ms) => DATE.format(ms);
/** Oct 7 @param {number} ms */
export const day = (ms) => DAY.format(ms);
/** Mon @param {number} ms */
export const weekday = (ms) => WEEKDAY.format(ms);

/**
 * The time left, coarse: 2 d, 3 h 5 min, 18 min, under a minute.
 * @param {number} ms
 */
export function left(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'under a minute';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d`;
}

/** A clock that follows the server's: what it said last, and the time since. */
export class ServerClock {
  #offset = 0;
  #local;

  /** @param {() => number} [local] milliseconds */
  constructor(local = Date.now) {
    this.#local = local;
  }

  /** @param {number} now the server's time, milliseconds */
  set(now) {
    this.#offset = now - this.#local();
  }

  now() {
    return this.#local() + this.#offset;
  }
}
