"""Bars of Interactive Brokers: page by page, never faster than it allows."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from marketdata.domain import Bars, Interval
from marketdata.sources import ib_bars
from marketdata.sources.base import BudgetSpent, NoData, Unsupported, VendorTimeout
from marketdata.sources.ib_contracts import Instrument
from marketdata.sources.ib_desk import MARGIN, Desk, deadline
from marketdata.sources.ib_pacing import SAME, Pacer
from marketdata.sources.ib_quotes import ALWAYS
from marketdata.symbols import IbName, kind

MOST_PAGES = 30
"""Requests that its limits let through within one call's patience."""


class History:
    """The bars of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._clock = asyncio.get_running_loop().time
        self._pacer = Pacer()
        self._answered: dict[tuple[object, ...], tuple[float, list[Any]]] = {}

    async def bars(
        self, symbol: str, name: IbName, interval: Interval, start: datetime, end: datetime, seconds: float
    ) -> Bars:
        """All pages of a range."""
        rows: list[Any] = []
        async with deadline(seconds):
            ends = self._clock() + seconds - MARGIN
            ib = await self._desk.connection.ib(seconds - MARGIN)
            one = await self._desk.instrument(ib, symbol, name, ends)
            pages = ib_bars.pages(interval, start, end, datetime.now(UTC))
            if len(pages) > MOST_PAGES:
                raise Unsupported(f"Interactive Brokers' limits allow {MOST_PAGES} requests in one call: ask for less")
            for page in pages:
                rows += await self._page(ib, one, page, ends)
        return ib_bars.within(ib_bars.read(rows, symbol, interval, datetime.now(UTC), one.magnifier), start, end)

    async def _page(self, ib: Any, one: Instrument, page: ib_bars.Page, ends: float) -> list[Any]:
        """The rows of one request; an identical one within 15 seconds is answered from memory."""
        shows, key = ib_bars.shows(kind(one.symbol)), (one.contract.conId, page)
        at, rows = self._answered.get(key, (0.0, []))
        if key in self._answered and self._pacer.wait(None, key, self._clock()) and self._clock() < at + SAME:
            return rows
        await self._paced(one.contract.conId, key, ends)
        seconds = ends - self._clock()

        async def ask(contract: Any) -> list[Any]:
            only_regular = kind(one.symbol) not in ALWAYS
            found = await ib.reqHistoricalDataAsync(
                contract, page.end, page.duration, page.size, shows, only_regular, formatDate=2, timeout=seconds
            )
            if not found and self._clock() >= ends:
                raise VendorTimeout("TWS did not answer in time")
            return list(found)

        try:
            rows = await self._desk.connection.ask(one.contract, ask, seconds + MARGIN)
        except NoData:
            rows = []
        self._answered = {old: said for old, said in self._answered.items() if said[0] > self._clock() - SAME}
        self._answered[key] = (self._clock(), rows)
        return rows

    async def _paced(self, contract: int, key: object, ends: float) -> None:
        wait = self._pacer.wait(contract, key, self._clock())
        if self._clock() + wait > ends:
            raise BudgetSpent("Interactive Brokers allows 60 requests of bars in ten minutes", max(wait, 1.0))
        if wait:
            await asyncio.sleep(wait)
        self._pacer.sent(contract, key, self._clock())
