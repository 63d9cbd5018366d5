"""Place in the Donchian channel, weighed by the strength of the trend: a breakout upwards in a trend leans up.

R. Donchian's four-week rule (20 sessions; The Dow Jones-Irwin guide, 1960) and the average directional index of Wilder
(1978), section IV, which says how much of a trend there is, not where it goes.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from marketdata.domain import Bars, Interval
from signals.agents.base import BOTH, Floats, opine
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import channel, directions, ratio


@dataclass(frozen=True, slots=True)
class DonchianAdx:
    """Score: place in the channel (-1 its low, 1 its high) x share of trend (0 at ADX `weak`, 1 at `strong`)."""

    id: ClassVar[str] = "donchian_adx"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    bars: int = 20
    trend_bars: int = 14
    weak: float = 10.0
    strong: float = 40.0

    def scores(self, bars: Bars) -> Floats:
        """The score after each bar."""
        return self._scores(self._place(bars), self._strength(bars))

    def opinion(self, view: MarketView) -> Opinion:
        """Where the last close stands, and in how much of a trend."""
        place, strength = self._place(view.bars), self._strength(view.bars)
        scores = self._scores(place, strength)
        return opine(self, scores, lambda score: self._evidence(float(place[-1]), float(strength[-1]), score))

    def _place(self, bars: Bars) -> Floats:
        top, bottom = channel(bars.high, bars.low, self.bars)
        return 2.0 * ratio(bars.close - bottom, top - bottom) - 1.0

    def _strength(self, bars: Bars) -> Floats:
        return directions(bars.high, bars.low, bars.close, self.trend_bars)[2]

    def _scores(self, place: Floats, strength: Floats) -> Floats:
        return place * np.clip((strength - self.weak) / (self.strong - self.weak), 0.0, 1.0)

    def _evidence(self, place: float, strength: float, score: float) -> tuple[Evidence, ...]:
        edge = 1.0 if place > 0 else -1.0
        return (
            Evidence(
                name="channel",
                value=place,
                threshold=edge,
                contribution=score,
                words=f"The close stands at {{value}} of its channel; {{threshold}} is its {_end(place)}.",
            ),
            Evidence(
                name="adx",
                value=strength,
                threshold=self.strong,
                contribution=0.0,
                digits=1,
                words="The directional index, by which that is weighed, is {value}; {threshold} is a full trend.",
            ),
        )


def _end(place: float) -> str:
    return "high" if place > 0 else "low"
