"""The return of the last year without its last month: winners lean up.

N. Jegadeesh and S. Titman, Returns to Buying Winners and Selling Losers (Journal of Finance 48, 1993); the skipped
month is that of Jegadeesh (1990), whose short-term reversal would work against it.
"""

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from marketdata.domain import Bars, Interval
from signals.agents.base import DAILY, Floats, limited, opine
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import before, changes, deviation, ratio


@dataclass(frozen=True, slots=True)
class Momentum:
    """Score: the return in its own standard deviations over the same time, divided by `full`."""

    id: ClassVar[str] = "momentum_12_1"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = DAILY
    bars: int = 252
    skipped: int = 21
    full: float = 2.0

    def scores(self, bars: Bars) -> Floats:
        """The score after each bar."""
        return limited(self._strength(bars, self._gain(bars)) / self.full)

    def opinion(self, view: MarketView) -> Opinion:
        """What the last year without its last month brought."""
        gain = self._gain(view.bars)
        strength = self._strength(view.bars, gain)
        return opine(
            self,
            limited(strength / self.full),
            lambda score: self._evidence(100.0 * float(gain[-1]), float(strength[-1]), score),
        )

    def _gain(self, bars: Bars) -> Floats:
        return ratio(before(bars.close, self.skipped), before(bars.close, self.bars)) - 1.0

    def _strength(self, bars: Bars, gain: Floats) -> Floats:
        usual = deviation(changes(bars.close), self.bars) * sqrt(self.bars - self.skipped)
        return ratio(gain, usual)

    def _evidence(self, gain: float, strength: float, score: float) -> tuple[Evidence, ...]:
        return (
            Evidence(
                name="momentum",
                value=gain,
                contribution=score,
                unit="%",
                digits=1,
                words="The year but its last month brought {value} %.",
            ),
            Evidence(
                name="momentum_strength",
                value=strength,
                threshold=self.full,
                contribution=0.0,
                words="That is {value} standard deviations; {threshold} either way is a full score.",
            ),
        )
