"""One vote of TradingView's rating, and the comparisons that all of them are made of.

Strict inequalities, as in Pine, whose comparisons are rounded: two values that differ by less than a rounding error are
equal, so that a price which stands still is above nothing.
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from signals.indicators import Floats, before, side

Truths = NDArray[np.bool_]

INDEX_ERROR = 1e-9
"""What two indices between -100 and 100 may differ by and still be equal."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vote:
    """+1, 0 or -1 after each bar (NaN: not available), with the two values that decided it."""

    name: str
    words: str
    vote: Floats
    value: Floats
    threshold: Floats | float
    is_price: bool = False

    def has_figures(self) -> bool:
        """Whether both values are known at the last bar."""
        return isfinite(self.value[-1]) and isfinite(self.limit())

    def limit(self) -> float:
        """The threshold at the last bar."""
        return self.threshold if isinstance(self.threshold, float) else float(self.threshold[-1])


def direction(values: Floats, error: Floats | float) -> Floats:
    """1 where the values rise, -1 where they fall; NaN at the first."""
    return side(values - before(values), error)


def decide(known: Floats, buy: Truths, sell: Truths) -> Floats:
    """1 where `buy` holds, -1 where `sell` does, 0 elsewhere; NaN where `known` is."""
    votes = np.subtract(buy, sell, dtype=np.float64)
    votes[np.isnan(known)] = np.nan
    return votes
