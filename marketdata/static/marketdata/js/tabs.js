// @ts-check
import { desk, events } from './desk.js';

const NARROW = matchMedia('(max-width: 720px)');

/** The bar at the bottom of a phone: one panel at a time. */
export function listen() {
  const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.tab')]);
  const show = (/** @type {string} */ name) => {
    desk.app.dataset.tab = name;
    for (const tab of tabs) {
      const on = tab.dataset.tab === name;
      tab.setAttribute('aria-selected', String(on));
      tab.tabIndex = on ? 0 : -1;
    }
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => show(tab.dataset.tab ?? 'watch'));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      show(next.dataset.tab ?? 'watch');
      next.focus();
    });
  }
  events.on('select', ({ open }) => open && NARROW.matches && show('chart'));
  document.getElementById('search')?.addEventListener('focus', () => NARROW.matches && show('watch'));
}
