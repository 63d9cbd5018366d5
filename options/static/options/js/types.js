// @ts-check
/** What the doors say, as the panels read it; the OpenAPI document has every field. */

/** @typedef {number | null} Maybe absent is null */

/**
 * @typedef {{contract: string, root: string, expiry: string, strike: number, type: 'call' | 'put', bid: Maybe, ask: Maybe, volume: Maybe,
 *   open_interest: Maybe, open_interest_date: string | null, iv: Maybe, no_iv: string | null, delta: Maybe, gamma: Maybe, theta: Maybe,
 *   unusual: Maybe}} Contract `iv` a fraction, `unusual` 0 to 100
 */

/** @typedef {{date: string, root: string, days: number, contracts: number, forward: Maybe, by_parity: boolean, atm_iv: Maybe}} Expiry */

/**
 * @typedef {{symbol: string, spot: Maybe, taken_at: string, session: string, vendor: string, simulated: boolean, expiries: Expiry[],
 *   results: Contract[], next: string | null}} Chain
 */

/** @typedef {{symbol: string, taken_at: string, reasons: Record<string, string>, assumptions: Record<string, string>} & Record<string, any>} Summary */

/** @typedef {{price: number, calls: number, puts: number, net: number}} GammaPoint dollars per 1 % move */

/** @typedef {{by_strike: GammaPoint[], by_spot: GammaPoint[], zero_gamma: Maybe, reasons: Record<string, string>, assumption: string}} Gamma */

/** @typedef {{expiry: string, root: string, forward: Maybe, atm_iv: Maybe, points: {strike: number, iv: Maybe}[]}} Smile */

/** @typedef {{expiries: Smile[], term: {days: number, atm_iv: Maybe}[], assumption: string}} Smiles */

/** @typedef {{name: string, value: Maybe, comparison: string, threshold: Maybe, unit: string, held: boolean}} Condition */

/** @typedef {{name: string, value: Maybe, share: number, weight: number}} Part */

/**
 * @typedef {{alert_id: string, symbol: string, strike: number, type: 'call' | 'put', expiry: string, session: string, raised_at: string,
 *   rule: string, version: number, score: Maybe, volume: Maybe, open_interest: Maybe, open_interest_date: string | null, premium: Maybe, price: Maybe,
 *   iv: Maybe, conditions: Condition[], parts: Part[], side: string | null, side_reason: string, earnings_reason: string, verdict: string,
 *   change: Maybe, best: Maybe, worst: Maybe}} Alert
 */

/**
 * @typedef {{rule: string, version: number, opened: number, closed: number, unclear: number, pending: number, share: Maybe, low: Maybe, high: Maybe}}
 *   Confirmation
 */

export {};
