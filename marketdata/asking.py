"""Asking the vendors outside the polls, because somebody wants to know: one question at a time for each process."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from marketdata import counters, wiring
from marketdata.feed import Answer, Feed
from marketdata.sources.base import NoData, UnknownSymbol, Unsupported

T = TypeVar("T")
_turn = Lock()
"""The feed refuses a second question to a source that still answers the first."""


def ask(question: Callable[[Feed], Answer[T]], only: str = "") -> Answer[T]:
    """Put a question to the feed (or to the source named) and note how its sources did."""
    with _turn:
        answer = question(wiring.feed(only))
    for name, seconds in answer.took.items():
        counters.source_ok(name, seconds)
    counters.add(errors=len(answer.failures))
    for failure in answer.failures:
        if not isinstance(failure.error, UnknownSymbol | NoData | Unsupported):
            counters.source_failed(failure.source, failure.error)
    return answer
