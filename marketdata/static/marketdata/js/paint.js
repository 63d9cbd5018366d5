// @ts-check
/** Gathers what changed and paints it at most ten times a second, inside an animation frame: nobody reads faster. */
export const EVERY = 100;

export class Painter {
  /** @type {Set<string>} */
  #dirty = new Set();
  #waiting = false;
  #last = 0;
  #paint;

  /** @param {(names: Set<string>) => void} paint */
  constructor(paint) {
    this.#paint = paint;
  }

  /** @param {string} name */
  mark(name) {
    this.#dirty.add(name);
    if (this.#waiting) return;
    this.#waiting = true;
    setTimeout(() => requestAnimationFrame(() => this.#run()), Math.max(0, this.#last + EVERY - performance.now()));
  }

  #run() {
    this.#last = performance.now();
    this.#waiting = false;
    const names = this.#dirty;
    this.#dirty = new Set();
    this.#paint(names);
  }
}

/**
 * Writes a text only where it changed.
 * @param {Element | null | undefined} element
 * @param {string} text
 */
export function write(element, text) {
  if (!element) return;
  const node = /** @type {Text} */ (element.firstChild ?? element.appendChild(document.createTextNode('')));
  if (node.data !== text) node.data = text;
}

/**
 * The elements of a panel by the name in `data-f`.
 * @param {Element} panel
 * @returns {Record<string, HTMLElement>}
 */
export function fields(panel) {
  const all = /** @type {NodeListOf<HTMLElement>} */ (panel.querySelectorAll('[data-f]'));
  return Object.fromEntries([...all].map((element) => [element.dataset.f, element]));
}

/** @param {string} name of a custom property */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
