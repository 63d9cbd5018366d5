"""What happens in the loop of Interactive Brokers' thread: contracts, lines and requests over one connection."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from marketdata.domain import Quote
from marketdata.headlines import Book
from marketdata.sources import ib_chain, ib_contracts, ib_errors
from marketdata.sources.base import SourceError, UnknownSymbol
from marketdata.sources.ib_connection import Connection
from marketdata.sources.ib_contracts import Instrument
from marketdata.sources.ib_library import library
from marketdata.sources.ib_lines import Changes, Line, Lines
from marketdata.sources.ib_quotes import Answers
from marketdata.symbols import IbName

SETTLING = 2.0
"""Seconds that the first answer of a new line may take to become whole."""
BOOK_SETTLING = 1.0
"""Seconds without a new level after which a book is as deep as it gets."""
MARGIN = 0.3
"""Seconds that are kept of a deadline for the way back."""
KNOWN_FOR = 43_200.0
"""Seconds for which a contract's details are believed."""
UNKNOWN_FOR = 600.0
"""Seconds for which a symbol is believed not to exist."""


class Desk:
    """Made and used in one loop only; `lines`: market data lines that may be open at a time."""

    def __init__(self, host: str, port: int, client_id: int, lines: int, heartbeat: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self.changes = Changes()
        self.lines = Lines(lines, self.changes.tell, self._clock)
        self.connection = Connection(host, port, client_id, self.lines.reopen, self.lines.heard, self._end_streams)
        self._known: dict[str, tuple[float, Instrument | SourceError]] = {}
        self.ends: set[Callable[[SourceError], None]] = set()
        self._keeping = asyncio.create_task(self._keep(heartbeat))

    async def quotes(self, names: Mapping[str, IbName], seconds: float) -> Answers:
        """The quote of each line; a new line is waited for until it has said what a quote consists of."""
        async with deadline(seconds):
            ends = self._clock() + seconds - MARGIN
            ib = await self.connection.ib(seconds - MARGIN)
            lines = await self.opened(ib, names, ends)
            await self.settled([one for one in lines.values() if isinstance(one, Line)], ends)
        if not ib.isConnected():
            raise ib_errors.raised(ConnectionError())
        if self.connection.lost is not None:
            raise self.connection.lost
        return {symbol: self.read(one) if isinstance(one, Line) else one for symbol, one in lines.items()}

    async def book(self, symbol: str, name: IbName, depth: int, seconds: float) -> Book:
        """The order book of now; its subscription, of which an account has about three, is given back at once."""
        async with deadline(seconds):
            ends = self._clock() + seconds - MARGIN
            ib = await self.connection.ib(seconds - MARGIN)
            one = await self.instrument(ib, symbol, name, ends)
            smart = name.exchange == "SMART"

            async def ask(contract: Any) -> Book:
                ticker = ib.reqMktDepth(contract, depth, isSmartDepth=smart)
                told = asyncio.Event()
                ticker.updateEvent += lambda _: told.set()
                try:
                    with suppress(TimeoutError):
                        while min(len(ticker.domBids), len(ticker.domAsks)) < depth:
                            told.clear()
                            async with asyncio.timeout(min(BOOK_SETTLING, ends - self._clock())):
                                await told.wait()
                    # Read before it is given back, which empties it.
                    now = datetime.now(UTC)
                    return ib_chain.book(symbol, ticker.domBids, ticker.domAsks, ticker.time, depth, now)
                finally:
                    if ib.isConnected():
                        ib.cancelMktDepth(contract, smart)

            return await self.connection.ask(one.contract, ask, ends - self._clock())

    async def opened(self, ib: Any, names: Mapping[str, IbName], ends: float) -> dict[str, Line | SourceError]:
        """A line, or the reason why there is none, for each name."""
        asked = [self._instrument(ib, symbol, name, ends) for symbol, name in names.items()]
        found = dict(zip(names, await asyncio.gather(*asked), strict=True))
        if not ib.isConnected():
            raise ib_errors.raised(ConnectionError())
        lines = self.lines.want(ib, [one for one in found.values() if isinstance(one, Instrument)])
        return {symbol: lines[symbol] if isinstance(one, Instrument) else one for symbol, one in found.items()}

    async def instrument(self, ib: Any, symbol: str, name: IbName, ends: float) -> Instrument:
        """The contract of a name; raises UnknownSymbol or another SourceError."""
        found = await self._instrument(ib, symbol, name, ends)
        if isinstance(found, SourceError):
            raise found
        return found

    def read(self, line: Line) -> Quote | SourceError:
        """What a line says, with what is known of the way to it."""
        found = line.quote()
        if self.connection.farm_is_down and isinstance(found, Quote):
            return replace(found, flags=found.flags | {"farm_down"})
        return found

    async def _keep(self, seconds: float) -> None:
        """Give back lines that nobody wants, and hang up on a TWS that answers no more: its socket may look alive."""
        while True:
            await asyncio.sleep(seconds)
            if (ib := self.connection.open_now()) is not None:
                self.lines.tidy(ib)
                await self.connection.check(seconds)

    def _end_streams(self, error: SourceError) -> None:
        for end in list(self.ends):
            end(error)

    async def _instrument(self, ib: Any, symbol: str, name: IbName, ends: float) -> Instrument | SourceError:
        until, found = self._known.get(symbol, (0.0, None))
        if found is not None and self._clock() < until:
            return found
        contract = library().Contract(**ib_contracts.fields(name))
        try:
            details = await self.connection.ask(contract, ib.reqContractDetailsAsync, ends - self._clock())
            found = ib_contracts.chosen(symbol, name, details)
        except UnknownSymbol as error:
            found = error
        except SourceError as error:
            return error
        lasts = KNOWN_FOR if isinstance(found, Instrument) else UNKNOWN_FOR
        self._known[symbol] = (self._clock() + lasts, found)
        return found

    async def settled(self, lines: list[Line], ends: float, settling: float = SETTLING) -> None:
        """Wait until each line has its answer, but no longer than so many seconds for the youngest of them."""
        with self.changes.watched() as (changed, _):
            while waiting := [one for one in lines if not one.is_complete()]:
                left = min(ends, max(one.opened_at for one in waiting) + settling) - self._clock()
                if left <= 0:
                    return
                changed.clear()
                try:
                    async with asyncio.timeout(left):
                        await changed.wait()
                except TimeoutError:
                    return


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """Every way out of what happens inside has a name of our tree, and it takes no longer than so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except SourceError:
        raise
    except Exception as error:
        raise ib_errors.raised(error) from None
