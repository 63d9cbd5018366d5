"""What a chain says in a few numbers: positions, gamma, volatility; each that cannot be told is None, with a reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from options import smile, term
from options.domain import Analysis, Chain, ChainSummary, Slice
from options.forward import own_spot
from options.gamma import dollars, unpriced, zero_gamma
from options.groups import adjusted, prices
from options.history import standing
from options.pain import by_expiry
from options.positions import premium, ratio, total
from options.pricing import DAYS
from options.telling import Telling, Untold, known

MONTH, WEEK, QUARTER = 30.0, 7.0, 90.0
"""Days of the constant maturities."""
SKEW_DAYS = (7.0, 90.0)
"""Days between which the expiry of the skew must lie."""
FEW = 3
"""Quotes that make the least smile."""
NO_MONEY = "no expiry has a volatility at the money"
UNPRICED = 0.25
"""Part of the gamma that may be of contracts without a volatility when the sum of the others is told for all.

Of the index options it is a fiftieth at most; of a share of $20, whose wings are worth cents, a fifth.
"""


def empty(chain: Chain) -> ChainSummary:
    """What the chain says of itself."""
    return ChainSummary(
        underlying=chain.underlying, vendor=chain.vendor, market=chain.market, taken_at=chain.taken_at,
        session=chain.session, spot=chain.spot, simulated=chain.simulated, delayed_by=chain.delayed_by,
        contracts=len(chain), expiries=len(np.unique(chain.expiry)), open_interest_date=chain.open_interest_date,
    )  # fmt: skip


def summary(analysis: Analysis, past: Sequence[float | None], horizon_days: int) -> ChainSummary:
    """The summary of an analysis (whose own is not looked at)."""
    chain, tell = analysis.chain, Telling()
    spot, why = own_spot(chain, analysis.slices)
    if chain.spot is None:
        tell.reasons["spot"] = why
    found: dict[str, Any] = {
        **_positions(tell, chain), **_forward(tell, analysis), **_pain(tell, chain, spot, horizon_days),
        **_gamma(tell, analysis, spot), **_term(tell, analysis, past), **_skew(tell, analysis),
        **_move(tell, analysis, spot),
    }  # fmt: skip
    return replace(empty(chain), **found, reasons=tell.reasons)


def _positions(tell: Telling, chain: Chain) -> dict[str, Any]:
    calls, volume, held = chain.is_call, chain.volume, chain.open_interest
    return {
        "call_volume": tell("call_volume", lambda: total(volume, calls, "volume of calls")),
        "put_volume": tell("put_volume", lambda: total(volume, ~calls, "volume of puts")),
        "call_oi": tell("call_oi", lambda: total(held, calls, "open interest of calls")),
        "put_oi": tell("put_oi", lambda: total(held, ~calls, "open interest of puts")),
        "put_call_volume": tell("put_call_volume", lambda: ratio(volume, calls, "volume")),
        "put_call_oi": tell("put_call_oi", lambda: ratio(held, calls, "open interest")),
        "put_call_premium": tell("put_call_premium", lambda: ratio(premium(chain), calls, "premium")),
    }


def _forward(tell: Telling, analysis: Analysis) -> dict[str, Any]:
    first = _front(analysis, [one for one in analysis.slices if one.forward is not None])
    forward = tell("forward", lambda: known(first, "no put–call pair near the money, and no spot").forward)
    return {"forward": forward, "forward_expiry": first.expiry if first else None}


def _pain(tell: Telling, chain: Chain, spot: float | None, horizon_days: int) -> dict[str, Any]:
    pains = by_expiry(chain, spot, chain.session + timedelta(days=horizon_days))
    expiry = min(pains, default=None)
    why = f"no expiry of the next {horizon_days} days has open interest"
    return {"max_pain": tell("max_pain", lambda: pains[known(expiry, why)]), "max_pain_expiry": expiry}


def _gamma(tell: Telling, analysis: Analysis, spot: float | None) -> dict[str, Any]:
    def exposure() -> float:
        _covered(analysis)
        return float(np.add(*dollars(analysis, known(spot, "there is no spot"))).sum())

    gex = tell("gex", exposure)

    def zero() -> float:
        known(gex, tell.reasons.get("gex", ""))
        return known(zero_gamma(analysis), "the gamma does not change its sign between 0.8 and 1.2 of the spot")

    return {"gex": gex, "zero_gamma": tell("zero_gamma", zero)}


def _covered(analysis: Analysis) -> None:
    """Raises Untold where there is no open interest, or too much of it without a volatility."""
    chain = analysis.chain
    roots, codes = np.unique(chain.root, return_inverse=True)
    held = np.where(adjusted(roots)[codes], 0.0, np.nan_to_num(chain.open_interest))
    if not held.sum() > 0:
        raise Untold("there is no open interest")
    share = unpriced(analysis, FEW)
    if share > UNPRICED:
        raise Untold(f"{share:.0%} of the gamma is of contracts whose quotes tell no volatility")


def _term(tell: Telling, analysis: Analysis, past: Sequence[float | None]) -> dict[str, Any]:
    points = term.points(analysis.slices)

    def constant(days: float) -> float:
        if not points:
            raise Untold(NO_MONEY)
        span = " to ".join(sorted({f"{one:.0f}" for one in (points[0][0], points[-1][0])}, key=float))
        why = f"{days:.0f} days lie outside the expiries with a volatility at the money ({span} days)"
        return known(term.of_days(points, days), why)

    iv30 = tell("iv30", lambda: constant(MONTH))
    stands = standing(iv30, past)
    return {
        "iv30": iv30,
        "iv_rank": tell("iv_rank", lambda: known(stands.rank, stands.no_rank)),
        "iv_percentile": tell("iv_percentile", lambda: known(stands.percentile, stands.no_percentile)),
        "iv_sessions": stands.sessions,
        "term_slope": tell("term_slope", lambda: constant(QUARTER) - constant(MONTH)),
        "term_ratio": tell("term_ratio", lambda: constant(MONTH) / constant(WEEK)),
    }


def _skew(tell: Telling, analysis: Analysis) -> dict[str, Any]:
    low, high = SKEW_DAYS
    fit = [one for one in analysis.slices if one.atm_iv and low <= one.years * DAYS <= high and len(one.strikes) >= FEW]
    one = min(fit, key=lambda one: (abs(one.years * DAYS - MONTH), -len(one.strikes)), default=None)

    def skew() -> float:
        of = known(one, f"no expiry of {low:.0f} to {high:.0f} days has a smile")
        put, call = smile.quarter_deltas(of.strikes, of.ivs, of.forward or np.nan, of.years)
        why = f"the quotes of {of.expiry} do not reach a delta of 25 among the "
        return known(put, why + "puts") - known(call, why + "calls")

    found = tell("skew_25d", skew)
    atm = one.atm_iv if one else None
    relative = tell("skew_25d_relative", lambda: known(found, tell.reasons.get("skew_25d", "")) / (atm or np.nan))
    return {"skew_25d": found, "skew_25d_relative": relative}


def _move(tell: Telling, analysis: Analysis, spot: float | None) -> dict[str, Any]:
    one = _front(analysis, [one for one in analysis.slices if one.atm_iv])

    def move() -> float:
        of = known(one, NO_MONEY)
        return float(known(spot, "there is no spot") * (of.atm_iv or np.nan) * of.years**0.5)

    return {
        "expected_move": tell("expected_move", move),
        "expected_move_expiry": one.expiry if one else None,
        "straddle": tell("straddle", lambda: _straddle(analysis, known(one, NO_MONEY))),
    }


def _straddle(analysis: Analysis, of: Slice) -> float:
    """The middles of call and put at the strike nearest to the forward, dollars per share."""
    chain, (middles, _) = analysis.chain, prices(analysis.chain)
    rows = (chain.root == of.root) & (chain.expiry == np.datetime64(of.expiry))
    strikes = chain.strike[rows]
    nearest = strikes[np.argmin(np.abs(strikes - (of.forward or np.nan)))]
    both = middles[rows & (chain.strike == nearest)]
    if len(both) != 2 or not np.isfinite(both).all():
        raise Untold(f"call and put of {nearest:g} ({of.expiry}) are not both quoted")
    return float(both.sum())


def _front(analysis: Analysis, fit: Sequence[Slice]) -> Slice | None:
    """The nearest expiry after the session's own date, else that date's; of two roots the one with more quotes."""
    session: date = analysis.chain.session
    return min(fit, key=lambda one: (one.expiry <= session, one.expiry, -len(one.strikes)), default=None)
