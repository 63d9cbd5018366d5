"""TradingView's technical rating, version 3 of its published library: 26 votes, all of them shown.

Source: TradingView's Pine library TechnicalRating, version 3 (29 November 2024), and its help page "Technical Ratings".
Fifteen trend votes and eleven of oscillators; a group is the mean of its available votes, the rating the mean of the
groups. Over 0.5 is a strong buy, over 0.1 a buy, the mirror a sell, between -0.1 and 0.1 neutral. Versions 1 and 2
needed crosses where version 3 asks for an order of values; ports that differ are other agents, with other ids.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from marketdata.domain import Bars, Interval
from signals.agents.base import BOTH, Floats, opine
from signals.agents.tv_oscillators import oscillator_votes
from signals.agents.tv_trend import trend_votes
from signals.agents.tv_votes import Vote
from signals.agents.wording import price_digits
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import ratio

STRONG, WEAK = 0.5, 0.1


@dataclass(frozen=True, slots=True)
class TvRating:
    """Score: the rating. Its rules are those of the version: it has no parameters."""

    id: ClassVar[str] = "tv_rating"
    version: ClassVar[int] = 3
    intervals: ClassVar[frozenset[Interval]] = BOTH

    def scores(self, bars: Bars) -> Floats:
        """The rating after each bar; NaN only where no vote at all is available."""
        return _rating(*(_mean(group) for group in _groups(bars)))

    def opinion(self, view: MarketView) -> Opinion:
        """The rating of the last bar with each vote that was available."""
        groups = _groups(view.bars)
        return opine(self, _rating(*(_mean(group) for group in groups)), lambda _: _evidence(groups, view.bars))


def votes(bars: Bars) -> dict[str, Floats]:
    """Each of the 26 votes after each bar (1, 0, -1, NaN where not available) by name, in the library's order."""
    return {vote.name: vote.vote for group in _groups(bars) for vote in group}


def status(rating: float) -> str:
    """The rating in words."""
    if abs(rating) <= WEAK:
        return "neutral"
    return ("strong " if abs(rating) > STRONG else "") + ("buy" if rating > 0 else "sell")


def _groups(bars: Bars) -> tuple[list[Vote], list[Vote]]:
    return trend_votes(bars), oscillator_votes(bars)


def _mean(group: list[Vote]) -> Floats:
    table = np.array([vote.vote for vote in group])
    absent = np.isnan(table)
    # Sums of -1, 0 and 1 are exact in every order.
    return ratio(np.where(absent, 0.0, table).sum(axis=0), (len(group) - absent.sum(axis=0)).astype(np.float64))


def _rating(trend: Floats, oscillators: Floats) -> Floats:
    both = (trend + oscillators) / 2.0
    return np.where(np.isnan(trend), oscillators, np.where(np.isnan(oscillators), trend, both))


def _evidence(groups: tuple[list[Vote], list[Vote]], bars: Bars) -> tuple[Evidence, ...]:
    digits = price_digits(float(bars.close[-1]))
    known = [[vote for vote in group if not np.isnan(vote.vote[-1])] for group in groups]
    number = sum(1 for group in known if group)
    # A vote of 0 may have no figures: the stochastic of an index that stands still.
    return tuple(_of(vote, len(group) * number, digits) for group in known for vote in group if vote.has_figures())


def _of(vote: Vote, shares: int, digits: int) -> Evidence:
    return Evidence(
        name=vote.name,
        value=float(vote.value[-1]),
        threshold=vote.limit(),
        words=vote.words,
        contribution=float(vote.vote[-1]) / shares,
        digits=digits if vote.is_price else 1,
    )
