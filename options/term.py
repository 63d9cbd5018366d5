"""The term structure: at-the-money volatilities by time, and the volatility of a fixed number of days between them."""

from collections.abc import Sequence
from itertools import pairwise

from options.domain import Slice
from options.pricing import DAYS

Point = tuple[float, float]
"""Days to expiry and at-the-money volatility."""


def points(slices: Sequence[Slice]) -> list[Point]:
    """One point for each expiry that has a volatility at the money, rising; of two roots the one with more quotes."""
    best: dict[object, Slice] = {}
    for one in slices:
        before = best.get(one.expiry)
        if one.atm_iv is not None and (before is None or len(one.strikes) > len(before.strikes)):
            best[one.expiry] = one
    return sorted((one.years * DAYS, one.atm_iv) for one in best.values() if one.atm_iv is not None)


def of_days(term: Sequence[Point], days: float) -> float | None:
    """Volatility to a horizon in days, linear in total variance σ²·t between two expiries; None outside of them.

    The way of the VIX: Cboe, "VIX methodology", constant 30-day volatility.
    """
    for (first, near), (second, far) in pairwise([*term[:1], *term]):
        if first <= days <= second:
            whole = near**2 * first
            part = (days - first) / (second - first) if second > first else 0.0
            return float(((whole + (far**2 * second - whole) * part) / days) ** 0.5)
    return None
