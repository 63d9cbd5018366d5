"""An outage on purpose: polls as usual over two sources, breaks one, and measures what was shown meanwhile."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec
from django.conf import settings

from marketdata import alarms, counters, store, tasks, wiring
from marketdata.drill_report import Plan, Report, Sighting, Times, is_back, measured
from marketdata.live.retained import retained
from marketdata.sources.base import SourceError

FAULTS = ("kill", "timeout", "429", "garbage", "mute", "stale")
DEADLINE = 0.6
"""The share of a cycle that a source has for its answer: what it does not give, the next one still gives in time."""
BEFORE = 3
"""Cycles before the fault."""
PROBES = 5
"""Cycles from one probe of sources that are left alone to the next."""
PHASE = 0.5
"""When in a second the polls are made: a vendor that tells whole seconds then has a new one for each cycle."""
LOOKS_BACK = timedelta(hours=3)
Say = Callable[[str], None]


class Breakable(Protocol):
    """A vendor that can be broken at will."""

    @property
    def name(self) -> str:
        """Of its source."""

    @property
    def options(self) -> dict[str, Any]:
        """How its source finds it."""

    def begin(self, fault: str, seconds: float) -> None:
        """Break it, for so many seconds."""

    def end(self, fault: str) -> None:
        """Make it whole."""


def market(plan: Plan, vendors: Iterable[Breakable]) -> dict[str, Any]:
    """The settings of a market of these vendors, the one to be broken first.

    Without their budgets and paces, which are made for a cycle that is longer than the drill's.
    """
    deadline = DEADLINE * plan.every
    sources = {
        one.name: {
            "BACKEND": settings.MARKETDATA_SOURCES[one.name]["BACKEND"],
            "OPTIONS": {**one.options, "timeout": deadline},
        }
        for one in vendors
    }
    return {
        "MARKET": wiring.LIVE, "MARKETDATA_SYMBOLS": list(plan.symbols), "MARKETDATA_SOURCES": sources,
        "MARKETDATA_ORDER": {"quotes": [plan.source, plan.backup]}, "MARKETDATA_DEADLINE": deadline,
        "MARKETDATA_QUOTES_EVERY": plan.every,
    }  # fmt: skip


def run(plan: Plan, vendor: Breakable, say: Say = lambda text: None) -> Report:
    """Carry it out, in the market of the settings."""
    store.set_watchlist(list(plan.symbols))
    _warm_up(plan)
    room = _Room(plan)
    room.cycles(lambda done: done >= BEFORE)
    errors, begun = counters.read().get("errors", 0), time.time()
    say(f"{plan.source} fails: {plan.fault} for {plan.seconds:g} s")
    vendor.begin(plan.fault, plan.seconds)
    room.cycles(lambda done: time.time() >= begun + plan.seconds)
    vendor.end(plan.fault)
    ended = time.time()
    say(f"{plan.source} is well again; waiting until it serves again, {plan.wait:g} s at most")
    room.cycles(lambda done: done >= 1 and (is_back(plan, room.latest()) or time.time() >= ended + plan.wait))
    times = Times(begun, ended, time.time())
    return measured(
        plan, times, room.seen, _stored(plan), alarms=_after(begun, room.alarms),
        errors=round(counters.read().get("errors", 0) - errors), failures=_failures(begun),
    )  # fmt: skip


@dataclass
class _Room:
    """Where the polls are made and what is shown is noted."""

    plan: Plan
    seen: list[Sighting] = field(default_factory=list)
    alarms: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    number: int = 0
    due: float = 0.0

    def cycles(self, is_over: Callable[[int], bool]) -> None:
        """Poll and look, one cycle after the other; `is_over` is told how many are done."""
        done = 0
        while not is_over(done):
            self._wait()
            tasks.poll_quotes_of(list(self.plan.symbols))
            self.look()
            if self.number % PROBES == 0:
                tasks.probe_sources()
            done += 1

    def look(self) -> None:
        """Note what every screen shows now, and the alarms that are on."""
        at = time.time()
        for symbol, text in retained(self.plan.symbols).items():
            message = msgspec.json.decode(text)
            said = message["data"]
            as_of = datetime.fromisoformat(said["as_of"])
            self.seen.append(Sighting(self.number, at, symbol, said["vendor"], as_of, message["seq"]))
        self.alarms |= {name: told for name, told in alarms.sounding().items() if name not in self.alarms}

    def latest(self) -> Sequence[Sighting]:
        """What was seen in the last cycle."""
        return [one for one in self.seen if one.cycle == self.number]

    def _wait(self) -> None:
        """Until the next cycle; one that lasted too long is followed at once."""
        now = time.time()
        self.due = self.due + self.plan.every if self.due else now + (PHASE - now) % 1.0
        self.number += 1
        time.sleep(max(0.0, self.due - now))


def _warm_up(plan: Plan) -> None:
    """The first question to a vendor opens connections and loads its library: that is not the outage's fault."""
    for source in wiring.all_sources():
        for _ in range(3):
            with suppress(SourceError):
                source.quotes(list(plan.symbols))
                break


def _stored(plan: Plan) -> list[tuple[str, str, datetime]]:
    now = datetime.now(UTC)
    rows = (store.quotes(one, now - LOOKS_BACK, now + LOOKS_BACK, wiring.LIVE) for one in plan.symbols)
    return [(row.symbol, row.vendor, row.as_of) for found in rows for row in found]


def _after(begun: float, sounded: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each alarm with the seconds from the fault to it."""
    mine = {name: told for name, told in sounded.items() if told["at"] >= begun}
    return {name: {"after": round(told["at"] - begun, 2), "message": told["message"]} for name, told in mine.items()}


def _failures(begun: float) -> dict[str, str]:
    """The last failure of each source since then."""
    found = {name: notes.get("last_failure") for name, notes in counters.sources().items()}
    return {name: f"{one['error']}: {one['message']}" for name, one in found.items() if one and one["at"] >= begun}
