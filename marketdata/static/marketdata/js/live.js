// @ts-check
/** Brings the served page to life. */
import './connection.js';
import './status.js';
import { Watchlist } from './watchlist.js';
import './chart.js';
import './detail.js';
import { desk, events } from './desk.js';
import { listen as listenToKeys } from './keys.js';
import { listen as listenToTabs } from './tabs.js';

const list = /** @type {Watchlist} */ (document.querySelector('gs-watchlist'));

events.on('star', async (/** @type {string} */ symbol) => {
  try {
    await (desk.watched.has(symbol) ? list.unwatch(symbol) : list.watch(symbol));
  } catch (error) {
    events.emit('notice', { key: 'star', error });
  }
});
listenToKeys();
listenToTabs();
desk.start();
