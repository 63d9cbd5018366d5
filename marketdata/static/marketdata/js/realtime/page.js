// @ts-check
/**
 * What happens to the page: back online, shown again, restored from the cache of the browser's history.
 * `offline` only probes: the server may be on this very machine.
 * @param {{reconnect: () => void, probe: () => void, status: () => string}} connection
 * @param {{addEventListener: Function, removeEventListener: Function, document: any}} [page]
 * @returns {() => void} stops watching
 */
export function watchPage(connection, page = /** @type {any} */ (globalThis)) {
  const waiting = () => ['reconnecting', 'failed'].includes(connection.status());
  const revive = () => (waiting() ? connection.reconnect() : connection.probe());
  const shown = () => page.document.visibilityState === 'visible' && revive();
  const restored = (/** @type {any} */ event) => event.persisted && connection.reconnect();
  const probe = () => connection.probe();
  page.addEventListener('online', revive);
  page.addEventListener('offline', probe);
  page.addEventListener('pageshow', restored);
  page.document.addEventListener('visibilitychange', shown);
  return () => {
    page.removeEventListener('online', revive);
    page.removeEventListener('offline', probe);
    page.removeEventListener('pageshow', restored);
    page.document.removeEventListener('visibilitychange', shown);
  };
}
