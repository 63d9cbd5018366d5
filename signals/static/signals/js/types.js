// @ts-check
/** What the doors say, as the panels read it; the OpenAPI document has every field. */

/** @typedef {number | null} Maybe absent is null */

/** @typedef {'up' | 'down' | 'flat'} Lean */

/**
 * How the like did, beside the base rate and beside simply being long.
 * @typedef {{n: number, n_eff: number, wins: number, hit_rate: Maybe, low: Maybe, high: Maybe, base_rate: Maybe, brier: Maybe, skill: Maybe,
 *   net_bp: Maybe, always_long_bp: Maybe}} Figures
 */

/** @typedef {{agent: string, version: number, score: Maybe, weight: Maybe, abstains: string | null, evidence: {text: string}[]}} Opinion `weight`: share of the vote */

/** @typedef {{reason: string, passed: boolean, value: Maybe, threshold: Maybe, words: string}} Gate */

/** @typedef {{entry: number, exit: number, net: number, won: boolean, in_range: boolean | null}} Outcome */

/**
 * @typedef {{signal_id: string, symbol: string, signal_type: 'BUY' | 'SELL' | 'HOLD', confidence: Maybe, reasoning: string, lean: Lean, score: Maybe,
 *   base_rate: Maybe, confidence_low: Maybe, confidence_high: Maybe, edge_probability: Maybe, horizon: string, at: string, price: number,
 *   expected_range: {coverage: number, low: number, high: number} | null, record: Figures | null, reasons: string[], opinions: Opinion[],
 *   gates: Gate[], agent_set: string, inputs: string, decision: string, outcome: Outcome | null}} Signal
 */

/** @typedef {{score: number, lean: Lean, flips: boolean}} Otherwise */

/**
 * @typedef {{sample: string, note: string, threshold: number, without: ({agent: string} & Otherwise)[], nearest: string | null,
 *   custom: ({without: string[], threshold: number} & Otherwise) | null}} Counterfactuals
 */

/** @typedef {{signal: Signal, counterfactuals: Counterfactuals, ledger: {seq: number, head: string} | null}} Explanation */

/**
 * @typedef {{agent: string, version: number, weight: Maybe, share: Maybe, status: string, reason: string | null, last_run: string | null, took_ms: Maybe,
 *   opinions: number, abstained: number, horizon: string | null, record: Figures | null}} Agent
 */

/** @typedef {{n: number, mean_confidence: Maybe, hit_rate: Maybe, wilson_low: Maybe, wilson_high: Maybe}} Bin */

/**
 * @typedef {{key: string, record: Figures, bins: Bin[], reliability: Maybe, resolution: Maybe, uncertainty: Maybe, within: Maybe, ece: Maybe, ece_floor: Maybe,
 *   range_coverage: Maybe, range_n: number, first: string | null, last: string | null, extra: {net_bp_low?: Maybe, net_bp_high?: Maybe}}} Row
 */

/**
 * @typedef {{market: string, horizon: string, horizons: string[], agent_set: string, group: string, symbol: string | null, outcomes: number, total: number, warm: string | null,
 *   reason: string | null, rows: Row[]}} TrackRecord
 */

export {};
