"""Interactive Brokers through TWS or IB Gateway and ib_async: quotes of streaming lines, bars, chains and books."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any, TypeVar

from marketdata.chains import OptionChain
from marketdata.domain import Bars, Interval, Quote
from marketdata.headlines import Book
from marketdata.sources import ib_bars, ib_quotes, spending
from marketdata.sources.base import Capability, SourceError, Unavailable, Unsupported
from marketdata.sources.ib_desk import Desk
from marketdata.sources.ib_following import Following
from marketdata.sources.ib_history import MOST_PAGES, History
from marketdata.sources.ib_library import library
from marketdata.sources.ib_options import Options
from marketdata.sources.ib_quotes import Answers
from marketdata.sources.ib_thread import LoopThread
from marketdata.sources.ib_values import VENDOR
from marketdata.symbols import IbName

T = TypeVar("T")
PAPER_GATEWAY = 4002
FURNISHED = 30.0
"""Seconds that the library may take to be imported, on a machine that does much else."""


class InteractiveBrokers:
    """One connection per process; `timeout` and `patience` (seconds) bound each call for quotes and for bars.

    TWS knows each connection by its number: processes beside each other take the ids from `client_id` on.
    `lines`: how many market data lines the account has for this process; `heartbeat`: seconds between looks at whether
    TWS still answers.
    """

    name = VENDOR
    simulated = False
    capabilities = frozenset(Capability) - {Capability.NEWS}

    def __init__(
        self, host: str, port: int = PAPER_GATEWAY, client_id: int = 1, lines: int = 100, timeout: float = 4.0,
        patience: float = 15.0, heartbeat: float = 30.0,
    ) -> None:  # fmt: skip
        self._options = (host, port, client_id, lines, heartbeat)
        self._timeout, self._patience = timeout, patience
        self._lock, self._closed = Lock(), False
        # The calendar takes a second to build: not out of the first call's time.
        ib_quotes.session("SPY", datetime.now(UTC))
        self._office: _Office | None = None

    def quotes(self, symbols: Sequence[str]) -> Answers:
        """A quote or an error for each symbol; raises only when TWS cannot be asked at all."""
        known, answers = ib_quotes.spelled(list(dict.fromkeys(symbols)))
        if known:
            answers |= self._call(lambda office: office.desk.quotes(known, self._timeout), self._timeout)
        return answers

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        """The bars of the regular session, adjusted for splits only; currencies' are of the middle price."""
        name = self._name(symbol)
        if start >= end:
            return Bars.of(symbol, interval, self.name, [])
        pages = len(ib_bars.pages(interval, start, end, datetime.now(UTC)))
        if pages <= MOST_PAGES:
            # All at once, and here: what pays for a call is known in its own thread only.
            spending.request(pages)
        patience = self._patience
        return self._call(lambda office: office.history.bars(symbol, name, interval, start, end, patience), patience)

    async def stream(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[Quote]]:
        """Whole quotes as they change; raises as soon as the data end: opening it again is up to you."""
        known, errors = ib_quotes.spelled(list(dict.fromkeys(symbols)))
        if not known:
            raise next((one for one in errors.values() if isinstance(one, SourceError)), Unsupported("no symbols"))
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        fresh: dict[str, Quote] = {}

        def take(batch: list[Quote]) -> None:
            fresh.update({quote.symbol: quote for quote in batch})
            changed.set()

        office = await asyncio.to_thread(self._open_office)
        following = office.thread.submit(
            office.following.follow(known, self._timeout, lambda batch: _tell(loop, take, batch))
        )
        following.add_done_callback(lambda _: _tell(loop, changed.set))
        try:
            while not following.done():
                await changed.wait()
                changed.clear()
                if batch := list(fresh.values()):
                    fresh.clear()
                    yield batch
        finally:
            following.cancel()
        if following.cancelled():
            raise Unavailable("the connection to TWS was closed by us")
        following.result()

    def option_expiries(self, symbol: str) -> tuple[date, ...]:
        """The expiries that are listed now; raises NoData where none is."""
        name, patience = self._name(symbol), self._patience
        return self._call(lambda office: office.options.expiries(symbol, name, patience), patience)

    def option_chain(self, symbol: str, first: date, last: date) -> OptionChain:
        """The contracts of twenty strikes around the price, 40 lines at a time; the rest is named in `left_out`."""
        name, patience = self._name(symbol), self._patience
        return self._call(lambda office: office.options.chain(symbol, name, first, last, patience), patience)

    def book(self, symbol: str, depth: int) -> Book:
        """The best `depth` prices on each side, of all exchanges that the account sees."""
        name, timeout = self._name(symbol), self._timeout
        return self._call(lambda office: office.desk.book(symbol, name, depth, timeout), timeout)

    def knows(self, symbol: str) -> bool | None:
        """Interactive Brokers alone can tell."""
        return None

    def close(self) -> None:
        """Hang up and end the thread; a later call is refused."""
        with self._lock:
            self._closed = True
            if self._office is not None and self._office.process == os.getpid():
                self._office.thread.stop(self._office.desk.connection.close)

    def _name(self, symbol: str) -> IbName:
        known, errors = ib_quotes.spelled([symbol])
        for error in errors.values():
            if isinstance(error, SourceError):
                raise error
        return known[symbol]

    def _call(self, ask: Callable[["_Office"], Coroutine[Any, Any, T]], seconds: float) -> T:
        office = self._open_office()
        return office.thread.call(ask(office), seconds)

    def _open_office(self) -> "_Office":
        with self._lock:
            if self._closed:
                raise Unavailable("the connection to TWS was closed by us")
            # Threads and connections do not survive a fork.
            if self._office is None or self._office.process != os.getpid():
                self._office = _open(*self._options)
            return self._office


@dataclass(frozen=True, slots=True)
class _Office:
    """The thread of this process, and what is in it."""

    process: int
    thread: LoopThread
    desk: Desk
    history: History
    options: Options
    following: Following


def _open(host: str, port: int, client_id: int, lines: int, heartbeat: float) -> _Office:
    thread = LoopThread("interactive-brokers")

    async def furnished() -> _Office:
        # The library takes a second to import: not out of the first call's time either.
        library()
        desk = Desk(host, port, client_id, lines, heartbeat)
        return _Office(os.getpid(), thread, desk, History(desk), Options(desk), Following(desk))

    office = thread.call(furnished(), FURNISHED)
    thread.broken = office.desk.connection.broken
    return office


def _tell(loop: asyncio.AbstractEventLoop, tell: Callable[..., None], *what: object) -> None:
    """Call something in another thread's loop, if that still runs."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(tell, *what)
