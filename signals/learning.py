"""What was learned of one market, horizon and agent set, step by step of resolved outcomes. Pure.

One state holds a calibrator for the common score and for each agent's, in both directions, the quantile of the
expected range, and how the leans did. It is made by walking history, goes on with live outcomes, and can be made again
from both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Interval
from options.wilson import wilson
from signals import calibration, ranges
from signals.calibration import BINS, Calibrator, Tally, Terms
from signals.domain import Calibrated, Horizon, Lean, Outcome, Record
from signals.effective import design_effect
from signals.orchestrator import LEANS_FROM
from signals.panel import LATE, PURGE
from signals.walking import ALL, SIDES, Walk

PURGED = PURGE + 1
"""The last row that is free, counted from the end."""
SESSION = 390
"""Minutes of one."""
HALF_LIFE = {Interval.DAY: 504.0, Interval.MINUTE: 20.0 * SESSION}
"""Bars in which what was learned fades by half."""
COUNTS = ("n", "n_eff", "wins", "brier", "base_brier", "base", "net", "long")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """`calibrator` is (K, 2): `names` (the common score first), up and down. `did` is (2, 8): sums of COUNTS over the
    outcomes of leans up and down; brier and base over those that had a confidence, all of them."""

    names: tuple[str, ...]
    calibrator: Calibrator
    quantile: float
    did: Floats


def terms(horizon: Horizon) -> Terms:
    """Decisions are made at every bar."""
    return Terms(horizon=horizon.bars, spacing=1.0, half_life=HALF_LIFE[horizon.interval])


def fresh(agents: Iterable[str], horizon: Horizon) -> State:
    """A state that has seen nothing."""
    names = (ALL, *agents)
    calibrator = calibration.fresh(terms(horizon), (len(names), len(SIDES)))
    return State(names=names, calibrator=calibrator, quantile=ranges.START, did=np.zeros((2, len(COUNTS))))


def walked(walk: Walk, horizon: Horizon, agents: Iterable[str]) -> State:
    """The state after history; agents that history says nothing of (it has no option chains) begin with nothing."""
    state = fresh(agents, horizon)
    at = [state.names.index(name) for name in walk.names]
    columns = {one: getattr(state.calibrator, one).copy() for one in calibration.COLUMNS}
    for one, column in columns.items():
        column[at] = getattr(walk.calibrator, one)
    return replace(
        state,
        calibrator=replace(state.calibrator, **columns),
        quantile=float(walk.quantile[-1]),
        did=np.stack([_did(walk, side, horizon) for side in SIDES]),
    )


def learn(state: State, outcomes: Sequence[Outcome], horizon: Horizon) -> State:
    """The state after more outcomes, one step for each instant at which some of them ended."""
    ordered = sorted(outcomes, key=lambda one: (one.exited_at, one.signal))
    for _, step in groupby(ordered, key=lambda one: one.exited_at):
        state = _step(state, list(step), horizon)
    return state


def predict(state: State, score: float, lean: Lean, name: str = ALL) -> Calibrated:
    """What the past says of this score and lean (of a flat one: of being long)."""
    return calibration.predict(_one(state, name, Lean.DOWN if lean is Lean.DOWN else Lean.UP), score)


def record(state: State, lean: Lean) -> Record | None:
    """How leans of this direction did; None for a flat one."""
    if lean is Lean.FLAT:
        return None
    did = dict(zip(COUNTS, state.did[SIDES.index(lean)].tolist(), strict=True))
    n = did["n"]
    if n == 0:
        return Record(
            n=0, n_eff=0.0, wins=0, hit_rate=None, low=None, high=None, base_rate=None, brier=None, skill=None,
            net_bp=None, always_long_bp=None,
        )  # fmt: skip
    low, high = wilson(did["wins"] / n, did["n_eff"])
    return Record(
        n=round(n), n_eff=did["n_eff"], wins=round(did["wins"]), hit_rate=did["wins"] / n, low=low, high=high,
        base_rate=did["base"] / n, brier=did["brier"] / n,
        skill=1 - did["brier"] / did["base_brier"] if did["base_brier"] else None,
        net_bp=1e4 * did["net"] / n, always_long_bp=1e4 * did["long"] / n,
    )  # fmt: skip


def is_free(outcome: Outcome, rows: Sequence[datetime], horizon: Horizon) -> bool:
    """Whether an outcome may be learned from after the last of these closed bars (their starts, rising): the bar that
    ended it and the one after it stay out."""
    return len(rows) >= PURGED and outcome.exited_at <= rows[-PURGED] + horizon.interval.length


def is_whole(outcome: Outcome, horizon: Horizon) -> bool:
    """Whether it did not run over a gap: one that took twice its horizon and a week is no outcome of that horizon."""
    return outcome.exited_at - outcome.at <= (LATE * horizon.bars + 5) * horizon.interval.length


def pause(horizon: Horizon) -> timedelta:
    """The least time between the last exit in a version and the next version: those of minutes are made once a
    horizon, those of days with every session."""
    return timedelta(0) if horizon.interval is Interval.DAY else (horizon.bars + PURGED) * horizon.interval.length


def to_json(state: State) -> dict[str, Any]:
    """All of it as JSON has it; `from_json` gives the very same numbers back."""
    return {
        "names": list(state.names), "calibrator": calibration.to_json(state.calibrator), "quantile": state.quantile,
        "did": state.did.tolist(),
    }  # fmt: skip


def from_json(told: Mapping[str, Any]) -> State:
    """The state that `to_json` wrote."""
    return State(
        names=tuple(told["names"]), calibrator=calibration.from_json(told["calibrator"]),
        quantile=float(told["quantile"]), did=np.array(told["did"], np.float64),
    )  # fmt: skip


def _one(state: State, name: str, side: Lean) -> Calibrator:
    at = (state.names.index(name), SIDES.index(side))
    return replace(state.calibrator, **{one: getattr(state.calibrator, one)[at] for one in calibration.COLUMNS})


def _step(state: State, outcomes: list[Outcome], horizon: Horizon) -> State:
    counted = [np.zeros((len(state.names), len(SIDES), BINS)) for _ in range(3)]
    for k, name in enumerate(state.names):
        scores = [one.score if name == ALL else one.opinions.get(name, np.nan) for one in outcomes]
        for side, sign in enumerate((1.0, -1.0)):
            nets = np.array([sign * one.gross - horizon.cost for one in outcomes])
            tally = calibration.tally(scores, nets > 0, nets)
            for into, of in zip(counted, (tally.count, tally.wins, tally.net), strict=True):
                into[k, side] = of
    count, wins, net = counted
    missed = [not one.in_range for one in outcomes if one.in_range is not None]
    return replace(
        state,
        calibrator=calibration.absorb(state.calibrator, Tally(count=count, wins=wins, net=net)),
        quantile=ranges.adapted(state.quantile, float(np.mean(missed))) if missed else state.quantile,
        did=state.did + np.stack([_of_lean(outcomes, side, horizon) for side in SIDES]),
    )


def _of_lean(outcomes: Iterable[Outcome], side: Lean, horizon: Horizon) -> Floats:
    these = [one for one in outcomes if one.lean is side and one.confidence is not None and one.base_rate is not None]
    if not these:
        return np.zeros(len(COUNTS))
    sure = np.array([one.confidence for one in these], np.float64)
    base = np.array([one.base_rate for one in these], np.float64)
    gross = np.array([one.gross for one in these])
    return _sums(sure, base, gross, side, len(these) / design_effect(len(these), horizon.bars), horizon.cost)


def _sums(sure: Floats, base: Floats, gross: Floats, side: Lean, n_eff: float, cost: float) -> Floats:
    net = (-gross if side is Lean.DOWN else gross) - cost
    won = (net > 0).astype(np.float64)
    sums = ((sure - won) ** 2, (base - won) ** 2, base, net, gross - cost)
    return np.array([len(won), n_eff, won.sum(), *(one.sum() for one in sums)])


def _did(walk: Walk, side: Lean, horizon: Horizon) -> Floats:
    panel = walk.panel
    score, gross = panel.consensus, panel.gross
    leans = score <= -LEANS_FROM if side is Lean.DOWN else score >= LEANS_FROM
    real = leans & ~np.isnan(gross) & (panel.due < len(panel.rows))
    n_eff = sum(_effective(real, horizon))
    return _sums(
        walk.said("confidence", side)[real], walk.said("base_rate", side)[real], gross[real], side, n_eff, horizon.cost
    )


def _effective(real: NDArray[np.bool_], horizon: Horizon) -> Iterator[float]:
    for together in real.sum(axis=1).tolist():
        if together:
            yield together / design_effect(together, horizon.bars)
