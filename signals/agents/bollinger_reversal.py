"""Place in the Bollinger bands, read against the move: at the lower band leans up, at the upper band down.

J. Bollinger, Bollinger on Bollinger Bands (2001), chapter 7 (%B): 20 bars, two standard deviations.
"""

from dataclasses import dataclass
from typing import ClassVar

from marketdata.domain import Bars, Interval
from signals.agents.base import BOTH, Floats, limited, opine
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import percent_b


@dataclass(frozen=True, slots=True)
class BollingerReversal:
    """Score 1 - 2 %B: 1 at the lower band, 0 in the middle, -1 at the upper one."""

    id: ClassVar[str] = "bollinger_reversal"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    bars: int = 20
    width: float = 2.0

    def scores(self, bars: Bars) -> Floats:
        """The score after each bar."""
        return self._scores(percent_b(bars.close, self.bars, self.width))

    def opinion(self, view: MarketView) -> Opinion:
        """Where the last close stands in the bands."""
        place = percent_b(view.bars.close, self.bars, self.width)
        return opine(self, self._scores(place), lambda score: (_evidence(float(place[-1]), score),))

    def _scores(self, place: Floats) -> Floats:
        return limited(1.0 - 2.0 * place)


def _evidence(place: float, score: float) -> Evidence:
    lower = place < 0.5
    words = "The close stands at {value} of the Bollinger bands; {threshold} is the "
    return Evidence(
        name="percent_b",
        value=place,
        threshold=0.0 if lower else 1.0,
        contribution=score,
        words=words + ("lower band." if lower else "upper band."),
    )
