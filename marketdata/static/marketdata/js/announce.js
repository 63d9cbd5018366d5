// @ts-check
/** The one polite live region. Connection changes and what the reader did; prices never. @param {string} text */
export function announce(text) {
  const region = document.getElementById('announce');
  if (region) region.textContent = text;
}
