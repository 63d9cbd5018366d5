"""An edge that is surely there: does the calibrator find it, soon, and say what it is worth?

Nobody leans like this: on two of five symbol-days, drawn by a fixed hash, a planted agent leans up (score .2), else
it says nothing (0). Of the returns after its leans, just so many losing ones are turned into winning ones (their size
kept) that the wanted share wins. All other returns are the market's own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from marketdata.sources.simulated_random import generator
from signals import calibration, walking
from signals.domain import Horizon, Lean
from signals.panel import Panel
from signals.walking import Walk

SHARE, SCORE = 0.4, 0.2
STRONG = (0.15, 0.30)
"""The agents' own strong leans up: where an edge is planted a second time, for the eye."""

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """After how many sessions the planted lean was proven, and what was shown from then on beside what came."""

    sessions: int | None
    hit_rate: float
    shown: float | None
    hit: float | None
    leans: int


def of_a_planted_agent(panel: Panel, horizon: Horizon, rate: float, begin: int = 0) -> Found:
    """With leans that cluster nowhere; nothing is learnt of what was before row `begin`."""
    known = ~np.isnan(panel.gross)
    where = known & (_drawn(panel, "leans") < SHARE)
    score = np.where(where, SCORE, np.where(known, 0.0, np.nan))
    return _found(replace(panel, consensus=score, scores={}), where, horizon, rate, begin)


def of_strong_leans(panel: Panel, horizon: Horizon, rate: float, begin: int = 0) -> Found:
    """With the agents' own leans, which come in flocks."""
    low, high = STRONG
    where = ~np.isnan(panel.gross) & (panel.consensus >= low) & (panel.consensus < high)
    return _found(replace(panel, scores={}), where, horizon, rate, begin)


def _found(panel: Panel, where: Mask, horizon: Horizon, rate: float, begin: int) -> Found:
    where = where & (np.arange(len(panel.rows))[:, None] >= begin)
    planted = replace(panel, gross=_turned(panel, where, horizon.cost, rate))
    walk = walking.through(planted, horizon, since=begin)
    said = _said(walk, where)
    sure = where & (said("probability") >= calibration.SURE) & (said("net") > 0)
    rows = np.flatnonzero(sure.any(axis=1))
    won = planted.gross > horizon.cost
    return Found(
        sessions=int(rows[0]) - begin if len(rows) else None, hit_rate=_mean(won, where), leans=int(where.sum()),
        shown=_mean(said("confidence"), sure) if len(rows) else None, hit=_mean(won, sure) if len(rows) else None,
    )  # fmt: skip


def _mean(values: Floats | Mask, where: Mask) -> float:
    return float(values[where].mean()) if where.any() else float("nan")


def _said(walk: Walk, where: Mask) -> Callable[[str], Floats]:
    return lambda field: np.where(where, walk.said(field, Lean.UP), np.nan)


def _turned(panel: Panel, where: Mask, cost: float, rate: float) -> Floats:
    """Returns of which `rate` win where they are planted; those nearest to the front of the hash are turned first."""
    won = panel.gross > cost
    lacking = round(rate * where.sum()) - int((won & where).sum())
    losing = np.flatnonzero(where & ~won)
    order = np.argsort(_drawn(panel, "turns").ravel()[losing], kind="stable")
    turned = losing[order[: max(0, lacking)]]
    gross = panel.gross.copy()
    gross.flat[turned] = np.maximum(np.abs(gross.flat[turned]), 1.2 * cost)
    return gross


def _drawn(panel: Panel, kind: str) -> Floats:
    """(T, N) numbers from 0 to 1 that are the same in every run for the same symbol and row."""
    return np.stack([generator(5, kind, symbol).random(len(panel.rows)) for symbol in panel.symbols], axis=1)
