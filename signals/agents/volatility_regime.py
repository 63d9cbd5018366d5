"""Recent volatility against the usual: a calm market leans up, a turbulent one down.

A. Moreira and T. Muir, Volatility-Managed Portfolios (Journal of Finance 72, 2017): variance rises without a matching
rise of the expected return. From closes alone; `iv_regime` reads what options say of the future instead.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from marketdata.domain import Bars, Interval
from signals.agents.base import BOTH, Floats, limited, opine
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import changes, deviation, flat, ratio


@dataclass(frozen=True, slots=True)
class VolatilityRegime:
    """Score (1 - recent / usual) / full, from the standard deviations of returns over `recent` and `usual` bars.

    Bars that stand still are no calm: NaN.
    """

    id: ClassVar[str] = "volatility_regime"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    recent: int = 20
    usual: int = 120
    full: float = 0.5

    def scores(self, bars: Bars) -> Floats:
        """The score after each bar."""
        return self._scores(self._ratio(bars))

    def opinion(self, view: MarketView) -> Opinion:
        """How volatile the last bars were, by their own measure."""
        share = self._ratio(view.bars)
        return opine(self, self._scores(share), lambda score: (_evidence(float(share[-1]), score),))

    def _ratio(self, bars: Bars) -> Floats:
        moves = changes(bars.close)
        share = ratio(deviation(moves, self.recent), deviation(moves, self.usual))
        share[flat(bars.close, self.recent + 1)] = np.nan
        return share

    def _scores(self, share: Floats) -> Floats:
        return limited((1.0 - share) / self.full)


def _evidence(share: float, score: float) -> Evidence:
    words = "Recent volatility is {value} of the usual; under {threshold} is calm, over it turbulent."
    return Evidence(name="volatility_ratio", value=share, threshold=1.0, contribution=score, words=words)
