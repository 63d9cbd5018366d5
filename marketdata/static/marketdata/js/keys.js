// @ts-check
import { events } from './desk.js';
import { switchDirection, switchTheme } from './look.js';

/** Shortcuts that work anywhere outside a field; `?` lists them. */
export function listen() {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById('keys'));
  const help = () => (dialog.open ? dialog.close() : dialog.showModal());
  /** @type {Record<string, () => void>} */
  const actions = { '/': () => document.getElementById('search')?.focus(), '?': help, t: switchTheme, d: switchDirection };
  for (let i = 1; i <= 6; i += 1) actions[i] = () => events.emit('interval', i - 1);
  document.getElementById('help')?.addEventListener('click', help);
  document.getElementById('theme')?.addEventListener('click', switchTheme);
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /** @type {HTMLElement} */ (event.target).matches('input, textarea')) return;
    if (dialog.open && event.key !== '?') return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
