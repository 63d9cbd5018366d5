"""What options traders did today against what they hold and usually pay: more calls, or flatter skew, leans up.

J. Pan and A. Poteshman, The Information in Option Volume for Future Stock Prices (Review of Financial Studies 19,
2006): puts bought against calls precede falls. Y. Xing, X. Zhang and R. Zhao, What Does the Individual Option
Volatility Smirk Tell Us (JFQA 45, 2010): so does a steep skew. The former's volume was signed by buyer and seller,
which no chain tells: this is the weaker, unsigned reading.
"""

from dataclasses import dataclass
from math import fsum
from statistics import median
from typing import ClassVar

from marketdata.domain import Interval
from options.domain import ChainSummary
from signals.agents.base import DAILY, NO_CHAIN, abstain, last_chain, limit, opine_once
from signals.domain import Evidence, MarketView, Opinion


@dataclass(frozen=True, slots=True)
class OptionsFlow:
    """Score: mean of those parts that can be told, each held within -1 and 1.

    Share of puts in open contracts less that in today's volume; usual share of puts in premium less today's; usual
    25-delta skew (relative to the volatility at the money) less today's. Usual: median of at least `past` own sessions.
    """

    id: ClassVar[str] = "options_flow"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = DAILY
    full_volume: float = 0.25
    full_premium: float = 0.25
    full_skew: float = 0.05
    past: int = 5
    max_days: float = 4.0

    def opinion(self, view: MarketView) -> Opinion:
        """What the view's last chain says, against the chains of the sessions before."""
        chain = last_chain(view, self.max_days)
        if chain is None:
            return abstain(self, NO_CHAIN)
        earlier = [one for one in view.summaries if one.session < chain.session]
        parts = [one for one in (self._volume(chain), self._premium(chain, earlier), self._skew(chain, earlier)) if one]
        if not parts:
            return abstain(self, "the option chain has neither volume nor a skew to compare")
        evidence = tuple(_evidence(*part, len(parts)) for part in parts)
        return opine_once(self, fsum(one.contribution for one in evidence), evidence)

    def _volume(self, chain: ChainSummary) -> "_Part | None":
        words = "Puts are {value} % of today's option volume and {threshold} % of the open contracts."
        today, held = _puts(chain.put_call_volume), _puts(chain.put_call_oi)
        return _part("put_volume", words, today, held, self.full_volume)

    def _premium(self, chain: ChainSummary, earlier: list[ChainSummary]) -> "_Part | None":
        words = "Puts are {value} % of today's option premium, usually {threshold} %."
        usual = self._usual([_puts(one.put_call_premium) for one in earlier])
        return _part("put_premium", words, _puts(chain.put_call_premium), usual, self.full_premium)

    def _skew(self, chain: ChainSummary, earlier: list[ChainSummary]) -> "_Part | None":
        words = "Puts cost {value} % more volatility than calls, usually {threshold} %."
        usual = self._usual([one.skew_25d_relative for one in earlier])
        return _part("skew", words, chain.skew_25d_relative, usual, self.full_skew)

    def _usual(self, values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if len(known) >= self.past else None


_Part = tuple[str, str, float, float, float]


def _part(name: str, words: str, now: float | None, usual: float | None, full: float) -> _Part | None:
    return None if now is None or usual is None else (name, words, now, usual, full)


def _puts(put_call: float | None) -> float | None:
    """The share of puts that a put/call ratio means."""
    return None if put_call is None else put_call / (1.0 + put_call)


def _evidence(name: str, words: str, now: float, usual: float, full: float, parts: int) -> Evidence:
    return Evidence(
        name=name,
        value=100.0 * now,
        threshold=100.0 * usual,
        contribution=limit((usual - now) / full) / parts,
        words=words,
        unit="%",
        digits=1,
    )
