"""One feed out of several sources: the next source fills the gaps of the last, symbol by symbol."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar

from marketdata.domain import Bars, Interval, Quote
from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    Capability,
    RateLimited,
    Source,
    SourceError,
    UnknownSymbol,
    VendorTimeout,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """One source's failure, for one symbol or (None) for the whole call."""

    source: str
    symbol: str | None
    error: SourceError


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What the feed found, every failure on the way to it, and how long each source took that answered (seconds)."""

    value: T
    failures: tuple[Failure, ...] = ()
    took: Mapping[str, float] = field(default_factory=dict)


class Feed:
    """Asks sources in order until every symbol has its answer.

    `deadline` is in seconds, for each source's quotes, `patience` for its bars, which may take many pages. A source
    that passes it is left behind in a thread of its own and not asked for the like again before that thread is free:
    a stalled vendor costs two threads, never a cycle, and long histories do not hold up quotes.
    """

    def __init__(
        self, sources: Iterable[Source], deadline: float, patience: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sources = tuple(sources)
        self._deadlines = {Capability.QUOTES: deadline, Capability.BARS: patience or deadline}
        self._clock = clock
        self._threads = {
            (source.name, what): ThreadPoolExecutor(1, f"{source.name}-{what}")
            for source in self.sources for what in self._deadlines
        }
        self._running: dict[tuple[str, Capability], Future[object]] = {}
        self._resting: dict[str, tuple[float, SourceError]] = {}

    def quotes(self, symbols: Sequence[str]) -> Answer[dict[str, Quote]]:
        """A quote for each symbol that any source knows; the rest is told by the failures."""
        found: dict[str, Quote] = {}
        failures: list[Failure] = []
        took: dict[str, float] = {}
        for source in self._offering(Capability.QUOTES):
            missing = [symbol for symbol in symbols if symbol not in found]
            if not missing:
                break
            try:
                answer, took[source.name] = self._call(source, Capability.QUOTES, partial(source.quotes, missing))
            except SourceError as error:
                failures.append(Failure(source.name, None, error))
                continue
            for symbol in missing:
                one = answer.get(symbol) or BadPayload(f"{source.name} left {symbol} out of its answer")
                if isinstance(one, Quote):
                    found[symbol] = one
                else:
                    failures.append(Failure(source.name, symbol, one))
        return Answer(found, tuple(failures), took)

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Answer[Bars | None]:
        """The bars that start in [start, end) from the first source that has any."""
        failures: list[Failure] = []
        empty: Bars | None = None
        for source in self._offering(Capability.BARS):
            try:
                bars, took = self._call(source, Capability.BARS, partial(source.bars, symbol, interval, start, end))
            except SourceError as error:
                failures.append(Failure(source.name, symbol, error))
                continue
            if len(bars):
                return Answer(bars, tuple(failures), {source.name: took})
            empty = bars
        return Answer(empty, tuple(failures))

    def knows(self, symbol: str) -> bool:
        """Whether a source can tell, without asking its vendor, that the symbol exists."""
        return any(source.knows(symbol) for source in self.sources)

    def close(self) -> None:
        """Let go of the sources; threads that a vendor still holds end with their call."""
        for source in self.sources:
            source.close()
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)

    def _offering(self, capability: Capability) -> list[Source]:
        return [source for source in self.sources if capability in source.capabilities]

    def _call(self, source: Source, what: Capability, ask: Callable[[], T]) -> tuple[T, float]:
        self._check_free(source.name, what)
        began, deadline = self._clock(), self._deadlines[what]
        future = self._threads[source.name, what].submit(ask)
        self._running[source.name, what] = future  # type: ignore[assignment]
        try:
            return future.result(deadline), self._clock() - began
        except OutOfTime:
            raise VendorTimeout(f"{source.name} did not answer within {deadline:g} s") from None
        except (AuthFailed, RateLimited) as error:
            pause = error.retry_after if isinstance(error, RateLimited) else float("inf")
            self._resting[source.name] = (self._clock() + pause, error)
            raise
        except SourceError:
            raise
        except Exception as error:
            # A vendor's library may raise anything; one vendor's surprise must not end the cycle of the others.
            raise BadPayload(f"{source.name}: {type(error).__name__}") from error

    def _check_free(self, name: str, what: Capability) -> None:
        running = self._running.get((name, what))
        if running is not None and not running.done():
            raise VendorTimeout(f"{name} still has not answered the call before")
        until, error = self._resting.get(name, (0.0, SourceError()))
        if self._clock() < until:
            raise error


def unknown_everywhere(symbol: str, failures: Iterable[Failure]) -> bool:
    """Whether at least one source was asked for the symbol and all that were said that it does not exist."""
    said = [failure.error for failure in failures if failure.symbol in (symbol, None)]
    return bool(said) and all(isinstance(error, UnknownSymbol) for error in said)
