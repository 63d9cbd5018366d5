// @ts-check
import { events } from './desk.js';

const root = document.documentElement;

export function switchTheme() {
  root.dataset.theme = root.dataset.theme === 'light' ? 'dark' : 'light';
  keep('gs-theme', root.dataset.theme);
}

/** Blue and orange for readers who cannot tell green from red. */
export function switchDirection() {
  root.dataset.direction = root.dataset.direction === 'blue-orange' ? '' : 'blue-orange';
  keep('gs-direction', root.dataset.direction);
}

/**
 * @param {string} name
 * @param {string} value
 */
function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Private windows may refuse: the choice then lasts as long as the page.
  }
  events.emit('colours');
}
