"""Through history one row after the other: learn what was known by then, then say what each score is worth. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Bars
from signals import calibration, ranges
from signals.calibration import BINS, Calibrator, Tally, Terms
from signals.domain import Horizon, Lean
from signals.orchestrator import LEANS_FROM
from signals.panel import Panel, Scoring, gather

LEAN_ABOVE = LEANS_FROM
ALL = ""
"""The name of the agents' common score among those of the agents."""
SIDES = (Lean.UP, Lean.DOWN)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walk:
    """What was said in each row of `panel`, and what is known at its end.

    `tables`: field of `calibration.Table` -> (T, K, 2, 7): rows, `names` (the common score first, then each agent),
    up and down, bins. `quantile` (T): that of the expected range. `calibrator`: (K, 2), after the last row.
    """

    panel: Panel
    names: tuple[str, ...]
    tables: Mapping[str, Floats]
    quantile: Floats
    calibrator: Calibrator
    cost: float

    def said(self, field: str, side: Lean, name: str = ALL) -> Floats:
        """(T, N): this field of the calibrated score of each symbol; NaN where there is no score."""
        score = self.panel.consensus if name == ALL else self.panel.scores[name]
        table = self.tables[field][:, self.names.index(name), SIDES.index(side)]
        picked = np.take_along_axis(table, calibration.bins(score), axis=1)
        return np.where(np.isnan(score), np.nan, picked)

    def learnt(self, side: Lean, name: str = ALL) -> Calibrator:
        """The calibrator of one name and side after the last row: where live learning goes on."""
        at = (self.names.index(name), SIDES.index(side))
        columns = {one: getattr(self.calibrator, one)[at] for one in calibration.COLUMNS}
        return replace(self.calibrator, **columns)


def walk(
    bars: Mapping[str, Bars], agents: Mapping[str, Scoring], weights: Mapping[str, float], horizon: Horizon,
    half_life: float = 504.0,
) -> Walk:  # fmt: skip
    """All of history, decided at every close by these agents (`weights` by their names), one row of spacing."""
    return through(gather(bars, agents, weights, horizon), horizon, half_life)


def through(panel: Panel, horizon: Horizon, half_life: float = 504.0, since: int = 0) -> Walk:
    """`walk` over a panel; decisions before row `since` are not learnt from (a cold start in the middle)."""
    names = (ALL, *panel.scores)
    terms = Terms(horizon=horizon.bars, half_life=half_life)
    calibrator = calibration.fresh(terms, (len(names), len(SIDES)))
    counted = _counted(panel, horizon.cost, since)
    tables: dict[str, list[Floats]] = {field.name: [] for field in fields(calibration.Table)}
    for row in range(len(panel.rows)):
        calibrator = calibration.absorb(
            calibrator, Tally(count=counted[0][row], wins=counted[1][row], net=counted[2][row])
        )
        said = calibration.table(calibrator)
        for field, column in tables.items():
            column.append(getattr(said, field))
    stacked = {field: np.stack(column) for field, column in tables.items()}
    return Walk(
        panel=panel, names=names, tables=stacked, quantile=quantiles(panel, since), calibrator=calibrator,
        cost=horizon.cost,
    )  # fmt: skip


def quantiles(panel: Panel, since: int = 0) -> Floats:
    """(T): the quantile of the expected range in each row, from the outcomes that were known by then."""
    rows = len(panel.rows)
    size = np.abs(panel.gross / panel.spread)
    made, column = np.nonzero(~np.isnan(size) & (panel.due < rows) & (np.arange(rows)[:, None] >= since))
    order = np.argsort(panel.due[made, column], kind="stable")
    made, column = made[order], column[order]
    size = size[made, column]
    starts = np.searchsorted(panel.due[made, column], np.arange(rows + 1))
    said, quantile = np.empty(rows), ranges.START
    for row in range(rows):
        these = slice(starts[row], starts[row + 1])
        if these.stop > these.start:
            quantile = ranges.adapted(quantile, float(np.mean(size[these] > said[made[these]])))
        said[row] = quantile
    return said


def _counted(panel: Panel, cost: float, since: int) -> tuple[Floats, Floats, Floats]:
    """Outcomes that become known in each row: how many, wins and net returns, each (T, K, 2, 7)."""
    rows = len(panel.rows)
    shape = (rows, 1 + len(panel.scores), len(SIDES), BINS)
    count, wins, nets = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    decided = np.arange(rows)[:, None] >= since
    for k, score in enumerate((panel.consensus, *panel.scores.values())):
        real = ~np.isnan(score) & ~np.isnan(panel.gross) & (panel.due < rows) & decided
        cell = panel.due[real] * BINS + calibration.bins(score[real])
        for side, sign in enumerate((1.0, -1.0)):
            net = sign * panel.gross[real] - cost
            for into, of in ((count, None), (wins, (net > 0).astype(np.float64)), (nets, net)):
                into[:, k, side] = np.bincount(cell, of, rows * BINS).reshape(rows, BINS)
    return count, wins, nets
