"""What an outage cost, out of what was shown cycle by cycle (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

JITTER = 1.5
"""Cycles between two values that still count as on time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The outage: `source` has a `fault` for `seconds`; polled `every` so many; `wait`: for its return at most."""

    source: str
    backup: str
    fault: str
    seconds: float
    every: float = 1.0
    wait: float = 180.0
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was shown of a symbol at the end of a cycle (`at`: epoch seconds; `number`: of the message)."""

    cycle: int
    at: float
    symbol: str
    vendor: str
    as_of: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Times:
    """When the fault began, ended, and the drill was over (epoch seconds)."""

    begun: float
    ended: float
    over: float


@dataclass(frozen=True, slots=True)
class Report:
    """Times in seconds; `failover` and `failback` are None where it did not come to that for every symbol."""

    plan: Plan
    cycles: int
    blind: Mapping[str, float]
    missed: Mapping[str, int]
    affected: Sequence[str]
    served: Mapping[str, int]
    failover: float | None
    failback: float | None
    duplicates: int
    older: int
    alarms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: int = 0
    failures: Mapping[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """At most one cycle missed of each symbol, nothing shown twice, nothing older shown as newer."""
        return max(self.missed.values(), default=0) <= 1 and not self.duplicates and not self.older


def measured(plan: Plan, times: Times, seen: Sequence[Sighting], stored: Iterable[tuple[str, str, datetime]],
             **noted: Any) -> Report:  # fmt: skip
    """The figures; `seen` in time order, `stored`: symbol, vendor and time of every row of the history."""
    by_symbol = {symbol: list(group) for symbol, group in groupby(sorted(seen, key=_order), key=lambda one: one.symbol)}
    after = {symbol: [one for one in rows if one.at >= times.begun] for symbol, rows in by_symbol.items()}
    fresh = {symbol: _fresh(rows) for symbol, rows in by_symbol.items()}
    news = {symbol: [one for one in rows if one.at >= times.begun] for symbol, rows in fresh.items()}
    during = [one for rows in news.values() for one in rows if one.at < times.ended]
    blind = {one: round(_blind(plan, times, fresh.get(one, [])), 2) for one in plan.symbols}
    elsewhere = {one.symbol for one in during if one.vendor != plan.source}
    pairs = [pair for rows in by_symbol.values() for pair in pairwise(rows)]
    return Report(
        plan, len({one.cycle for rows in after.values() for one in rows}), blind,
        {one: len(after.get(one, [])) - len(news.get(one, [])) for one in plan.symbols},
        [one for one in plan.symbols if blind[one] or one in elsewhere],
        Counter(one.vendor for one in during),
        _all_by(plan, times.begun, [one for one in during if one.vendor != plan.source]),
        _all_by(plan, times.ended, _returned(plan, times, news)),
        _repeated(pairs) + _twice(stored), sum(two.as_of < one.as_of for one, two in pairs), **noted,
    )  # fmt: skip


def is_back(plan: Plan, latest: Iterable[Sighting]) -> bool:
    """Whether every symbol is shown from the source again."""
    return {one.symbol for one in latest if one.vendor == plan.source} >= set(plan.symbols)


def _order(one: Sighting) -> tuple[str, int]:
    return one.symbol, one.cycle


def _fresh(rows: Sequence[Sighting]) -> list[Sighting]:
    """The first sighting of each value that is newer than the one before."""
    return [*rows[:1], *(two for one, two in pairwise(rows) if two.as_of > one.as_of)]


def _blind(plan: Plan, times: Times, fresh: Sequence[Sighting]) -> float:
    """Seconds beyond a cycle for which nothing newer was shown, from the last value before the fault on."""
    before = [one.at for one in fresh if one.at < times.begun]
    moments = [*before[-1:], *(one.at for one in fresh if one.at >= times.begun), times.over]
    gaps = [two - one for one, two in pairwise(moments)]
    return sum(gap - plan.every for gap in gaps if gap > JITTER * plan.every)


def _returned(plan: Plan, times: Times, news: Mapping[str, Sequence[Sighting]]) -> list[Sighting]:
    """What the source gave after the fault of symbols that it had lost."""
    lost = {one.symbol for rows in news.values() for one in rows if one.vendor != plan.source}
    late = [one for rows in news.values() for one in rows if one.at >= times.ended and one.vendor == plan.source]
    return [one for one in late if one.symbol in lost]


def _all_by(plan: Plan, since: float, rows: Sequence[Sighting]) -> float | None:
    """Seconds until the last of the symbols had its first of these rows."""
    first: dict[str, float] = {}
    for one in sorted(rows, key=lambda row: row.at):
        first.setdefault(one.symbol, one.at)
    return round(max(first.values()) - since, 2) if set(first) >= set(plan.symbols) else None


def _repeated(pairs: Iterable[tuple[Sighting, Sighting]]) -> int:
    """Messages beyond one for each newer value."""
    return sum(max(0, two.number - one.number - (two.as_of > one.as_of)) for one, two in pairs)


def _twice(stored: Iterable[tuple[str, str, datetime]]) -> int:
    return sum(count - 1 for count in Counter(stored).values())
