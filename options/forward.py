"""The forward of an expiry, told by its own quotes: put–call parity, C − P = e^{−rT}·(F − K) (Hull, 10th ed., 11.4).

Dividends are inside it, and it is of the quotes' own moment, whatever the underlying did since.
"""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from options.domain import Chain, Floats, Slice

NEAREST = 6
"""Strikes nearest the money whose median is the forward."""
FAR = 0.2
"""Distance ln(K/F) beyond which no strike is near the money."""
APART, AGREES, CARRIED = 0.005, 0.05, 0.1
"""How far the quotes' own spot may lie from the one given, as a part of it: to be the same, and to be of the same
contracts; and how much more per year carry explains."""
WITNESSES, DISAGREE = 3, 0.03
"""Pairs that must agree where no spot does, and by how much of the forward their median differs at most."""
LATER = timedelta(minutes=1)


def parity(
    strike: Floats, call: Floats, put: Floats, years: float, rate: float, spot: float | None = None
) -> float | None:
    """Median of K + e^{rT}·(C − P) over the six strikes nearest the money, dollars; None without a pair near it.

    `call` and `put` are the mids of quotes that tell a price, NaN for others. The money is at the spot where the pairs
    around it agree with it, else where most pairs say: quotes may be of another moment than the spot, and a split
    leaves old contracts beside the new.
    """
    told = strike + np.exp(rate * years) * (call - put)
    paired = np.isfinite(told)
    strike, told = strike[paired], told[paired]
    if not len(told):
        return None
    if spot is not None:
        found, _ = _near(strike, told, spot)
        if found is not None and abs(np.log(found / spot)) <= AGREES + CARRIED * years:
            return found
    found, pairs = _near(strike, told, float(np.median(told)))
    return found if len(pairs) >= WITNESSES else None


def _near(strike: Floats, told: Floats, money: float) -> tuple[float | None, Floats]:
    """What the pairs nearest the money tell, and once more with the money where they tell it; with these pairs.

    None where there is no strike near it, or where the pairs contradict each other.
    """
    pairs = told
    for _ in range(2):
        near = np.argsort(np.abs(strike - money), kind="stable")[:NEAREST]
        if money <= 0 or abs(np.log(strike[near[0]] / money)) > FAR:
            return None, pairs
        pairs = told[near]
        money = float(np.median(pairs))
    contradict = np.median(np.abs(pairs - money)) > DISAGREE * money
    return (None if money <= 0 or contradict else money), pairs


def own_spot(chain: Chain, slices: Sequence[Slice]) -> tuple[float | None, str]:
    """The price of the underlying that belongs to the quotes, and why it is not the chain's own (empty: it is).

    Where the chain's spot is absent, later than the quotes or not theirs, it is F·e^{−rT} of the nearest expiry.
    """
    front = min((one for one in slices if one.by_parity and one.forward), key=lambda one: one.years, default=None)
    if front is None or front.forward is None:
        return chain.spot, "" if chain.spot else "the source gives no spot, and no put–call pair tells one"
    implied = front.forward * float(np.exp(-front.rate * front.years))
    instead = f"{implied:.2f} by put–call parity to {front.expiry} is used"
    if chain.spot is None:
        return implied, f"the source gives no spot: {instead}"
    if chain.spot_as_of is not None and chain.spot_as_of > chain.taken_at + LATER:
        return implied, f"{chain.spot:.2f} is later than the quotes: {instead}"
    if abs(chain.spot / implied - 1) > APART + CARRIED * front.years:
        return implied, f"{chain.spot:.2f} is not the quotes' own: {instead}"
    return chain.spot, ""
