"""What `manage.py doctor` finds about the market's data: each finding with its evidence and the next step."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings

from marketdata import alarms, calendar, quotas, standing, store, wiring
from marketdata.breaker import Condition
from marketdata.domain import Session


class Level(StrEnum):
    """How bad it is."""

    FINE = "ok"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `next_step` says what to do where it is not fine."""

    level: Level
    what: str
    evidence: str
    next_step: str = ""


def data() -> Iterator[Finding]:
    """Why there may be no market data: market, hours, keys, sources, budgets and quotas."""
    yield from _market()
    yield from _keys()
    yield from _sources()
    yield from _budgets()
    yield from _quotas()
    for name, alarm in alarms.sounding().items():
        yield Finding(Level.BAD, f"alarm {name}", f"since {_clock(alarm['at'])}: {alarm['message']}", alarm["remedy"])


def latency() -> Iterator[Finding]:
    """The sources' own response times."""
    for one in standing.sources(store.enabled_sources()):
        took = one["latency_ms"]
        if took is not None:
            slow = took > 500 * settings.MARKETDATA_DEADLINE
            step = "Look at the vendor's status page; a nearer machine or another source is quicker" if slow else ""
            yield Finding(Level.NOTE if slow else Level.FINE, f"source {one['name']}", f"last took {took:g} ms", step)


def _market() -> Iterator[Finding]:
    if not wiring.decided():
        yield Finding(Level.BAD, "market", "not chosen yet", "Run `python3 manage.py up` (or `prepare`)")
        return
    market = wiring.market()
    invented = settings.MARKET == "auto" and market == wiring.SIMULATED
    step = "MARKET=live insists on real vendors; the lines below say why none answered" if invented else ""
    yield Finding(Level.NOTE if invented else Level.FINE, "market", f"{market} (MARKET={settings.MARKET})", step)
    try:
        session = calendar.session(wiring.clock()(), market)
        shut = session is Session.CLOSED
        opens = f"; it opens {calendar.next_open(wiring.clock()(), market):%a %d %b %H:%M} UTC" if shut else ""
        yield Finding(Level.NOTE if shut else Level.FINE, "market hours", f"session {session}{opens}")
    except (calendar.OutOfCalendar, OverflowError):
        step = "Is `python3 manage.py stream` running?"
        yield Finding(Level.NOTE, "market hours", "the recording has not begun to play", step)


def _keys() -> Iterator[Finding]:
    for name, entry in settings.MARKETDATA_SOURCES.items():
        missing = [key for key in entry.get("NEEDS", ()) if not entry.get("OPTIONS", {}).get(key)]
        if missing:
            step = f"To use it set its {' and '.join(missing)} (README, Settings)"
            yield Finding(Level.NOTE, f"source {name}", f"left out: no {' and no '.join(missing)}", step)


def _sources() -> Iterator[Finding]:
    broken: dict[str, list[tuple[str, Condition]]] = {}
    for name, part, condition in wiring.gatekeeper().on_probation():
        broken.setdefault(name, []).append((part, condition))
    for one in standing.sources(store.enabled_sources()):
        if not wiring.is_complete(settings.MARKETDATA_SOURCES[one["name"]]):
            continue
        if not one["enabled"]:
            yield Finding(Level.NOTE, f"source {one['name']}", "switched off", "Switch it on at /admin/, Sources")
        elif one["name"] in broken:
            yield from (_broken(one["name"], part, condition) for part, condition in broken[one["name"]])
        else:
            yield _standing(one)


def _broken(name: str, part: str, condition: Condition) -> Finding:
    alone, proven = f"left alone until {_clock(condition.until)}", f"on probation, {condition.clean} clean answers"
    lasts = alone if condition.is_open else proven
    error, what = condition.error, f"source {name} {part}".rstrip()
    kind, remedy = (type(error).__name__, error.remedy) if error else ("", "")
    return Finding(Level.BAD, what, f"{kind}: {error}; {lasts}", remedy)


def _standing(one: dict[str, Any]) -> Finding:
    failed, success = one["last_failure"], one["last_success"]
    last = f"last answer {time.time() - success:.0f} s ago" if success else "has not answered yet"
    if one["status"] == "failing" and failed:
        return Finding(Level.BAD, f"source {one['name']}", f"{failed['error']}: {failed['message']}", failed["remedy"])
    if one["status"] == "idle":
        step = "Where it should be asked: are worker and beat running (`python3 manage.py up`)?"
        return Finding(Level.NOTE, f"source {one['name']}", f"nobody asks it; {last}", step)
    return Finding(Level.FINE, f"source {one['name']}", last)


def _budgets() -> Iterator[Finding]:
    keeper = wiring.gatekeeper()
    for source in wiring.sources():
        budget = keeper.budget(source.name)
        for used in budget.used() if budget else ():
            spent = used.left == 0
            step = "Wait, watch fewer symbols, poll less often or raise the limit that your plan has" if spent else ""
            evidence = f"{used.left} of {used.amount} requests left ({used.limit})"
            yield Finding(Level.BAD if spent else Level.FINE, f"budget {source.name}", evidence, step)


def _quotas() -> Iterator[Finding]:
    for plan in quotas.plans():
        needs = ", ".join(f"needs {line.need:g} of {line.limit.amount} ({line.limit.name})" for line in plan.lines)
        level = Level.FINE if plan.fits else Level.NOTE
        step = "" if plan.fits else plan.advice[0].upper() + plan.advice[1:]
        yield Finding(level, f"quota {plan.source}", f"{plan.symbols} symbols: {needs}", step)


def _clock(second: float) -> str:
    if second > time.time() + 86_400 * 365:
        return "the configuration changes"
    return f"{datetime.fromtimestamp(second, UTC):%d %b %H:%M:%S} UTC"
