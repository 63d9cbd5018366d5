"""The smile of an expiry: implied volatilities of the out-of-the-money side, one for each strike, for calls and puts.

In-the-money quotes hold the value of early exercise, which a European formula would take for volatility.
"""

import numpy as np
from numpy.typing import NDArray

from options.domain import Floats

NARROW = 0.1
"""A gap ln(K₂/K₁) that may always be bridged; a wider one only where the move to expiry makes little of it."""
BEFORE, DEARER, CENTS = 3, 1.5, 0.05
QUARTER = 0.6744897501960817
"""d₁ where N(d₁) = ¾ (the 25-delta put); −d₁ is the call."""


def at(strikes: Floats, ivs: Floats, strike: Floats) -> Floats:
    """Volatility at strikes, linear in ln K between the points; NaN outside them."""
    if not len(strikes):
        return np.full(np.shape(strike), np.nan)
    return np.interp(np.log(strike), np.log(strikes), ivs, left=np.nan, right=np.nan)


def at_the_money(strikes: Floats, ivs: Floats, forward: float | None, years: float) -> float | None:
    """Volatility at K = F; None where the forward is outside the points, or between two that are far apart."""
    if forward is None or not len(strikes) or not strikes[0] <= forward <= strikes[-1]:
        return None
    above = int(np.searchsorted(strikes, forward))
    found = float(at(strikes, ivs, np.array([forward]))[0])
    if strikes[above] != forward and _apart(strikes[above - 1], strikes[above], found, years):
        return None
    return found


def quarter_deltas(strikes: Floats, ivs: Floats, forward: float, years: float) -> tuple[float | None, float | None]:
    """Volatilities of the 25-delta put and call, on N(d₁) of the forward, linear in d₁ between two points.

    d₁ = ln(F/K)/(σ√T) + σ√T/2 with each point's own σ. None where the quotes do not reach that far.
    """
    deviation = ivs * np.sqrt(years)
    d1 = np.log(forward / strikes) / deviation + deviation / 2
    put = _reaching(d1[::-1], ivs[::-1], strikes[::-1], years)
    return put, _reaching(-d1, ivs, strikes, years)


def ordered(strikes: Floats, prices: Floats, forward: float) -> NDArray[np.bool_]:
    """Which out-of-the-money prices may stand: going outward from the money none can be dearer than those before it.

    What costs clearly more than each of the (two or) three before it is a stale or a broken quote.
    """
    fit = np.ones(len(strikes), np.bool_)
    first = int(np.searchsorted(strikes, forward))
    for outward in (range(first, len(strikes)), range(first - 1, -1, -1)):
        before: list[float] = []
        for i in outward:
            if len(before) > 1 and prices[i] > DEARER * max(before) + CENTS:
                fit[i] = False
            else:
                before = [*before[-BEFORE + 1 :], float(prices[i])]
    return fit


def _reaching(distance: Floats, ivs: Floats, strikes: Floats, years: float) -> float | None:
    """The volatility where points that lead outward first come as far as a quarter delta."""
    beyond = np.flatnonzero(distance >= QUARTER)
    if not len(beyond) or beyond[0] == 0:
        return None
    pair = [beyond[0] - 1, beyond[0]]
    found = float(np.interp(QUARTER, distance[pair], ivs[pair]))
    return None if _apart(float(strikes[pair].min()), float(strikes[pair].max()), found, years) else found


def _apart(low: float, high: float, iv: float, years: float) -> bool:
    """Whether a gap between two points is too wide to say what is inside: more than two standard deviations."""
    return bool(np.log(high / low) > max(NARROW, 2 * iv * np.sqrt(years)))
