// @ts-check
/** The options floor of the page. */
import './chain.js';
import './alerts.js';
