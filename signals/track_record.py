"""The record of outcomes: how leans did, beside the base rate and beside simply being long. Pure.

Counted are leans up and down. Flat leans, scored as always long, have a group of their own: whoever mostly says nothing
must not look good or bad by it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from options.wilson import wilson
from signals import reliability
from signals.domain import Horizon, Lean, Outcome, Record, TrackRecord
from signals.effective import effective
from signals.outcome_columns import SIGN, Columns, as_if, columns

LEAST = 30
"""Outcomes below which no diagram is drawn: ten bins of three say nothing."""
DRAWS = 400
GROUPS = ("all", "direction", "symbol", "regime", "agent")

Floats = NDArray[np.float64]
Rates = tuple[float, float]
"""How often up won, and how often down."""


def track_records(
    outcomes: Sequence[Outcome],
    horizon: Horizon,
    lean_above: float,
    groups: Sequence[str] = GROUPS,
    rates: Rates | None = None,
) -> list[TrackRecord]:
    """The record of all, and of each direction, symbol, regime and agent, as far as `groups` asks for them.

    ValueError where outcomes of several markets, horizons or agent sets are mixed: their records are never pooled. An
    agent's own lean is its score above `lean_above`, either way. `rates`: the base rates of all the outcomes that these
    are some of (None: these are all). `extra` has the 95 % interval of the mean net return
    (block bootstrap), sharpness (standard deviation of the confidences) and precision against coverage.
    """
    kinds = {(one.market, one.horizon, one.agent_set) for one in outcomes}
    if len(kinds) > 1:
        raise ValueError(f"outcomes of {len(kinds)} markets, horizons or agent sets are mixed: ask for one at a time")
    market, whole = outcomes[0].market if outcomes else "", columns(outcomes)
    rates = rates or _rates(whole, horizon.cost)
    parts = _parts(outcomes, whole, horizon, lean_above, groups)
    return [_record(part, market, horizon, group, key, rates) for group, key, part in parts]


def base_rates(outcomes: Sequence[Outcome], horizon: Horizon) -> Rates | None:
    """How often up and down won in these outcomes, each a fraction; None without any."""
    return _rates(columns(outcomes), horizon.cost)


def _parts(
    outcomes: Sequence[Outcome], whole: Columns, horizon: Horizon, lean_above: float, groups: Sequence[str]
) -> Iterator[tuple[str, str, Columns]]:
    if "all" in groups:
        yield "all", "", whole.where(whole.sign != 0)
    if "direction" in groups:
        yield from (("direction", lean.value, whole.where(whole.sign == SIGN[lean])) for lean in Lean)
    leaning = whole.where(whole.sign != 0)
    for group in ("symbol", "regime"):
        if group in groups:
            of = getattr(leaning, group)
            yield from ((group, str(key), leaning.where(of == key)) for key in np.unique(of))
    for agent in sorted({name for one in outcomes for name in one.opinions}) if "agent" in groups else ():
        scores = np.array([one.opinions.get(agent, np.nan) for one in outcomes], np.float64)
        own = as_if(whole, scores, lean_above, horizon.cost)
        yield "agent", agent, own.where(own.sign != 0)


def _record(part: Columns, market: str, horizon: Horizon, group: str, key: str, rates: Rates | None) -> TrackRecord:
    ranged = part.in_range[~np.isnan(part.in_range)]
    return TrackRecord(
        market=market, horizon=horizon.name, group=group, key=key, record=_figures(part, horizon, rates),
        **_quality(_told(part), horizon), range_coverage=float(ranged.mean()) if len(ranged) else None,
        range_n=len(ranged), first=_day(part.end.min()) if len(part) else None,
        last=_day(part.end.max()) if len(part) else None, extra=_extra(part, horizon),
    )  # fmt: skip


def _figures(part: Columns, horizon: Horizon, rates: Rates | None) -> Record:
    n, told = len(part), _told(part)
    if not n or rates is None:
        return Record(
            n=0, n_eff=0.0, wins=0, hit_rate=None, low=None, high=None, base_rate=None, brier=None, skill=None,
            net_bp=None, always_long_bp=None,
        )  # fmt: skip
    rate, n_eff = float(part.won.mean()), _independent(part, horizon)
    low, high = wilson(rate, n_eff)
    return Record(
        n=n, n_eff=n_eff, wins=int(part.won.sum()), hit_rate=rate, low=low, high=high,
        base_rate=_base(part, rates),
        brier=reliability.brier(told.confidence, told.won) if len(told) else None,
        skill=reliability.skill(told.confidence, told.base, told.won) if len(told) else None,
        net_bp=1e4 * float(part.net.mean()), always_long_bp=1e4 * (float(part.gross.mean()) - horizon.cost),
    )  # fmt: skip


def _quality(told: Columns, horizon: Horizon) -> dict[str, Any]:
    if len(told) < LEAST:
        names = ("reliability", "resolution", "uncertainty", "within", "ece", "ece_floor")
        return dict.fromkeys(names) | {"bins": ()}
    n_eff, parts = _independent(told, horizon), reliability.parts(told.confidence, told.won)
    return {
        "bins": reliability.diagram(told.confidence, told.won, n_eff),
        "reliability": parts.reliability, "resolution": parts.resolution, "uncertainty": parts.uncertainty,
        "within": parts.within, "ece": reliability.calibration_error(told.confidence, told.won),
        "ece_floor": reliability.noise_floor(told.confidence, n_eff),
    }  # fmt: skip


def _extra(part: Columns, horizon: Horizon) -> dict[str, Any]:
    if len(part) < LEAST:
        return {}
    ends, step = np.unique(part.end, return_inverse=True)
    totals, counts = np.zeros(len(ends)), np.zeros(len(ends))
    np.add.at(totals, step, part.net)
    np.add.at(counts, step, 1.0)
    low, high = reliability.bootstrapped(totals, counts, block=4 * horizon.bars, draws=DRAWS)
    told = _told(part)
    chosen = reliability.choosing(told.confidence, told.won) if len(told) >= LEAST else ()
    return {
        "net_bp_low": 1e4 * low, "net_bp_high": 1e4 * high,
        "sharpness": float(told.confidence.std()) if len(told) else None,
        "choosing": [{"threshold": c.threshold, "coverage": c.coverage, "precision": c.precision} for c in chosen],
    }  # fmt: skip


def _told(part: Columns) -> Columns:
    """Those that had a confidence and a base rate beside it."""
    return part.where(~np.isnan(part.confidence) & ~np.isnan(part.base))


def _independent(part: Columns, horizon: Horizon) -> float:
    return effective((int(n) for n in np.unique(part.end, return_counts=True)[1]), horizon.bars)


def _base(part: Columns, rates: Rates) -> float:
    """How often these leans' directions won in all of the outcomes: what leaning blindly would have hit."""
    up, down = rates
    return float(np.where(part.sign < 0, down, up).mean())


def _rates(whole: Columns, cost: float) -> Rates | None:
    return (float((whole.gross > cost).mean()), float((-whole.gross > cost).mean())) if len(whole) else None


def _day(second: np.int64) -> date:
    return datetime.fromtimestamp(int(second), UTC).date()
