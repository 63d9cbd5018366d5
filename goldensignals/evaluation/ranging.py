"""How good the expected range was: its coverage, and the chance of a large move beside each symbol's own history."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals import ranges, reliability
from signals.panel import PURGE, Panel
from signals.walking import Walk

Floats = NDArray[np.float64]
LEAST = 200
"""Outcomes below which a year is not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged:
    """`coverage` of the 80 % range (`years`: its least and most); `skill` of P(|return| > move) against climatology."""

    coverage: float
    skill: dict[float, float | None]
    error: float
    years: tuple[float, float]


def ranged(walk: Walk, since: int, horizon: int, moves: tuple[float, ...] = (0.02, 0.03, 0.05)) -> Ranged:
    """The ranges of decisions from row `since` on."""
    panel, rows = walk.panel, np.arange(len(walk.panel.rows))[:, None]
    quantile = np.broadcast_to(walk.quantile[:, None], panel.gross.shape)
    known = ~np.isnan(panel.gross) & ~np.isnan(panel.spread) & (rows >= since)
    inside = np.abs(panel.gross) <= quantile * panel.spread
    skill, error = {}, float("nan")
    for move in moves:
        past = _climatology(panel, move, horizon)
        both = known & ~np.isnan(past)
        chance = ranges.beyond(panel.spread[both], quantile[both], move)
        came = (np.abs(panel.gross[both]) > move).astype(np.float64)
        skill[move] = reliability.skill(chance, past[both], came)
        error = reliability.calibration_error(chance, came) if move == 0.03 else error
    return Ranged(coverage=float(inside[known].mean()), skill=skill, error=error, years=_years(panel, inside, known))


def _climatology(panel: Panel, move: float, horizon: int) -> Floats:
    """How often each symbol moved so far before, as known at each row; NaN before there is anything."""
    known = ~np.isnan(panel.gross)
    came = np.where(known, np.abs(panel.gross) > move, False)
    lag = horizon + PURGE
    count, total = np.cumsum(known, axis=0)[:-lag], np.cumsum(came, axis=0)[:-lag]
    past = np.full(panel.gross.shape, np.nan)
    past[lag:] = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    return past


def _years(panel: Panel, inside: NDArray[np.bool_], known: NDArray[np.bool_]) -> tuple[float, float]:
    year = panel.rows.astype("datetime64[s]").astype("datetime64[Y]")
    held = [inside[year == y][known[year == y]] for y in np.unique(year)]
    shares = [float(one.mean()) for one in held if len(one) >= LEAST]
    return (min(shares), max(shares)) if shares else (float("nan"), float("nan"))
