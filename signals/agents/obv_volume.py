"""Volume on rising bars less volume on falling ones, and a bar of unusual volume: buying leans up.

J. Granville, New Key to Stock Market Profits (1963): on-balance volume, here its change over 20 bars as a share of all
that traded; the z-score of the last volume adds weight to the last bar's direction.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from marketdata.domain import Bars, Interval
from signals.agents.base import BOTH, Floats, limited, opine
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import before, deviation, ratio, total


@dataclass(frozen=True, slots=True)
class ObvVolume:
    """Score (1 - surge) x balance / full_balance + surge x direction x z / full_z; NaN where a volume is absent."""

    id: ClassVar[str] = "obv_volume"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    bars: int = 20
    full_balance: float = 0.5
    full_z: float = 3.0
    surge: float = 0.3

    def scores(self, bars: Bars) -> Floats:
        """The score after each bar."""
        return self._scores(*self._measures(bars))

    def opinion(self, view: MarketView) -> Opinion:
        """How volume was balanced, and whether the last bar's was unusual."""
        balance, z, direction = self._measures(view.bars)
        return opine(
            self,
            self._scores(balance, z, direction),
            lambda _: self._evidence(float(balance[-1]), float(z[-1]), float(direction[-1])),
        )

    def _measures(self, bars: Bars) -> tuple[Floats, Floats, Floats]:
        direction = np.sign(bars.close - before(bars.close))
        traded = total(bars.volume, self.bars)
        balance = ratio(total(direction * bars.volume, self.bars), traded)
        z = ratio(bars.volume - traded / self.bars, deviation(bars.volume, self.bars))
        # Equal volumes have no deviation, and none of them is unusual.
        z[np.isnan(z) & (traded > 0.0)] = 0.0
        return balance, z, direction

    def _scores(self, balance: Floats, z: Floats, direction: Floats) -> Floats:
        flow = (1.0 - self.surge) * limited(balance / self.full_balance)
        return flow + self.surge * direction * np.clip(z / self.full_z, 0.0, 1.0)

    def _evidence(self, balance: float, z: float, direction: float) -> tuple[Evidence, ...]:
        flow = (1.0 - self.surge) * min(1.0, max(-1.0, balance / self.full_balance))
        return (
            Evidence(
                name="volume_balance",
                value=balance,
                threshold=self.full_balance,
                contribution=flow,
                words="Volume of rising less falling bars is {value} of all; {threshold} either way counts full.",
            ),
            Evidence(
                name="volume_z",
                value=z,
                threshold=self.full_z,
                digits=1,
                contribution=self.surge * direction * min(1.0, max(0.0, z / self.full_z)),
                words="The last volume is {value} standard deviations from its average; {threshold} counts full.",
            ),
        )
