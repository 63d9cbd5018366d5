"""Polygon.io, now Massive, through its own client library: snapshots, bars, chains, news, books and its stream."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, date, datetime

from marketdata.chains import OptionChain
from marketdata.domain import Bars, Interval, Quote
from marketdata.headlines import Book, Headline
from marketdata.sources import (
    polygon_bars,
    polygon_chain,
    polygon_news,
    polygon_quotes,
    polygon_stream,
    polygon_tape,
)
from marketdata.sources.base import (
    Capability,
    NoData,
    SourceError,
    UnknownSymbol,
    Unsupported,
)
from marketdata.sources.fields import Row
from marketdata.sources.polygon_client import Ask, Client
from marketdata.sources.polygon_snapshots import PER_REQUEST, Snapshots
from marketdata.sources.polygon_values import DELAY, delay, rows
from marketdata.sources.runs import until_one_ends
from marketdata.sources.spellings import Answers
from marketdata.symbols import Kind, kind

BASE_URL = "https://api.polygon.io"
BARS_PER_PAGE = 50_000
CONTRACTS_PER_PAGE = 1_000
PATIENCE = 15
"""How many times the timeout a chain may take: it comes in many pages."""
SEED_EVERY = 900.0
"""Seconds between snapshots beside the stream."""
FEEDS = {"realtime": 0, "delayed": DELAY}


class Polygon:
    """What Polygon has for the plan of `key`; `timeout` (seconds) bounds each call whole, with all its pages."""

    name = "polygon"
    simulated = False
    capabilities = frozenset(Capability)

    def __init__(
        self,
        key: str,
        base_url: str = BASE_URL,
        stream_host: str | None = None,
        feed: str = "realtime",
        timeout: float = 4.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if feed not in FEEDS:
            raise TypeError(f"POLYGON_FEED is {feed!r}: choose one of {', '.join(FEEDS)}")
        self._key = key.strip()
        self._client = Client(self._key, base_url, timeout)
        self._delayed_by = FEEDS[feed]
        self._snapshots = Snapshots(self._client, self._delayed_by, clock)
        self._stream_host = stream_host or polygon_stream.HOSTS[feed]
        self._timeout = timeout
        self._clock = clock
        self._known: set[str] = set()
        # The calendar takes a second to build: not out of the first call's time.
        polygon_quotes.session("SPY", clock())

    def quotes(self, symbols: Sequence[str]) -> Answers:
        """A quote or an error for each symbol, 250 to a request; raises only when every request failed."""
        return self._snapshots.quotes(symbols)

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        """The bars that traded, before and after hours included, adjusted for splits only."""
        spelling, now = polygon_quotes.spelling(symbol), self._clock()
        bounds = polygon_bars.bounds(interval, start, end, now)
        if bounds is None:
            return Bars.of(symbol, interval, self.name, [])
        count, unit = polygon_bars.unit(interval)
        pages = self._client.pages(
            lambda client: client.list_aggs(
                spelling, count, unit, *bounds, adjusted=True, sort="asc", limit=BARS_PER_PAGE, raw=True
            )
        )
        found: list[Row] = []
        delayed_by: int | None = self._delayed_by
        for page in pages:
            found += polygon_bars.listed(page)
            delayed_by = delay(page.get("status"), delayed_by)
        if not found:
            self._check_known(symbol, spelling)
        return polygon_bars.within(polygon_bars.read(found, symbol, interval, now, delayed_by), start, end)

    async def stream(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[Quote]]:
        """Whole quotes as they change; raises as soon as one of its connections ends: connecting again is up to you."""
        asked, errors = polygon_quotes.spelled(list(dict.fromkeys(symbols)))
        if not asked:
            raise next((one for one in errors.values() if isinstance(one, SourceError)), Unsupported("no symbols"))
        tape, changed = polygon_tape.Tape(asked, self._delayed_by), asyncio.Event()

        def hear(messages: list[object]) -> None:
            tape.hear(messages, self._clock())
            changed.set()

        await self._seed(tape, asked)
        connections = [
            polygon_stream.Connection(self._key, self._stream_host, market, topics, hear)
            for market, topics in polygon_tape.topics(asked).items()
        ]
        runs = [self._reseed(tape, asked), *(connection.run(self._timeout) for connection in connections)]
        async with aclosing(until_one_ends(runs, changed, tape.take)) as batches:
            async for batch in batches:
                yield batch

    def option_expiries(self, symbol: str) -> tuple[date, ...]:
        """The expiries of all contracts that are listed now; raises NoData where none is."""
        # The list names an index without its prefix.
        underlying = polygon_quotes.spelling(symbol).removeprefix("I:")
        pages = self._client.pages(
            lambda client: client.list_options_contracts(
                underlying_ticker=underlying, expired=False, limit=CONTRACTS_PER_PAGE, sort="expiration_date", raw=True
            ),
            self._timeout * PATIENCE,
        )
        return polygon_chain.expiries(row for page in pages for row in rows(page, "results"))

    def option_chain(self, symbol: str, first: date, last: date) -> OptionChain:
        """All contracts that expire from `first` to `last`, 250 a page; raises NoData where there is none."""
        spelling = polygon_quotes.spelling(symbol)
        params = {
            "limit": PER_REQUEST, "expiration_date.gte": first.isoformat(), "expiration_date.lte": last.isoformat(),
        }  # fmt: skip
        pages = self._client.pages(
            lambda client: client.list_snapshot_options_chain(spelling, params=params, raw=True),
            self._timeout * PATIENCE,
        )
        found: list[Row] = []
        delayed_by: int | None = self._delayed_by
        for page in pages:
            found += rows(page, "results")
            delayed_by = delay(page.get("status"), delayed_by)
        if not found:
            raise NoData(f"Polygon has no option of {symbol} from {first} to {last}")
        return polygon_chain.read(found, symbol, self._clock(), delayed_by)

    def news(self, symbols: Sequence[str], limit: int) -> tuple[Headline, ...]:
        """The latest headlines about any of the symbols, newest first; one request a symbol."""
        asked, _ = polygon_quotes.spelled(list(dict.fromkeys(symbols)))
        found: dict[str, Headline] = {}
        for ticker in asked.values():
            page = self._client.ask(_news_of(ticker, min(limit, 1000)))
            found |= {one.id: one for one in polygon_news.headlines(rows(page, "results"), asked)}
        return tuple(sorted(found.values(), key=lambda one: one.published_at, reverse=True)[:limit])

    def book(self, symbol: str, depth: int) -> Book:
        """The order book of a crypto pair, all exchanges together; raises Unsupported for every other kind."""
        spelling = polygon_quotes.spelling(symbol)
        if kind(symbol) is not Kind.CRYPTO:
            raise Unsupported("Polygon has order books of crypto pairs only")
        document = self._client.ask(lambda client: client.get_snapshot_crypto_book(spelling, raw=True))
        return polygon_news.book(document, symbol, depth, self._clock())

    def knows(self, symbol: str) -> bool | None:
        """Polygon alone can tell."""
        return None

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    async def _seed(self, tape: polygon_tape.Tape, asked: Mapping[str, str]) -> None:
        """Tell the tape the previous closes; without them the stream goes on."""
        with suppress(SourceError):
            tape.seed(await asyncio.to_thread(self.quotes, list(asked)))

    async def _reseed(self, tape: polygon_tape.Tape, asked: Mapping[str, str]) -> None:
        while True:
            await asyncio.sleep(SEED_EVERY)
            await self._seed(tape, asked)

    def _check_known(self, symbol: str, spelling: str) -> None:
        """Bars of an unknown symbol are an empty list like those of a quiet one: one more question tells, once."""
        if symbol in self._known:
            return
        try:
            if kind(symbol) is Kind.OPTION:
                self._client.ask(lambda client: client.get_options_contract(spelling, raw=True))
            else:
                self._client.ask(lambda client: client.get_ticker_details(spelling, raw=True))
        except UnknownSymbol:
            raise
        except SourceError:
            return
        self._known.add(symbol)


def _news_of(ticker: str, limit: int) -> Ask:
    return lambda client: client.list_ticker_news(ticker, limit=limit, sort="published_utc", order="desc", raw=True)
