"""The market data lines of the account: what is subscribed, since when, and who still wants it."""

import asyncio
import copy
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from marketdata.domain import Quote
from marketdata.sources import ib_errors, ib_quotes
from marketdata.sources.base import BudgetSpent, SourceError
from marketdata.sources.ib_contracts import Instrument
from marketdata.symbols import kind

TICKS = "233"
"""The time of each trade, in milliseconds."""
IDLE = 120.0
"""Seconds after which a line that nobody asked for is given back."""
REFUSED = 60.0
"""Seconds before a line that was refused is asked for again."""


class Line:
    """One subscription, and what it says now."""

    def __init__(self, instrument: Instrument, ticks: str, complete: Callable[[Any], bool]) -> None:
        self.instrument = instrument
        # The library tells errors by the contract: each line has its own.
        self.contract = copy.copy(instrument.contract)
        self._ticks, self._complete = ticks, complete
        self.ticker: Any = None
        self.refusal: SourceError | None = None
        self.warned = False
        self.wanted_at = self.opened_at = self.refused_at = 0.0
        self.streams = 0

    @property
    def symbol(self) -> str:
        """The canonical symbol."""
        return self.instrument.symbol

    def open(self, ib: Any, now: float) -> None:
        """Subscribe; nothing that was said before counts any more."""
        self.refusal, self.warned, self.opened_at = None, False, now
        self.ticker = ib.reqMktData(self.contract, self._ticks, False, False)
        ib_quotes.wipe(self.ticker)

    def close(self, ib: Any) -> None:
        """Give the line back."""
        if self.ticker is not None and ib.isConnected():
            ib.cancelMktData(self.contract)
        self.ticker = None

    def refuse(self, error: SourceError, now: float) -> None:
        """The vendor said no."""
        self.refusal, self.refused_at = error, now

    def is_complete(self) -> bool:
        """Whether there is an answer, or will be none."""
        return self.refusal is not None or self._complete(self.ticker)

    def quote(self) -> Quote | SourceError:
        """The quote of now."""
        if self.refusal is not None:
            return self.refusal
        one = self.instrument
        return ib_quotes.quote(self.symbol, self.ticker, one.currency, one.magnifier, datetime.now(UTC), self.warned)


class Lines:
    """At most so many lines; those that were wanted longest ago give way."""

    def __init__(self, most: int, changed: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._most, self._changed, self._clock = most, changed, clock
        self._open: dict[str, Line] = {}
        self._lent: set[Line] = set()

    def want(self, ib: Any, instruments: Iterable[Instrument]) -> dict[str, Line | SourceError]:
        """A line for each instrument, or RateLimited where all are in use."""
        now, found = self._clock(), list(instruments)
        names = {one.symbol for one in found}
        self.tidy(ib, names)
        return {one.symbol: self._line(ib, one, now, names) for one in found}

    def tidy(self, ib: Any, wanted: Collection[str] = ()) -> None:
        """Give back the lines that nobody has asked for of late."""
        for line in list(self._open.values()):
            if not line.streams and line.symbol not in wanted and line.wanted_at < self._clock() - IDLE:
                self._end(ib, line)

    def reopen(self, ib: Any) -> None:
        """Subscribe to everything again, after the connection or its data were lost."""
        for line in self._open.values():
            self._begin(ib, line, self._clock())

    def heard(self, contract: Any, code: int, text: str) -> None:
        """A message about a contract: an error ends its line, a warning labels it."""
        for line in (*self._open.values(), *self._lent):
            if line.contract is contract:
                line.warned |= code in ib_errors.DELAYED
                error = ib_errors.named(code, text)
                if error is not None:
                    line.refuse(error, self._clock())
                    self._changed(line.symbol)

    def lend(
        self, ib: Any, instruments: list[Instrument], ticks: str, complete: Callable[[Any], bool]
    ) -> list[Line]:  # fmt: skip
        """Lines for the first of the instruments, as many as are free; raises BudgetSpent where none is."""
        found = [Line(one, ticks, complete) for one in instruments[: self._free()]]
        if not found:
            raise BudgetSpent(f"all {self._most} market data lines are in use", IDLE)
        for line in found:
            self._lent.add(line)
            self._begin(ib, line, self._clock())
        return found

    def take_back(self, ib: Any, lines: Iterable[Line]) -> None:
        """Give back what was lent."""
        for line in lines:
            self._lent.discard(line)
            line.close(ib)

    def _free(self) -> int:
        return self._most - len(self._open) - len(self._lent)

    def _line(self, ib: Any, instrument: Instrument, now: float, wanted: set[str]) -> Line | SourceError:
        line = self._open.get(instrument.symbol)
        if line is None:
            if not self._free() and not self._give_way(ib, wanted):
                return BudgetSpent(f"all {self._most} market data lines are in use", IDLE)
            line = self._open[instrument.symbol] = Line(instrument, TICKS, _completeness(instrument.symbol))
            self._begin(ib, line, now)
        elif line.refusal is not None and now >= line.refused_at + REFUSED:
            line.close(ib)
            self._begin(ib, line, now)
        line.wanted_at = now
        return line

    def _begin(self, ib: Any, line: Line, now: float) -> None:
        line.open(ib, now)
        symbol = line.symbol
        line.ticker.updateEvent.clear()
        line.ticker.updateEvent += lambda _: self._changed(symbol)

    def _give_way(self, ib: Any, wanted: set[str]) -> bool:
        idle = [line for line in self._open.values() if not line.streams and line.symbol not in wanted]
        if not idle:
            return False
        self._end(ib, min(idle, key=lambda line: line.wanted_at))
        return True

    def _end(self, ib: Any, line: Line) -> None:
        del self._open[line.symbol]
        line.close(ib)


def _completeness(symbol: str) -> Callable[[Any], bool]:
    what = kind(symbol)
    return lambda ticker: ib_quotes.complete(ticker, what)


class Changes:
    """Which symbols changed since each of those who watch has looked."""

    def __init__(self) -> None:
        self._watching: dict[asyncio.Event, set[str]] = {}

    def tell(self, symbol: str) -> None:
        """Wake everybody who watches."""
        for event, fresh in self._watching.items():
            fresh.add(symbol)
            event.set()

    @contextmanager
    def watched(self) -> Iterator[tuple[asyncio.Event, set[str]]]:
        """An event that every change sets, and the symbols that changed."""
        event, fresh = asyncio.Event(), set[str]()
        self._watching[event] = fresh
        try:
            yield event, fresh
        finally:
            del self._watching[event]
