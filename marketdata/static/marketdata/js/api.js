// @ts-check
/** What REST said when it could not: the cause, and what to do. */
export class Problem extends Error {
  /**
   * @param {number} status 0: no answer at all
   * @param {string} title
   * @param {string} detail
   */
  constructor(status, title, detail) {
    super(title);
    this.name = 'Problem';
    this.status = status;
    this.detail = detail;
  }
}

const OFFLINE = () => new Problem(0, 'No answer from the server', 'Check that it is running and that you are online.');

/**
 * @param {string} path below /api/v1/
 * @param {{method?: string, body?: any, signal?: AbortSignal, fresh?: boolean}} [options] `fresh`: what is kept is asked about
 * @returns {Promise<any>} throws Problem
 */
export async function call(path, { method = 'GET', body, signal, fresh = false } = {}) {
  const headers = { Accept: 'application/json', ...(body ? { 'Content-Type': 'application/json' } : {}), ...csrf(method) };
  const cache = /** @type {RequestCache} */ (fresh ? 'no-cache' : 'default');
  const request = { method, headers, signal, cache, body: body && JSON.stringify(body) };
  const answer = await fetch(`/api/v1/${path}`, request).catch((error) => {
    throw error.name === 'AbortError' ? error : OFFLINE();
  });
  const value = await answer.json().catch(() => null);
  if (answer.ok) return value;
  throw new Problem(answer.status, value?.title ?? `The server answered ${answer.status}`, value?.detail ?? 'Try again.');
}

/** @param {string} method @returns {Record<string, string>} */
function csrf(method) {
  if (method === 'GET') return {};
  const token = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="csrf-token"]'))?.content;
  return token ? { 'X-CSRFToken': token } : {};
}
