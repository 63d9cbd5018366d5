"""A chain out of single contracts: which are listed, then so many lines at a time, each given back at once."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from marketdata.chains import OptionChain, OptionContract, OptionQuote
from marketdata.sources import ib_chain
from marketdata.sources.base import NoData, UnknownSymbol
from marketdata.sources.ib_chain import Listing
from marketdata.sources.ib_contracts import Instrument
from marketdata.sources.ib_desk import MARGIN, Desk, deadline
from marketdata.sources.ib_library import library
from marketdata.sources.ib_lines import Line
from marketdata.sources.ib_values import VENDOR
from marketdata.symbols import IbName

TICKS = "100,101,106"
"""Volume, open interest, volatility."""
STRIKES = 20
"""Of each expiry, around the price of the underlying."""
LINES = 40
SETTLING = 3.0
"""Seconds that the Greeks of a batch may take."""
LISTED_FOR = 3600.0


class Options:
    """The chains of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._clock = asyncio.get_running_loop().time
        self._listed: dict[object, tuple[float, list[Any]]] = {}

    async def expiries(self, symbol: str, name: IbName, seconds: float) -> tuple[date, ...]:
        """The expiries that are listed, rising."""
        async with deadline(seconds):
            ends = self._clock() + seconds - MARGIN
            ib = await self._desk.connection.ib(seconds - MARGIN)
            found = await self._listings(ib, await self._desk.instrument(ib, symbol, name, ends), ends)
        return tuple(dict.fromkeys(one.expiry for one in found))

    async def chain(self, symbol: str, name: IbName, first: date, last: date, seconds: float) -> OptionChain:
        """The contracts near the price of the underlying; those for which there is no time are named."""
        async with deadline(seconds):
            ends = self._clock() + seconds - MARGIN
            ib = await self._desk.connection.ib(seconds - MARGIN)
            under = await self._desk.instrument(ib, symbol, name, ends)
            spot = ib_chain.spot((await self._desk.quotes({symbol: name}, ends - self._clock())).get(symbol))
            left_out: list[str] = []
            wanted: list[tuple[OptionContract, Instrument]] = []
            for listing in await self._listings(ib, under, ends):
                if first <= listing.expiry <= last:
                    wanted += self._near(await self._contracts(ib, under, listing, ends), symbol, spot, left_out)
            if not wanted:
                raise NoData(f"Interactive Brokers has no option of {symbol} from {first} to {last}")
            quotes = [one async for one in self._quotes(ib, wanted, ends)]
        told = tuple(one for one in quotes if isinstance(one, OptionQuote))
        left_out += [one for one in quotes if isinstance(one, str)]
        return OptionChain(
            underlying=symbol, vendor=VENDOR, received_at=datetime.now(UTC), quotes=told, left_out=tuple(left_out)
        )

    def _near(
        self, details: Sequence[Any], underlying: str, spot: float, left_out: list[str]
    ) -> Iterator[tuple[OptionContract, Instrument]]:  # fmt: skip
        found = [(ib_chain.named(one, underlying), one) for one in details]
        left_out += [one for one, _ in found if isinstance(one, str)]
        known = [(one, detail) for one, detail in found if isinstance(one, OptionContract)]
        near = ib_chain.window([one for one, _ in known], spot, STRIKES)
        if len(near) < len(known):
            left_out.append(f"{len(known) - len(near)} contracts of {known[0][0].expiry} far from the price")
        return ((one, Instrument(one.symbol, detail.contract)) for one, detail in known if one.symbol in near)

    async def _quotes(self, ib: Any, wanted: list[tuple[OptionContract, Instrument]], ends: float) -> Any:
        while wanted:
            if self._clock() + SETTLING / 2 > ends:
                for one, _ in wanted:
                    yield f"{one.symbol}: no time left"
                return
            lines = self._desk.lines.lend(ib, [one for _, one in wanted[:LINES]], TICKS, ib_chain.complete)
            batch, wanted = wanted[: len(lines)], wanted[len(lines) :]
            try:
                await self._desk.settled(lines, ends, SETTLING)
                for (one, _), line in zip(batch, lines, strict=True):
                    yield _read(one, line)
            finally:
                self._desk.lines.take_back(ib, lines)

    async def _listings(self, ib: Any, under: Instrument, ends: float) -> list[Listing]:
        async def ask(contract: Any) -> list[Any]:
            told = ib.reqSecDefOptParamsAsync(contract.symbol, "", contract.secType, contract.conId)
            return list(await told)

        return ib_chain.listings(await self._remembered(under.contract.conId, under.contract, ask, ends))

    async def _contracts(self, ib: Any, under: Instrument, listing: Listing, ends: float) -> list[Any]:
        contract = library().Contract(
            secType="OPT", symbol=under.contract.symbol, exchange="SMART", currency=under.contract.currency,
            lastTradeDateOrContractMonth=listing.last_day, tradingClass=listing.trading_class,
        )  # fmt: skip
        try:
            return await self._remembered((under.contract.conId, listing), contract, ib.reqContractDetailsAsync, ends)
        except UnknownSymbol:
            return []

    async def _remembered(self, key: object, contract: Any, ask: Any, ends: float) -> list[Any]:
        at, found = self._listed.get(key, (0.0, []))
        if key in self._listed and self._clock() < at + LISTED_FOR:
            return found
        found = await self._desk.connection.ask(contract, ask, ends - self._clock())
        self._listed = {old: told for old, told in self._listed.items() if told[0] > self._clock() - LISTED_FOR}
        self._listed[key] = (self._clock(), found)
        return found


def _read(one: OptionContract, line: Line) -> OptionQuote | str:
    if line.refusal is not None:
        return f"{one.symbol}: {line.refusal}"
    return ib_chain.quote(one, line.ticker, datetime.now(UTC), line.warned)
