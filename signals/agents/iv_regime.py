"""What options expect of volatility, against what it has been: dear and feared leans up.

T. Bollerslev, G. Tauchen and H. Zhou, Expected Stock Returns and Variance Risk Premia (Review of Financial Studies 22,
2009): a high premium of implied over realised volatility precedes gains. P. Giot, Relationships between Implied
Volatility Indexes and Stock Index Returns (Journal of Portfolio Management 31, 2005): so do very high levels of it.
"""

from dataclasses import dataclass
from math import fsum, sqrt
from typing import ClassVar

import numpy as np

from marketdata.domain import Bars, Interval
from options.domain import ChainSummary
from signals.agents.base import DAILY, NO_CHAIN, WARMING, abstain, last_chain, limit, opine_once
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import changes, deviation

SESSIONS = 252.0
"""Sessions of a year."""


@dataclass(frozen=True, slots=True)
class IvRegime:
    """Score: half the premium of IV30 over the realised volatility / `full_premium`, half the IV rank around 50.

    Abstains while the chain has no rank, which takes 60 own sessions.
    """

    id: ClassVar[str] = "iv_regime"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = DAILY
    bars: int = 20
    full_premium: float = 0.5
    max_days: float = 4.0

    def opinion(self, view: MarketView) -> Opinion:
        """What the view's last chain expects, against its bars."""
        chain = last_chain(view, self.max_days)
        if chain is None:
            return abstain(self, NO_CHAIN)
        if chain.iv30 is None or chain.iv_rank is None:
            return abstain(self, _lacks(chain))
        realised = self._realised(view.bars)
        return abstain(self, WARMING) if realised is None else self._judge(chain.iv30, chain.iv_rank, realised)

    def _judge(self, implied: float, rank: float, realised: float) -> Opinion:
        evidence = (
            Evidence(
                name="iv30",
                value=100.0 * implied,
                threshold=100.0 * realised,
                unit="%",
                digits=1,
                contribution=limit((implied - realised) / realised / self.full_premium) / 2.0,
                words="Options expect a volatility of {value} %; it has been {threshold} %.",
            ),
            Evidence(
                name="iv_rank",
                value=rank,
                threshold=50.0,
                digits=0,
                contribution=limit(rank / 50.0 - 1.0) / 2.0,
                words="That stands at {value} of its range of the year; over {threshold} is dear.",
            ),
        )
        return opine_once(self, fsum(one.contribution for one in evidence), evidence)

    def _realised(self, bars: Bars) -> float | None:
        """Volatility of the last bars, a fraction per year; None where it is unknown or nothing moved."""
        found = deviation(changes(bars.close[-self.bars - 1 :]), self.bars)
        last = float(found[-1]) * sqrt(SESSIONS) if len(found) else 0.0
        return last if np.isfinite(last) and last > 0.0 else None


def _lacks(chain: ChainSummary) -> str:
    name = "iv30" if chain.iv30 is None else "iv_rank"
    return chain.reasons.get(name) or f"the option chain has no {name}"
