"""Asking the vendors outside the polls, because somebody wants to know: one question at a time for each process."""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from marketdata import counters, wiring
from marketdata.feed import Answer, Feed
from marketdata.sources.base import Capability, NoData, SourceError, UnknownSymbol, Unsupported

T = TypeVar("T")
_turn = Lock()
"""The feed refuses a second question to a source that still answers the first."""


def ask(question: Callable[[Feed], Answer[T]], only: str = "") -> Answer[T]:
    """Put a question to the feed (or to the source named) and note how its sources did."""
    with _turn:
        answer = question(wiring.feed(only))
    for name, seconds in answer.took.items():
        counters.source_ok(name, seconds)
    asked = [failure for failure in answer.failures if failure.asked]
    counters.add(errors=len(asked))
    for failure in asked:
        if not isinstance(failure.error, UnknownSymbol | NoData | Unsupported):
            counters.source_failed(failure.source, failure.error)
    return answer


def probe(source: str, what: Capability, symbol: str, question: Callable[[Any], object]) -> SourceError | None:
    """Ask a source that is left alone whether it is well again; how it went is told to its breaker."""
    with _turn:
        error = wiring.feed().probe(source, what, symbol, question)
    if error is not None:
        counters.source_failed(source, error)
    return error
