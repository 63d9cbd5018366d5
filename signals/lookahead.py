"""Whether an agent knows at a bar what only later bars tell: it is asked again with everything later cut off. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from marketdata.domain import Bars
from signals.agents.base import BarAgent, sound
from signals.domain import MarketView
from signals.panel import heard

FIRED = 0.1
"""Strength of a score from which an agent has spoken; bars at which it was silent are checked as well."""
COLUMNS = ("start", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Leak:
    """An agent said one thing of a bar with the future in sight (`seen`), and another without (`cut`)."""

    agent: str
    symbol: str
    at: datetime
    seen: float
    cut: float


def leaks(agent: BarAgent, bars: Bars, most: int = 40) -> Iterator[Leak]:
    """Every leak among up to `most` bars at which the agent spoke and as many at which it was silent.

    One that fails has no opinion there, as before the judge.
    """
    seen = heard(agent.id, agent, bars)
    for i in _chosen(seen, most):
        cut = first(bars, i + 1)
        said = [float(heard(agent.id, agent, cut)[-1]), _opinion(agent, cut)]
        for one in said:
            if not _same(float(seen[i]), one):
                yield Leak(agent.id, bars.symbol, datetime.fromtimestamp(int(bars.start[i]), UTC), float(seen[i]), one)
                break


def first(bars: Bars, count: int) -> Bars:
    """The first `count` of them."""
    return replace(bars, last_is_partial=False, **{name: getattr(bars, name)[:count].copy() for name in COLUMNS})


def _chosen(scores: np.ndarray, most: int) -> Sequence[int]:
    """Spread evenly over the history; the last bar, which has no future, is left out."""
    fired = np.abs(np.nan_to_num(scores[:-1])) >= FIRED
    both = (np.flatnonzero(kind) for kind in (fired, ~fired))
    picked = [one[np.unique(np.linspace(0, len(one) - 1, min(most, len(one))).astype(int))] for one in both if len(one)]
    return sorted(int(i) for one in picked for i in one)


def _opinion(agent: BarAgent, bars: Bars) -> float:
    at = datetime.fromtimestamp(int(bars.start[-1]), UTC) + bars.interval.length
    view = MarketView(symbol=bars.symbol, market="", at=at, bars=bars, simulated=bars.simulated)
    try:
        score = sound(agent, agent.opinion(view)).score
    except Exception:
        score = None
    return float("nan") if score is None else score


def _same(one: float, other: float) -> bool:
    return one == other or (np.isnan(one) and np.isnan(other))
