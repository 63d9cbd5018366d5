// @ts-check
/** The cold views: lit-html paints what changes seldom, in the place of what the page was served with. */
import { render } from '../vendor/lit-html/lit-html.js';

/** @type {WeakSet<Element>} */
const begun = new WeakSet();

/**
 * @param {Element} element
 * @param {unknown} content a template, or several
 */
export function into(element, content) {
  if (!begun.has(element)) element.replaceChildren();
  begun.add(element);
  render(content, /** @type {HTMLElement} */ (element));
}
