"""Asking the vendors outside the polls, because somebody wants to know: one question at a time for each process."""

from collections import Counter
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, TypeVar

from marketdata import counters, scores, wiring
from marketdata.feed import Answer, Failure, Feed
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
    _score(answer)
    return answer


def probe(source: str, what: Capability, symbol: str, question: Callable[[Any], object]) -> SourceError | None:
    """Ask a source that is left alone whether it is well again; how it went is told to its breaker."""
    with _turn:
        error = wiring.feed().probe(source, what, symbol, question)
    if error is not None:
        counters.source_failed(source, error)
    return error


def _score(answer: Answer[Any]) -> None:
    """A source that answered left some symbols out; one that did not, failed."""
    for name, seconds in answer.took.items():
        scores.answered(name, seconds)
    for name, times in Counter(one.source for one in answer.failures if one.asked and _counts(one, answer)).items():
        if name in answer.took:
            scores.left_out(name, times)
        else:
            scores.failed(name)


def _counts(failure: Failure, answer: Answer[Any]) -> bool:
    """That there is nothing now is a gap only where another source had something."""
    if not isinstance(failure.error, NoData):
        return not isinstance(failure.error, UnknownSymbol | Unsupported)
    other = answer.value.get(failure.symbol) if isinstance(answer.value, Mapping) else answer.value
    return failure.source in answer.took and other is not None and getattr(other, "vendor", "") != failure.source
