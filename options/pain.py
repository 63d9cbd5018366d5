"""Max pain: the settlement at which all holders together get least, Σ OI·M·max(K*−K, 0) + Σ OI·M·max(K−K*, 0)."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from options.domain import Chain, Floats
from options.groups import adjusted

EVEN = 1e-12
"""Part of the pain within which two settlements are alike."""


def max_pain(
    strike: Floats, is_call: NDArray[np.bool_], open_interest: Floats, multiplier: Floats, spot: float | None
) -> float | None:
    """The strike of least pain for the contracts of one expiry; of several alike the nearest to the spot.

    Open interest that is absent counts 0; None where there is none at all. Without a spot: nearest to the middle of
    those that are alike.
    """
    weight = np.nan_to_num(open_interest) * multiplier
    if not weight.sum() > 0:
        return None
    strikes, places = np.unique(strike, return_inverse=True)
    pain = _paid(strikes, _by_strike(weight * is_call, places, len(strikes)))
    pain += _paid(-strikes[::-1], _by_strike(weight * ~is_call, places, len(strikes))[::-1])[::-1]
    alike = strikes[pain <= pain.min() * (1 + EVEN)]
    wanted = (alike[0] + alike[-1]) / 2 if spot is None else spot
    return float(alike[np.argmin(np.abs(alike - wanted))])


def by_expiry(chain: Chain, spot: float | None, last: date) -> dict[date, float]:
    """Max pain of each expiry up to `last` that has open interest, all roots of a date together, rising."""
    roots, codes = np.unique(chain.root, return_inverse=True)
    usual = ~adjusted(roots)[codes]
    found: dict[date, float] = {}
    for expiry in np.unique(chain.expiry[usual]):
        day: date = expiry.astype("datetime64[D]").item()
        rows = np.flatnonzero(usual & (chain.expiry == expiry))
        if day > last:
            break
        pain = max_pain(
            chain.strike[rows], chain.is_call[rows], chain.open_interest[rows], chain.multiplier[rows], spot
        )
        if pain is not None:
            found[day] = pain
    return found


def _by_strike(weight: Floats, places: NDArray[np.intp], count: int) -> Floats:
    return np.bincount(places, weight, count).astype(np.float64)


def _paid(strikes: Floats, weight: Floats) -> Floats:
    """What calls are worth at a settlement at each strike (rising): K*·ΣOI − ΣOI·K over the strikes below."""
    return strikes * np.cumsum(weight) - np.cumsum(weight * strikes)
