"""Convergence and divergence of two averages, in units of the bars' usual range: a rising trend leans up.

G. Appel, The Moving Average Convergence-Divergence Trading Method (1979): 12, 26 and 9 bars; the average true range of
Wilder (1978), section III, makes symbols and years comparable.
"""

from dataclasses import dataclass
from typing import ClassVar

from marketdata.domain import Bars, Interval
from signals.agents.base import BOTH, Floats, limited, opine
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import atr, macd, ratio


@dataclass(frozen=True, slots=True)
class MacdAtr:
    """Score (MACD - signal line) / (full x ATR)."""

    id: ClassVar[str] = "macd_atr"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    fast: int = 12
    slow: int = 26
    smooth: int = 9
    range_bars: int = 14
    full: float = 0.5
    """Average true ranges between the lines that make a full score."""

    def scores(self, bars: Bars) -> Floats:
        """The score after each bar."""
        return self._scores(self._distance(bars))

    def opinion(self, view: MarketView) -> Opinion:
        """What the lines of the last bar say."""
        distance = self._distance(view.bars)
        return opine(self, self._scores(distance), lambda score: (self._evidence(float(distance[-1]), score),))

    def _distance(self, bars: Bars) -> Floats:
        line, signal = macd(bars.close, self.fast, self.slow, self.smooth)
        return ratio(line - signal, atr(bars.high, bars.low, bars.close, self.range_bars))

    def _scores(self, distance: Floats) -> Floats:
        return limited(distance / self.full)

    def _evidence(self, distance: float, score: float) -> Evidence:
        return Evidence(
            name="macd_histogram",
            value=distance,
            threshold=self.full,
            contribution=score,
            unit="ATR",
            words="Trend line less its signal line is {value} average ranges; {threshold} either way is a full score.",
        )
