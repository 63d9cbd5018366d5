// @ts-check
/**
 * The small label behind a symbol: where its prices deserve a second thought.
 * @param {{simulated: boolean, delayed_by: number | null, vendor: string} | null} quote
 */
export function tag(quote) {
  if (!quote) return '';
  if (quote.simulated) return 'SIM';
  return quote.delayed_by ? `−${Math.round(quote.delayed_by / 60)}m` : '';
}
