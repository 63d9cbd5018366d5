"""What became of signals at their horizons, told once; and what is learned from it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import transaction

from marketdata import calendar
from marketdata import store as market_store
from marketdata.domain import Bars, Interval
from signals import issue, learning, ranges, scoring, store, viewing, wiring
from signals.domain import Decision, Horizon, Outcome

GRACE = 0.01
"""Share of a bar by which a decision may be late and still have its next open."""
LOOK_BACK = {Interval.DAY: timedelta(days=60), Interval.MINUTE: timedelta(days=7)}
"""How long an outcome may be overdue; whoever trades no more by then has none."""
PATIENCE = {Interval.DAY: timedelta(days=3), Interval.MINUTE: timedelta(days=1)}
"""How long an outcome that runs over a hole waits for its repair."""
ROWS = {Interval.DAY: timedelta(days=12), Interval.MINUTE: timedelta(days=5)}
"""Span in which there are surely some closed bars."""


def resolve(horizon: Horizon, market: str, now: datetime) -> list[Outcome]:
    """Store the outcome of each signal whose horizon has ended; returns the new ones."""
    until = now - horizon.bars * horizon.interval.length
    pending = store.unresolved(market, horizon.name, until - LOOK_BACK[horizon.interval], until)
    if not pending:
        return []
    windows = _windows(pending, horizon.interval, market, now)
    found = (_outcome(one, windows.get(one.signal.symbol), horizon, now) for one in pending)
    return issue.outcomes([one for one in found if one is not None], now)


def learn(horizon: Horizon, market: str, now: datetime) -> int | None:
    """Make a new version of what is known, if outcomes are to be learned from; returns its number.

    Outcomes are learned in the order in which they were known, once, each behind its embargo.
    """
    agent_set = wiring.agent_set(horizon.interval)
    with transaction.atomic():
        store.lock()
        known = store.calibration(market, horizon.name, agent_set)
        if known is not None and known.through is not None and now - known.through < learning.pause(horizon):
            return None
        new = store.numbered_outcomes(market, horizon.name, agent_set, known.outcomes if known else 0)
        ready = list(_ready(new, horizon, market, now))
        if not ready:
            return None
        state = learning.from_json(known.state) if known else learning.fresh(wiring.agents(horizon.interval), horizon)
        taught = [one for _, one in ready if learning.is_whole(one, horizon)]
        return store.save_calibration(
            market, horizon.name, agent_set, learning.to_json(learning.learn(state, taught, horizon)), made_at=now,
            through=max(one.exited_at for _, one in ready), outcomes=ready[-1][0],
            is_warm=known.is_warm if known else False,
        )  # fmt: skip


def entry_from(decision: Decision, horizon: Horizon) -> datetime:
    """The instant from which a bar may open to be entered: a price from before the decision is nobody's."""
    return max(decision.signal.at, decision.judged_at - GRACE * horizon.interval.length)


def _windows(pending: Sequence[Decision], interval: Interval, market: str, now: datetime) -> dict[str, Bars]:
    """Bars of each symbol that reach back to before its decisions: after a standstill, further than usual."""
    symbols = sorted({one.signal.symbol for one in pending})
    windows = market_store.windows(symbols, interval, market, now, viewing.WINDOW)
    late = [one.signal for one in pending if one.signal.symbol in windows
            and windows[one.signal.symbol].start[0] >= one.signal.at.timestamp()]  # fmt: skip
    if not late:
        return windows
    more = (now - min(one.at for one in late)) // interval.length
    return windows | market_store.windows(
        sorted({one.symbol for one in late}), interval, market, now, viewing.WINDOW + more
    )


def _outcome(one: Decision, bars: Bars | None, horizon: Horizon, now: datetime) -> Outcome | None:
    if bars is None:
        return None
    since = entry_from(one, horizon)
    opens = np.array([opened(int(start), bars.interval, one.signal.market) >= since for start in bars.start])
    later = replace(bars, **{name: getattr(bars, name)[opens] for name in ("start", *store.COLUMNS)})
    graded = wiring.graded(horizon, one.signal.agent_set)
    found = scoring.outcome(one.signal, later, graded, _regime(one, bars, horizon))
    if found and now - found.exited_at < PATIENCE[horizon.interval] and _has_hole(found, horizon):
        return None
    sure = one.signal.calibrated
    return replace(found, base_rate=sure.base_rate) if found and sure else found


def _has_hole(found: Outcome, horizon: Horizon) -> bool:
    """Whether it took so long because bars are missing, and not because the market was closed."""
    if learning.is_whole(found, horizon):
        return False
    expected = calendar.expected_bars(horizon.interval, found.at, found.exited_at, found.market)
    return not learning.is_whole(replace(found, exited_at=found.at + len(expected) * horizon.interval.length), horizon)


def _regime(one: Decision, bars: Bars, horizon: Horizon) -> str:
    """How volatile it was when the decision was made."""
    before = int(np.searchsorted(bars.start, one.signal.at.timestamp()))
    seen = slice(max(0, before - viewing.WINDOW), before)
    cut = replace(bars, **{name: getattr(bars, name)[seen] for name in ("start", *store.COLUMNS)})
    said = ranges.regimes(ranges.spreads(cut, horizon.bars)) if before else np.array([""])
    return str(said[-1])


def opened(start: int, interval: Interval, market: str) -> datetime:
    """The instant of a bar's first price: of a day, the open of its session."""
    at = datetime.fromtimestamp(start, UTC)
    hours = calendar.hours(at.date(), market) if interval is Interval.DAY else None
    return hours[0] if hours else at


def _ready(
    numbered: Sequence[tuple[int, Outcome]], horizon: Horizon, market: str, now: datetime
) -> Iterator[tuple[int, Outcome]]:
    """The first of them, up to one that must wait."""
    rows = _closed(horizon.interval, market, now)
    for seq, one in numbered:
        if not learning.is_free(one, rows, horizon):
            return
        yield seq, one


def _closed(interval: Interval, market: str, now: datetime) -> list[datetime]:
    starts = calendar.expected_bars(interval, now - ROWS[interval], now, market)
    return [start for start in starts if viewing.ended(start, interval, market) <= now]
