// @ts-check
/** @typedef {import('./connection.js').State} State */
/** @typedef {import('./connection.js').Status} Status */
export { BACKOFF, delay } from './backoff.js';
export { RealtimeClient } from './client.js';
export { RequestFailed } from './requests.js';
export { BATCH } from './protocol.js';
