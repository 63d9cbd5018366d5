"""Polygon.io, now Massive, through its own client library: snapshots, bars, chains, news, books and its stream."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from massive import RESTClient

from marketdata.domain import Bars, Interval
from marketdata.sources import polygon_bars, polygon_errors, polygon_quotes
from marketdata.sources.base import (
    AuthFailed,
    Capability,
    NoData,
    NotEntitled,
    RateLimited,
    SourceError,
    UnknownSymbol,
)
from marketdata.sources.polygon_line import Line
from marketdata.sources.polygon_quotes import Answers
from marketdata.sources.polygon_values import DELAY, Row, decode, delay, following, rows
from marketdata.symbols import Kind, kind

BASE_URL = "https://api.polygon.io"
PER_REQUEST = 250
BARS_PER_PAGE = 50_000
FEEDS = {"realtime": 0, "delayed": DELAY}

Ask = Callable[[RESTClient], Any]


class Polygon:
    """Everything Polygon has for the plan of `key`; `timeout` (seconds) bounds each call whole, with all its pages."""

    name = "polygon"
    simulated = False
    capabilities = frozenset({Capability.QUOTES, Capability.BARS})

    def __init__(
        self,
        key: str,
        base_url: str = BASE_URL,
        feed: str = "realtime",
        timeout: float = 4.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._key = key.strip()
        self._client = RESTClient(
            api_key=self._key, base=base_url.rstrip("/"), connect_timeout=timeout, read_timeout=timeout, retries=0,
            connection_pool_kw={"retries": False},
        )  # fmt: skip
        self._delayed_by = FEEDS[feed]
        self._timeout = timeout
        self._clock = clock
        self._known: set[str] = set()
        # The calendar takes a second to build: not out of the first call's time.
        polygon_quotes.session("SPY", clock())

    def quotes(self, symbols: Sequence[str]) -> Answers:
        """A quote or an error for each symbol, 250 to a request; raises only when every request failed."""
        asked, answers = polygon_quotes.spelled(list(dict.fromkeys(symbols)))
        failures: list[SourceError] = []
        parts = list(_parts(asked))
        for is_shares, part in parts:
            stop = next((one for one in failures if isinstance(one, RateLimited | AuthFailed)), None)
            try:
                if stop:
                    raise stop
                answers |= self._shares(part) if is_shares else self._mixed(part)
            except SourceError as error:
                failures.append(error)
                answers |= dict.fromkeys(part, error)
        # A plan without indices or currencies may still have every share.
        lacking = any(isinstance(error, NotEntitled) for error in failures) and not any(parts[0][:1])
        if parts and len(failures) == len(parts) and not lacking:
            raise failures[0]
        return answers

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        """The bars that traded, before and after hours included, adjusted for splits only."""
        spelling, now = _spelling(symbol), self._clock()
        bounds = polygon_bars.bounds(interval, start, end, now)
        if bounds is None:
            return Bars.of(symbol, interval, self.name, [])
        count, unit = polygon_bars.unit(interval)
        pages = self._pages(
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

    def knows(self, symbol: str) -> bool | None:
        """Polygon alone can tell."""
        return None

    def close(self) -> None:
        """End the connections."""
        self._client.client.clear()
        self._client.vx.client.clear()

    def _shares(self, asked: Mapping[str, str]) -> Answers:
        document = self._ask(lambda client: client.get_snapshot_all("stocks", list(asked.values()), raw=True))
        if document.get("tickers") == [] and self._is_closed():
            nothing = NoData("the market is closed and Polygon's snapshot is empty")
            return dict.fromkeys(asked, nothing)
        return polygon_quotes.shares(document, asked, self._clock(), self._delayed_by)

    def _mixed(self, asked: Mapping[str, str]) -> Answers:
        tickers = list(asked.values())
        pages = self._pages(
            lambda client: client.list_universal_snapshots(ticker_any_of=tickers, limit=PER_REQUEST, raw=True)
        )
        found = [row for page in pages for row in rows(page, "results")]
        return polygon_quotes.mixed(found, asked, self._clock(), self._delayed_by)

    def _is_closed(self) -> bool:
        """Whether an empty snapshot is what it should be now: Polygon empties it from midnight to 4 in New York."""
        return self._ask(lambda client: client.get_market_status(raw=True)).get("market") == "closed"

    def _check_known(self, symbol: str, spelling: str) -> None:
        """Bars of an unknown symbol are an empty list like those of a quiet one: one more question tells, once."""
        if symbol in self._known:
            return
        try:
            if kind(symbol) is Kind.OPTION:
                self._ask(lambda client: client.get_options_contract(spelling, raw=True))
            else:
                self._ask(lambda client: client.get_ticker_details(spelling, raw=True))
        except UnknownSymbol:
            raise
        except SourceError:
            return
        self._known.add(symbol)

    def _ask(self, ask: Ask) -> dict[str, Any]:
        return next(self._pages(ask))

    def _pages(self, ask: Ask, seconds: float | None = None) -> Iterator[dict[str, Any]]:
        """Each page of an answer, raw: the library's own reading takes any failure for an empty list."""
        if not self._key.isascii() or not self._key.isprintable() or not self._key:
            raise AuthFailed("the key of Polygon holds characters that no key has")
        line = Line(self._client.client, seconds or self._timeout)
        client = copy.copy(self._client)
        client.client = line
        while True:
            try:
                document = polygon_errors.check(decode(ask(client).data))
            except Exception as error:
                raise polygon_errors.named(error, line.last) from None
            yield document
            if (path := following(document)) is None:
                return
            ask = _page(path)


def _page(path: str) -> Ask:
    return lambda client: client._get(path, raw=True)


def _parts(asked: Mapping[str, str]) -> Iterator[tuple[bool, dict[str, str]]]:
    """The requests that a question takes: shares first, then the other kinds, at most 250 symbols in each."""
    for is_shares in (True, False):
        some = [pair for pair in asked.items() if (kind(pair[0]) is Kind.SHARE) == is_shares]
        for first in range(0, len(some), PER_REQUEST):
            yield is_shares, dict(some[first : first + PER_REQUEST])


def _spelling(symbol: str) -> str:
    asked, errors = polygon_quotes.spelled([symbol])
    for error in errors.values():
        if isinstance(error, SourceError):
            raise error
    return asked[symbol]
