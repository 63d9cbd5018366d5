"""Relative strength index, read against the move: oversold leans up, overbought leans down.

J. Welles Wilder, New Concepts in Technical Trading Systems (1978), section VI: 14 bars, 30 and 70.
"""

from dataclasses import dataclass
from typing import ClassVar

from marketdata.domain import Bars, Interval
from signals.agents.base import BOTH, Floats, limited, opine
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import rsi


@dataclass(frozen=True, slots=True)
class RsiReversal:
    """Score (50 - RSI) / (50 - oversold): 1 at `oversold` and below, -1 as far above 50."""

    id: ClassVar[str] = "rsi_reversal"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    bars: int = 14
    oversold: float = 30.0

    def scores(self, bars: Bars) -> Floats:
        """The score after each bar."""
        return self._scores(rsi(bars.close, self.bars))

    def opinion(self, view: MarketView) -> Opinion:
        """What the index of the last bar says."""
        index = rsi(view.bars.close, self.bars)
        return opine(self, self._scores(index), lambda score: (self._evidence(float(index[-1]), score),))

    def _scores(self, index: Floats) -> Floats:
        return limited((50.0 - index) / (50.0 - self.oversold))

    def _evidence(self, index: float, score: float) -> Evidence:
        low = index < 50.0
        side = "and below is oversold" if low else "and above is overbought"
        return Evidence(
            name="rsi",
            value=index,
            threshold=self.oversold if low else 100.0 - self.oversold,
            contribution=score,
            words=f"The relative strength index is {{value}}; {{threshold}} {side}.",
            digits=1,
        )
