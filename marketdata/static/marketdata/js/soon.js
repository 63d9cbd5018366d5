// @ts-check
/**
 * Work that many calls ask for is done once, a moment after the first of them.
 * @param {() => void} work
 * @param {number} milliseconds
 * @param {(then: () => void, milliseconds: number) => unknown} [wait]
 * @returns {() => void}
 */
export function soon(work, milliseconds, wait = setTimeout.bind(globalThis)) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    wait(() => {
      asked = false;
      work();
    }, milliseconds);
  };
}
