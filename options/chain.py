"""A chain analysed: forward, smile and Greeks of each expiry, and what the whole says in a few numbers.

The volatilities are those of European options on the out-of-the-money side; the same for the call and the put of a
strike.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from options import smile
from options.domain import Analysis, Chain, Floats, NoIV, Slice
from options.forward import own_spot, parity
from options.groups import REASON, Group, Rows, Texts, groups, prices
from options.pricing import forward_price, greeks
from options.summary import empty, summary
from options.volatility import implied_volatility

HORIZON = 45
"""Days beyond which old positions far from the money rule the max pain."""


def analyse(chain: Chain, rate: float, past: Sequence[float | None] = (), horizon_days: int = HORIZON) -> Analysis:
    """The analysis of a chain with a flat `rate` (fraction per year) and the iv30 of its own earlier sessions.

    `past`: oldest first, None for a session without one. `horizon_days`: how far max pain is looked for.
    """
    of = groups(chain)
    middles, why = prices(chain)
    forwards = _forwards(of, middles, chain, rate)
    rows = [_outside(group, forward) for group, (forward, _) in zip(of, forwards, strict=True)]
    solved, unsolved = _solved(of, forwards, rows, middles, rate)
    solved_why = np.where(why == NoIV.NONE, unsolved, why)
    slices = tuple(
        _slice(group, *forward, rate, row, solved, middles)
        for group, forward, row in zip(of, forwards, rows, strict=True)
    )
    iv, no_iv = _spread(chain, of, slices, rows, solved_why)
    analysis = _assembled(chain, of, slices, iv, no_iv)
    return replace(analysis, summary=summary(analysis, past, horizon_days))


def _forwards(of: list[Group], middles: Floats, chain: Chain, rate: float) -> list[tuple[float | None, bool]]:
    """The forward of each group and whether parity told it; else S·e^{rT} of the quotes' own spot."""
    padded = np.append(middles, np.nan)
    told = [parity(one.strikes, padded[one.calls], padded[one.puts], one.years, rate, chain.spot) for one in of]
    bare = [_bare(group, forward, rate) for group, forward in zip(of, told, strict=True)]
    spot, _ = own_spot(chain, bare)
    carried = [None if spot is None else float(forward_price(spot, one.years, rate)) for one in of]
    return [(one, True) if one else (other, False) for one, other in zip(told, carried, strict=True)]


def _bare(group: Group, forward: float | None, rate: float) -> Slice:
    """A slice that knows only its forward."""
    none = np.empty(0)
    return Slice(
        root=group.root, expiry=group.expiry, years=group.years, rate=rate, forward=forward, by_parity=bool(forward),
        strikes=none, ivs=none, atm_iv=None,
    )  # fmt: skip


def _outside(group: Group, forward: float | None) -> Rows:
    """The row of the out-of-the-money contract of each strike: the put below the forward, else the call; −1: none."""
    if forward is None:
        return np.full(len(group.strikes), -1, np.intp)
    return np.where(group.strikes < forward, group.puts, group.calls)


def _solved(
    of: list[Group], forwards: list[tuple[float | None, bool]], rows: list[Rows], middles: Floats, rate: float
) -> tuple[Floats, Texts]:
    """The volatility of each out-of-the-money quote, by row of the chain, and why others have none."""
    iv, why = np.full(len(middles), np.nan), np.zeros(len(middles), REASON)
    if not of:
        return iv, why
    lengths = [len(group.strikes) for group in of]
    row = np.concatenate(rows)
    listed = row >= 0
    forward = np.repeat([np.nan if one is None else one for one, _ in forwards], lengths)[listed]
    years = np.repeat([group.years for group in of], lengths)[listed]
    strike, row = np.concatenate([group.strikes for group in of])[listed], row[listed]
    iv[row], why[row] = implied_volatility(middles[row], forward, strike, years, rate, strike >= forward)
    return iv, why


def _slice(
    group: Group, forward: float | None, by_parity: bool, rate: float, rows: Rows, solved: Floats, middles: Floats
) -> Slice:
    ivs, paid = np.append(solved, np.nan)[rows], np.append(middles, np.nan)[rows]
    known = np.isfinite(ivs) & (ivs > 0)
    if forward is not None:
        known[known] = smile.ordered(group.strikes[known], paid[known], forward)
    strikes, ivs = group.strikes[known], ivs[known]
    return Slice(
        root=group.root, expiry=group.expiry, years=group.years, rate=rate, forward=forward, by_parity=by_parity,
        strikes=strikes, ivs=ivs, atm_iv=smile.at_the_money(strikes, ivs, forward, group.years),
    )  # fmt: skip


def _spread(
    chain: Chain, of: list[Group], slices: Sequence[Slice], rows: list[Rows], why: Texts
) -> tuple[Floats, Texts]:
    """The volatility of each contract out of its expiry's smile, or why it has none."""
    iv = np.full(len(chain), np.nan)
    no_iv = np.full(len(chain), NoIV.ADJUSTED, why.dtype)
    for group, one, row in zip(of, slices, rows, strict=True):
        found, reason = _strikes(group, one, row, why)
        for side in (group.calls, group.puts):
            listed = side >= 0
            iv[side[listed]], no_iv[side[listed]] = found[listed], reason[listed]
    return iv, no_iv


def _strikes(group: Group, one: Slice, row: Rows, why: Texts) -> tuple[Floats, Texts]:
    """Of each strike of an expiry: its point of the smile, or between two points where its own quote tells no price.

    Where nobody bids there is no volatility, also not between others.
    """
    if one.forward is None:
        return np.full(len(group.strikes), np.nan), np.full(len(group.strikes), NoIV.NO_FORWARD, why.dtype)
    own = np.append(why, NoIV.OUTSIDE_SMILE)[row]
    found = np.where(own == NoIV.NO_BID, np.nan, smile.at(one.strikes, one.ivs, group.strikes))
    reason = np.where(np.isfinite(found), NoIV.NONE, np.where(own == NoIV.NONE, NoIV.OUTSIDE_SMILE, own))
    return found, reason.astype(why.dtype)


def _assembled(chain: Chain, of: list[Group], slices: tuple[Slice, ...], iv: Floats, no_iv: Texts) -> Analysis:
    forward, years, rate = (np.full(len(chain), np.nan) for _ in range(3))
    for group, one in zip(of, slices, strict=True):
        for side in (group.calls, group.puts):
            listed = side[side >= 0]
            forward[listed] = np.nan if one.forward is None else one.forward
            years[listed], rate[listed] = one.years, one.rate
    spot, _ = own_spot(chain, slices)
    found = greeks(forward, chain.strike, years, rate, iv, chain.is_call, np.nan if spot is None else spot)
    return Analysis(
        chain=chain, slices=slices, iv=iv, no_iv=no_iv, delta=found.delta, gamma=found.gamma, vega=found.vega,
        theta=found.theta, rho=found.rho, summary=empty(chain),
    )  # fmt: skip
