"""The way back for a source that was left alone: one small question now and then, until some in a row were answered."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from marketdata import asking, breaker, wiring
from marketdata.domain import Interval
from marketdata.sources.base import Capability, Source
from marketdata.symbols import kind

SPAN = timedelta(days=10)
"""How far back the question for bars goes."""
Question = Callable[[Any], object]


def run(watchlist: Sequence[str]) -> None:
    """Ask each source that is on probation one question about what it failed at."""
    sources = {source.name: source for source in wiring.sources()}
    for name, part, condition in wiring.gatekeeper().on_probation():
        if name in sources and is_due(condition, time.time()):
            what = _capability(sources[name], part)
            symbol = like(condition, watchlist)
            asking.probe(name, what, symbol, question(what, symbol))


def is_due(condition: breaker.Condition, now: float) -> bool:
    """When the pause is over; the last question waits for a new minute, so that no bar has two sources."""
    if now < condition.until:
        return False
    return condition.clean < breaker.CLEAN - 1 or now // 60 > condition.cleaned_at // 60


def like(condition: breaker.Condition, watchlist: Sequence[str]) -> str:
    """A watched symbol of the kind that failed, another for each question: one bad symbol must not decide."""
    if not condition.symbol:
        return next(iter(watchlist), "SPY")
    found = [one for one in watchlist if kind(one) is kind(condition.symbol)] or [condition.symbol]
    return found[condition.clean % len(found)]


def question(what: Capability, symbol: str) -> Question:
    """The smallest question about a capability."""
    now = datetime.now(UTC)
    questions: dict[Capability, Question] = {
        Capability.QUOTES: lambda source: source.quotes([symbol]),
        Capability.BARS: lambda source: source.bars(symbol, Interval.DAY, now - SPAN, now),
        Capability.OPTIONS: lambda source: source.option_expiries(symbol),
        Capability.NEWS: lambda source: source.news([symbol], 1),
        Capability.BOOK: lambda source: source.book(symbol, 1),
    }
    return questions[what]


def _capability(source: Source, part: str) -> Capability:
    """The one that failed; for a source that failed as a whole any will do."""
    if part:
        return Capability(part.split(":")[0])
    return Capability.QUOTES if Capability.QUOTES in source.capabilities else min(source.capabilities)
