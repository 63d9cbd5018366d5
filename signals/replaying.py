"""Decisions once more, from what was stored of their inputs and by the very code that made them: are they the same?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from marketdata import store as market_store
from signals import hashing, judging, kept, store, turns, viewing, wiring
from signals.domain import Decision, Horizon, MarketView, Signal
from signals.judging import Bench


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that is not what it was: of which decision, what, and both values."""

    signal: str
    symbol: str
    at: datetime
    what: str
    was: Any
    now: Any
    is_setting: bool = False
    """Judged by other agents or settings than those of now: nothing is wrong, and nothing can be shown."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many decisions came out as they had, and the differences of the others."""

    equal: int
    differences: tuple[Difference, ...]

    @property
    def total(self) -> int:
        """All that were replayed."""
        return self.equal + len(self.differences)


def replay(
    market: str, start: datetime, end: datetime, *, symbol: str = "", horizon: str = "", most: int | None = None
) -> Replayed:
    """Replay the decisions with `at` in [start, end), or `most` of them spread evenly; raises NoLongerKept."""
    kept.refuse_what_was_let_go(market, start, end, horizon)
    ids = store.judged_ids(market, start, end, symbol, horizon)
    if most is not None and len(ids) > most:
        ids = [ids[i] for i in np.linspace(0, len(ids) - 1, most).astype(int)]
    found = [difference(one) for one in _decisions(ids)]
    differences = tuple(one for one in found if one is not None)
    return Replayed(len(found) - len(differences), differences)


def difference(one: Decision) -> Difference | None:
    """The first input, or else the first field decided, that is another now; None for the same hash."""
    signal, horizon = one.signal, wiring.horizon(one.signal.horizon)
    if horizon is None:
        return replace(_told(one, "SIGNALS_HORIZONS", signal.horizon, None), is_setting=True)
    bench = _bench(one, horizon)
    for what, was, now in (
        ("agents, weights, cost", signal.agent_set, bench.agent_set),
        ("settings of horizon and gates", one.knowledge.parameters, bench.parameters),
    ):
        if was != now:
            return replace(_told(one, what, was, now), is_setting=True)
    view = viewing.rebuild(one, horizon.interval)
    if view is None:
        return _told(one, "bars", "some", None)
    if hashing.inputs(view) != signal.inputs:
        return _input(one, view)
    again = again_of(one, view, horizon)
    return None if again.decision == signal.decision else _field(one, again)


def again_of(one: Decision, view: MarketView, horizon: Horizon) -> Signal:
    """The signal of this view, judged as it was judged then."""
    market, known, signal = one.signal.market, one.knowledge, one.signal
    bench = _bench(one, horizon)
    outcomes = turns.past_of(market, horizon, signal.at, bench.limits, known.outcomes)
    last = store.last_announced(market, horizon.name, [signal.symbol], signal.at)
    return judging.judge(view, one.judged_at, bench, turns.past(signal.symbol, outcomes, last))


def _bench(one: Decision, horizon: Horizon) -> Bench:
    """The bench of now, with the rules that the decision was made by."""
    bench = wiring.bench_of(horizon, one.knowledge.calibration)
    first = replace(bench, rules=1)
    return first if first.parameters == one.knowledge.parameters else bench


def _decisions(ids: list[str], batch: int = 200) -> Iterator[Decision]:
    for first in range(0, len(ids), batch):
        found = store.decisions_of(ids[first : first + batch])
        yield from (found[id_] for id_ in ids[first : first + batch])


def _input(one: Decision, view: MarketView) -> Difference:
    """Which part of the view is another; of a bar, both values, as far as the stored bars still tell the old one."""
    now = hashing.short(hashing.parts(view))
    what = next((name for name in now if now[name] != one.knowledge.parts.get(name)), "hash")
    if what not in store.COLUMNS:
        return _told(one, what, one.knowledge.parts.get(what), now.get(what))
    before, count = viewing.end(view.bars, view.market), len(view.bars)
    stored = market_store.windows([view.symbol], view.bars.interval, view.market, before, count).get(view.symbol)
    if stored is not None and np.array_equal(stored.start, view.bars.start):
        column, other = getattr(view.bars, what), getattr(stored, what)
        for i in np.flatnonzero((column != other) & ~(np.isnan(column) & np.isnan(other))):
            changed = replace(view, bars=replace(view.bars, **{what: np.where(np.arange(count) == i, other, column)}))
            if hashing.short(hashing.parts(changed))[what] == one.knowledge.parts[what]:
                start = datetime.fromtimestamp(int(view.bars.start[i]), UTC)
                return _told(one, f"{what} of the bar of {start.isoformat()}", float(other[i]), float(column[i]))
    return _told(one, f"column {what} of the bars", one.knowledge.parts.get(what), now[what])


def _field(one: Decision, again: Signal) -> Difference:
    """The first opinion, or else the first field, that is another now."""
    for said, says in zip(one.signal.opinions, again.opinions, strict=False):
        if hashing.canonical(said) != hashing.canonical(says):
            return _told(one, f"opinion of {said.agent}", said.score, says.score)
    for name in Signal.__dataclass_fields__:
        was, now = getattr(one.signal, name), getattr(again, name)
        if name != "decision" and hashing.canonical(was) != hashing.canonical(now):
            return _told(one, name, was, now)
    return _told(one, "decision", one.signal.decision, again.decision)


def _told(one: Decision, what: str, was: Any, now: Any) -> Difference:
    return Difference(one.signal.id, one.signal.symbol, one.signal.at, what, was, now)
