// @ts-check
/**
 * What a close code asks of us. A browser sees a refused handshake as 1006, so the server accepts first and says why.
 * Everything else is tried again, 1000 included: proxies send it.
 * @param {number} code
 * @returns {'token' | 'failed' | 'retry'}
 */
export function verdict(code) {
  if (code === 4401) return 'token';
  if (code === 4400 || code === 4403 || code === 4404) return 'failed';
  return 'retry';
}

/** We let go of a connection that stopped answering. */
export const MUTE = 4000;
