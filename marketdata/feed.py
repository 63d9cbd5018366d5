"""One feed out of several sources: the next source fills the gaps of the last, symbol by symbol."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from marketdata.actions import Action
from marketdata.calls import Calls, judged, not_entitled, of_batch
from marketdata.chains import OptionChain
from marketdata.domain import Bars, Interval, Quote
from marketdata.fitness import Fitness
from marketdata.gate import Entry, Gate, Rest
from marketdata.headlines import Book, Headline
from marketdata.replies import Answer, Failure, admitted, failed, unknown_everywhere
from marketdata.sources.base import (
    ActionSource,
    BadPayload,
    Capability,
    NoData,
    Source,
    SourceError,
    Unsupported,
)
from marketdata.symbols import kind

__all__ = ["Answer", "Failure", "Feed", "unknown_everywhere"]

T = TypeVar("T")
PATIENT = (Capability.BARS, Capability.OPTIONS, Capability.NEWS)
"""What may take a vendor many pages."""
QUIET = 60.0
"""Seconds for which a symbol whose quotes are old at every source is asked of the first source only."""
Resting = Callable[[str], Collection[str]]
"""The symbols that a source need not be asked for yet, because it gave them a moment ago."""


class Feed:
    """Asks sources in order until every symbol has its answer.

    `deadline` is in seconds, for each source's quotes and books, `patience` for what may take many pages. A source
    that passes it is left behind in a thread of its own and not asked for the like again before that thread is free:
    a stalled vendor costs a few threads, never a cycle, and long histories do not hold up quotes. `gate` says who may
    be asked, `fitness` what is good enough; `order` names sources, first come first asked, by capability; sources
    that it leaves out follow in their own order.
    """

    def __init__(
        self, sources: Iterable[Source], deadline: float, patience: float | None = None,
        clock: Callable[[], float] = time.monotonic, gate: Gate | None = None, fitness: Fitness | None = None,
        order: Mapping[Capability, Sequence[str]] | None = None,
    ) -> None:  # fmt: skip
        self.sources = tuple(sources)
        self._clock = clock
        self._gate = gate or Rest(clock)
        deadlines = {one: patience or deadline if one in PATIENT else deadline for one in Capability}
        self._calls = Calls(self.sources, deadlines, self._gate, clock)
        self._fitness = fitness
        self._order = order or {}
        self._quiet: dict[str, float] = {}

    def quotes(self, symbols: Sequence[str], resting: Resting | None = None) -> Answer[dict[str, Quote]]:
        """A quote for each symbol that any source knows; the rest is told by the failures.

        What is `resting` at a source that could give it is neither asked for nor a failure. An old quote is taken
        only where no source has a newer one.
        """
        found: dict[str, Quote] = {}
        old: dict[str, Quote] = {}
        failures: list[Failure] = []
        took: dict[str, float] = {}
        missing = list(symbols)
        for source, entry in self._line(Capability.QUOTES, symbols):
            asked, refused = admitted(source.name, missing, entry)
            failures += refused
            idle = set(resting(source.name)).intersection(asked) if resting else set()
            missing = [symbol for symbol in missing if symbol not in idle]
            asked = [symbol for symbol in asked if symbol not in idle]
            if not asked:
                continue
            try:
                answer, took[source.name] = self._quotes(source, asked)
            except SourceError as error:
                failures.append(failed(source.name, None, error))
                continue
            for symbol in asked:
                one, error_of = self._judged(source.name, symbol, answer.get(symbol))
                if one and error_of:
                    old[symbol] = max(one, old.get(symbol, one), key=lambda quote: quote.as_of)
                elif one:
                    found[symbol] = one
                if error_of:
                    failures.append(failed(source.name, symbol, error_of))
            missing = [symbol for symbol in missing if symbol not in found]
        self._quiet |= dict.fromkeys(old.keys() - found.keys(), self._clock() + QUIET)
        return Answer(old | found, tuple(failures), took)

    def bars(
        self, symbol: str, interval: Interval, start: datetime, end: datetime, resting: Resting | None = None
    ) -> Answer[Bars | None]:
        """The bars that start in [start, end) from the first source that has any."""
        return self._first(
            Capability.BARS, symbol, lambda source: source.bars(symbol, interval, start, end), resting,
            self._fitness.bars if self._fitness else lambda _: None,
        )  # fmt: skip

    def actions(self, symbol: str, since: date) -> Answer[tuple[Action, ...] | None]:
        """Splits and dividends from the first source that has any; they come the way bars do."""
        return self._first(
            Capability.BARS, symbol, lambda source: source.actions(symbol, since),
            able=lambda source: isinstance(source, ActionSource),
        )  # fmt: skip

    def option_expiries(self, symbol: str) -> Answer[tuple[date, ...] | None]:
        """The expiries of an underlying from the first source that lists any."""
        return self._first(Capability.OPTIONS, symbol, lambda source: source.option_expiries(symbol))

    def option_chain(self, symbol: str, first: date, last: date) -> Answer[OptionChain | None]:
        """The contracts that expire from `first` to `last` from the first source that has any."""
        return self._first(Capability.OPTIONS, symbol, lambda source: source.option_chain(symbol, first, last))

    def news(self, symbols: Sequence[str], limit: int) -> Answer[tuple[Headline, ...] | None]:
        """The latest headlines from the first source that has any."""
        return self._first(Capability.NEWS, symbols[0], lambda source: source.news(symbols, limit))

    def book(self, symbol: str, depth: int) -> Answer[Book | None]:
        """The order book from the first source that has it."""
        return self._first(
            Capability.BOOK, symbol, lambda source: source.book(symbol, depth),
            unfit=self._fitness.book if self._fitness else lambda _: None,
        )  # fmt: skip

    def probe(self, name: str, what: Capability, symbol: str, ask: Callable[[Any], object]) -> SourceError | None:
        """Ask one source one question, whatever its gate says, for the gate to hear how it went."""
        source = next(source for source in self.sources if source.name == name)

        def verdict(value: object) -> SourceError | None:
            return of_batch([symbol], value) if isinstance(value, Mapping) else None

        try:
            self._calls.call(name, what, [symbol], partial(ask, source), verdict)
        except SourceError as error:
            return error
        return None

    def line(self, what: Capability, symbol: str) -> list[str]:
        """The names of the sources that may be asked about a symbol now, in the order of failover."""
        entries = [(source.name, entry) for source, entry in self._line(what, [symbol])]
        return [name for name, entry in entries if admitted(name, [symbol], entry)[0]]

    def knows(self, symbol: str) -> bool:
        """Whether a source can tell, without asking its vendor, that the symbol exists."""
        return any(source.knows(symbol) for source in self.sources)

    def close(self) -> None:
        """Let go of the sources; threads that a vendor still holds end with their call."""
        for source in self.sources:
            source.close()
        self._calls.close()

    def _line(self, what: Capability, symbols: Sequence[str]) -> list[tuple[Any, Entry]]:
        """Who is asked, in which order, as long as there is somebody to ask for."""
        names = list(self._order.get(what, ()))
        offering = [source for source in self.sources if what in source.capabilities] if symbols else []
        offering.sort(key=lambda source: names.index(source.name) if source.name in names else len(names))
        line = [(source, self._entry(source, what, symbols)) for source in offering]
        return sorted(line, key=lambda pair: pair[1].probation)

    def _entry(self, source: Source, what: Capability, symbols: Sequence[str]) -> Entry:
        """As the gate says; a source that names its kinds of symbols is not asked about others."""
        kinds = getattr(source, "kinds", None)
        lacking: dict[str, SourceError] = {
            one: Unsupported(f"{source.name} has no {kind(one)}") for one in symbols if kinds and kind(one) not in kinds
        }
        rest = [one for one in symbols if one not in lacking]
        entry = self._gate.enter(source.name, what, rest) if rest else Entry()
        return replace(entry, refused={**entry.refused, **lacking})

    def _quotes(self, source: Source, symbols: Sequence[str]) -> tuple[Mapping[str, Quote | SourceError], float]:
        def ask() -> Mapping[str, Quote | SourceError]:
            answer = source.quotes(symbols)
            if not isinstance(answer, Mapping):
                raise BadPayload(f"{source.name} answered with no quotes at all ({type(answer).__name__})")
            return answer

        answer, took = self._calls.call(source.name, Capability.QUOTES, symbols, ask, partial(of_batch, symbols))
        for symbol, error in not_entitled(answer).items():
            self._gate.tell(source.name, Capability.QUOTES, [symbol], error)
        return answer, took

    def _first(
        self, what: Capability, symbol: str, ask: Callable[[Any], T], resting: Resting | None = None,
        unfit: Callable[[T], SourceError | None] = lambda _: None, able: Callable[[Any], bool] = lambda _: True,
    ) -> Answer[T | None]:  # fmt: skip
        failures: list[Failure] = []
        empty: T | None = None
        for source, entry in self._line(what, [symbol]):
            asked, refused = admitted(source.name, [symbol], entry)
            failures += refused
            if not asked or not able(source):
                continue
            if resting and symbol in resting(source.name):
                break
            try:
                value, took = self._calls.call(source.name, what, [symbol], partial(ask, source), unfit)
                if error := judged(source.name, unfit, value):
                    raise error
            except SourceError as error:
                failures.append(failed(source.name, symbol, error))
                continue
            if not hasattr(value, "__len__") or len(value):
                return Answer(value, tuple(failures), {source.name: took})
            empty = value
        return Answer(empty, tuple(failures))

    def _judged(self, name: str, symbol: str, one: object) -> tuple[Quote | None, SourceError | None]:
        """A quote, an error, or both: a quote that is old."""
        if not isinstance(one, Quote):
            left_out = BadPayload(f"{name} left {symbol} out of its answer")
            return None, one if isinstance(one, SourceError) else left_out
        if one.symbol != symbol:
            return None, BadPayload(f"{name} gave another symbol's quote for {symbol}")
        error = judged(name, self._fitness.quote, one) if self._fitness else None
        if not isinstance(error, NoData):
            return (None, error) if error else (one, None)
        return one, None if self._clock() < self._quiet.get(symbol, 0.0) else error
