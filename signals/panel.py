"""Many symbols side by side: rows are sessions (or bars), columns are symbols. Pure.

Whatever stands in a row was known at that row's close, but for `gross`, which is the outcome of a decision made then.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Bars
from signals import ranges, scoring
from signals.domain import Horizon

PURGE = 2
"""Rows between the close that ends an outcome and the first decision that may know it: one of embargo, and its own."""
LATE = 2
"""An outcome that took more than so many times its horizon (and a week) in rows ran over a gap: it is none."""

Floats = NDArray[np.float64]
log = logging.getLogger(__name__)


class Scoring(Protocol):
    """The part of an agent that is needed here."""

    def scores(self, bars: Bars) -> Floats:
        """A score for each bar, out of the bars up to it; NaN while warming."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """`rows` (T): starts of the bars, epoch seconds; all else is (T, N), NaN (due: T) where there is nothing.

    `due`: the first row that may know the outcome of a decision made in this row.
    """

    rows: NDArray[np.int64]
    symbols: tuple[str, ...]
    scores: Mapping[str, Floats]
    consensus: Floats
    gross: Floats
    due: NDArray[np.intp]
    spread: Floats


def gather(
    bars: Mapping[str, Bars], agents: Mapping[str, Scoring], weights: Mapping[str, float], horizon: Horizon
) -> Panel:
    """Bars of many symbols (adjusted, rising) as a panel; symbols may begin, end and pause when they like.

    ValueError where there are no bars at all.
    """
    if not any(len(one) for one in bars.values()):
        raise ValueError("no bars to walk through: give at least one symbol with a history")
    symbols = tuple(sorted(bars))
    rows = np.unique(np.concatenate([bars[one].start for one in symbols]))
    shape = (len(rows), len(symbols))
    scores = {name: np.full(shape, np.nan) for name in agents}
    gross, spread, due = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, len(rows), np.intp)
    for column, symbol in enumerate(symbols):
        at = np.searchsorted(rows, bars[symbol].start)
        for name, agent in agents.items():
            scores[name][at, column] = heard(name, agent, bars[symbol])
        gross[at, column], due[at, column] = _outcomes(bars[symbol], rows, at, horizon.bars)
        spread[at, column] = ranges.spreads(bars[symbol], horizon.bars)
    return Panel(
        rows=rows, symbols=symbols, scores=scores, consensus=consensus(scores, weights), gross=gross, due=due,
        spread=spread,
    )  # fmt: skip


def heard(name: str, agent: Scoring, bars: Bars) -> Floats:
    """The scores of an agent over these bars, NaN where it fails or one is not from -1 to 1: the judge, too, counts
    no such opinion."""
    try:
        said = np.asarray(agent.scores(bars), np.float64)
        if said.shape != (len(bars),):
            raise ValueError(f"{said.shape} scores of {len(bars)} bars")
    except Exception as error:
        log.warning("Agent %s failed over the bars of %s: %s: %s", name, bars.symbol, type(error).__name__, error)
        return np.full(len(bars), np.nan)
    return np.where(np.abs(said) <= 1.0, said, np.nan)


def consensus(scores: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """The weighted mean of those agents that have an opinion; NaN where none has.

    `orchestrator.combine` in columns: the sums run in the order of the names, so that they agree to the last bit.
    """
    total = weight = np.zeros(1)
    for name, one in sorted(scores.items()):
        known = ~np.isnan(one)
        total = total + np.where(known, one * weights[name], 0.0)
        weight = weight + np.where(known, weights[name], 0.0)
    return np.asarray(np.divide(total, weight, out=np.full(np.shape(total), np.nan), where=weight > 0), np.float64)


def _outcomes(
    bars: Bars, rows: NDArray[np.int64], at: NDArray[np.intp], horizon: int
) -> tuple[Floats, NDArray[np.intp]]:
    gross, ends = scoring.returns(bars, horizon)
    ended = np.searchsorted(rows, ends)
    real = (ends >= 0) & (ended - at <= LATE * horizon + 5)
    return np.where(real, gross, np.nan), np.where(real, ended + PURGE, len(rows)).astype(np.intp)
