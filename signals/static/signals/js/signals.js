// @ts-check
/** The signals floor of the page. */
import './feed.js';
import './agents.js';
