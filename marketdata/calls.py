"""One call to one source: paid for, bounded by its deadline, and told to the gate."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from typing import Any, TypeVar

from marketdata.domain import Quote
from marketdata.gate import Gate
from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    BudgetSpent,
    Capability,
    NoData,
    NotEntitled,
    RateLimited,
    Source,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)
from marketdata.sources.spending import paid
from marketdata.symbols import kind

T = TypeVar("T")
Verdict = Callable[[T], SourceError | None]


class Calls:
    """A thread for each source and capability; `deadlines` in seconds."""

    def __init__(
        self, sources: Iterable[Source], deadlines: Mapping[Capability, float], gate: Gate,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._deadlines = deadlines
        self._gate = gate
        self._clock = clock
        self._threads = {
            (source.name, what): ThreadPoolExecutor(1, f"{source.name}-{what}")
            for source in sources for what in source.capabilities
        }  # fmt: skip
        self._running: dict[tuple[str, Capability], Future[Any]] = {}

    def call(
        self, name: str, what: Capability, symbols: Sequence[str], ask: Callable[[], T], verdict: Verdict[T]
    ) -> tuple[T, float]:
        """The answer and the seconds it took; `verdict` says what it tells of its source. Raises SourceError."""
        began = self._clock()
        try:
            value = self._ask(name, what, ask)
        except BudgetSpent:
            raise
        except SourceError as error:
            self._gate.tell(name, what, symbols, error)
            raise
        self._gate.tell(name, what, symbols, judged(name, verdict, value))
        return value, self._clock() - began

    def close(self) -> None:
        """Threads that a vendor still holds end with their call."""
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)

    def _ask(self, name: str, what: Capability, ask: Callable[[], T]) -> T:
        running = self._running.get((name, what))
        if running is not None and not running.done():
            raise VendorTimeout(f"{name} still has not answered the call before")
        spend, deadline = self._gate.spender(name, what), self._deadlines[what]
        spend(1)
        future: Future[T] = self._threads[name, what].submit(paid, ask, spend)
        self._running[name, what] = future
        try:
            return future.result(deadline)
        except OutOfTime:
            raise VendorTimeout(f"{name} did not answer within {deadline:g} s") from None
        except SourceError:
            raise
        except Exception as error:
            # A vendor's library may raise anything; one vendor's surprise must not end the cycle of the others.
            raise BadPayload(f"{name}: {type(error).__name__}") from error


def judged(name: str, judge: Verdict[T], value: T) -> SourceError | None:
    """What a judge says of a value; BadPayload for one that is no such value at all, which it cannot read."""
    try:
        return judge(value)
    except Exception as error:
        return BadPayload(f"{name} answered with what cannot be read ({type(error).__name__})")


def of_batch(symbols: Sequence[str], answer: Mapping[str, Quote | SourceError]) -> SourceError | None:
    """What a batch says of its source: one bad symbol never condemns it, a limit or a wrong key always does."""
    said = [answer.get(symbol) for symbol in symbols]
    for grave in (AuthFailed, RateLimited, Unavailable):
        found = (one for one in said if isinstance(one, grave) and not isinstance(one, BudgetSpent))
        if error := next(found, None):
            return error
    if any(isinstance(one, Quote | UnknownSymbol | NoData | Unsupported | BudgetSpent) for one in said):
        return None
    errors = [one for one in said if isinstance(one, SourceError)]
    of_plan = errors[0] if errors else BadPayload("an empty answer")
    return next((one for one in errors if not isinstance(one, NotEntitled)), of_plan)


def not_entitled(answer: Mapping[str, Quote | SourceError]) -> dict[str, NotEntitled]:
    """The symbols that the plan lacks, where it lacks all of their kind."""
    had = {kind(symbol) for symbol, one in answer.items() if isinstance(one, Quote)}
    return {symbol: one for symbol, one in answer.items() if isinstance(one, NotEntitled) and kind(symbol) not in had}
