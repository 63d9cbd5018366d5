// @ts-check
/** The words of our server; no other module spells them. They are described in marketdata/live/asyncapi.yaml. */

/** Channels of which only the latest value of a symbol matters: holes in their numbering are no loss. */
export const CONFLATING = new Set(['market_data', 'options']);

/** Topic -> its last number that came, and the numbering that this belongs to. @typedef {Record<string, {epoch: string, seq: number}>} Position */

/**
 * @param {string} channel
 * @param {string} [symbol]
 */
export const topic = (channel, symbol) => (symbol ? `${channel}:${symbol}` : channel);

/** @param {string} name */
export const channelOf = (name) => name.split(':', 1)[0];

/** Several messages in one frame: what our client asks for. */
export const BATCH = 'goldensignals.batch';

/**
 * One message for all topics of one channel.
 * @param {'subscribe' | 'unsubscribe'} type
 * @param {string[]} names topics
 * @param {Position} [position]
 * @returns {any[]}
 */
export function subscriptions(type, names, position) {
  /** @type {Map<string, string[]>} */
  const channels = new Map();
  for (const name of names) {
    const channel = channelOf(name);
    const symbols = channels.get(channel) ?? [];
    if (name !== channel) symbols.push(name.slice(channel.length + 1));
    channels.set(channel, symbols);
  }
  return [...channels].map(([channel, symbols]) => {
    const data = { channel, ...(symbols.length ? { symbols } : {}) };
    const since = Object.entries(position ?? {}).filter(([name]) => names.includes(name) && channelOf(name) === channel);
    if (!since.length) return { type, data };
    const { epoch } = since[0][1];
    const resume = Object.fromEntries(since.filter(([, one]) => one.epoch === epoch).map(([name, one]) => [name, one.seq]));
    return { type, data: { ...data, resume, epoch } };
  });
}

/** @param {string} id */
export const ping = (id) => ({ type: 'ping', id });

/** @param {string} token */
export const authenticate = (token) => ({ type: 'authenticate', data: { token } });
