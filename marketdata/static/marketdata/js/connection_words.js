// @ts-check
/** @import {State} from './realtime/index.js' */
import { milliseconds } from './format.js';

/**
 * What the chip shows and what is announced for a state of the connection.
 * @param {State} state
 * @param {number} now milliseconds
 * @returns {{dot: string, kind: string, state: string, detail: string, say: string}}
 */
export function chipOf(state, now) {
  switch (state.status) {
    case 'connected':
      if (state.stale) return { dot: 'warn', kind: 'warn', state: 'Not answering', detail: '', say: 'The server is not answering' };
      return { dot: 'ok', kind: '', state: 'Connected', detail: state.latency === null ? '' : milliseconds(state.latency), say: 'Connected again' };
    case 'reconnecting':
      return { dot: 'warn', kind: 'warn', state: waiting(state, now), detail: `${state.attempt}/${state.attempts}`, say: 'Connection lost, reconnecting' };
    case 'failed':
      return { dot: 'bad', kind: 'bad', state: 'Offline', detail: '', say: 'Offline. Reconnect by hand.' };
    case 'closed':
      return { dot: 'idle', kind: '', state: 'Closed', detail: '', say: 'Connection closed' };
    default:
      return { dot: 'idle', kind: '', state: 'Connecting', detail: '', say: 'Connecting' };
  }
}

/**
 * @param {State} state
 * @param {number} now
 */
function waiting(state, now) {
  if (state.retryAt === null) return 'Reconnecting';
  return `Reconnecting in ${Math.max(0, (state.retryAt - now) / 1000).toFixed(1)} s`;
}
