// @ts-check
/** What the record page is asked for stands in its address, so that it can be kept, sent and gone back to. */

export const GROUPS = /** @type {const} */ ([['direction', 'Direction'], ['agent', 'Agent'], ['symbol', 'Symbol'], ['regime', 'Regime']]);

/** `symbol` '': all of them; `horizon` '': the first one. @typedef {{symbol: string, horizon: string, group: string}} Asked */

/** What may be chosen: one symbol is not told apart by symbol. @param {string} symbol */
export const groups = (symbol) => GROUPS.filter(([name]) => !symbol || name !== 'symbol');

/** @param {string} search of an address @returns {Asked} */
export function read(search) {
  const said = new URLSearchParams(search);
  const text = (/** @type {string} */ name) => (said.get(name) ?? '').trim();
  return sound({ symbol: text('symbol'), horizon: text('horizon'), group: text('group') });
}

/** The address of it; of all there is, the bare one. @param {Asked} asked */
export function address(asked) {
  const { symbol, horizon, group } = sound(asked);
  const said = new URLSearchParams();
  if (symbol) said.set('symbol', symbol);
  if (horizon) said.set('horizon', horizon);
  if (group !== GROUPS[0][0]) said.set('group', group);
  return `/record${said.size ? `?${said}` : ''}`;
}

/** Symbols as REST writes them, and a group that there is. @param {Asked} asked @returns {Asked} */
function sound({ symbol, horizon, group }) {
  const name = symbol.trim().toUpperCase();
  return { symbol: name, horizon, group: groups(name).some(([one]) => one === group) ? group : GROUPS[0][0] };
}
