"""The close against its simple moving averages: above them leans up.

The trend rule of W. Brock, J. Lakonishok and B. LeBaron, Simple Technical Trading Rules and the Stochastic Properties
of Stock Returns (Journal of Finance 47, 1992), over five lengths.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from marketdata.domain import Bars, Interval
from signals.agents.base import BOTH, Floats, opine
from signals.agents.wording import in_words, price_digits
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import rounding, side, sma


@dataclass(frozen=True, slots=True)
class MovingAverages:
    """Score: the share of averages below the close less that of those above it; needs the longest one."""

    id: ClassVar[str] = "moving_averages"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    lengths: tuple[int, ...] = (10, 20, 50, 100, 200)

    def scores(self, bars: Bars) -> Floats:
        """The score after each bar."""
        return self._scores(bars, self._averages(bars))

    def opinion(self, view: MarketView) -> Opinion:
        """On which side of each average the last close stands."""
        averages = self._averages(view.bars)
        return opine(self, self._scores(view.bars, averages), lambda _: self._evidence(view.bars, averages))

    def _averages(self, bars: Bars) -> list[Floats]:
        return [sma(bars.close, length) for length in self.lengths]

    def _scores(self, bars: Bars, averages: list[Floats]) -> Floats:
        # Sums of -1, 0 and 1 are exact in every order.
        sides = np.sum([_side(bars, average) for average in averages], axis=0)
        return np.asarray(sides / len(self.lengths), np.float64)

    def _evidence(self, bars: Bars, averages: list[Floats]) -> tuple[Evidence, ...]:
        close = float(bars.close[-1])
        return tuple(
            Evidence(
                name=f"sma_{length}",
                value=close,
                threshold=float(average[-1]),
                digits=price_digits(close),
                contribution=float(_side(bars, average)[-1]) / len(self.lengths),
                words=f"The close of {{value}} against the {in_words(length)}-bar average of {{threshold}}.",
            )
            for length, average in zip(self.lengths, averages, strict=True)
        )


def _side(bars: Bars, average: Floats) -> Floats:
    return side(bars.close - average, rounding(bars.close))
