"""Markets behind the REST doors."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from marketdata import ingest, wiring
from marketdata.calendar import expected_bars
from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.sources.base import Capability, NoData, Source, SourceError, UnknownSymbol
from marketdata.tests.values import bars

QUOTE, HISTORY, WATCHLIST = "/api/v1/market-data/{}", "/api/v1/market-data/{}/historical", "/api/v1/watchlist"


def show(symbol: str = "AAPL", **fields: Any) -> Quote:
    """Store and publish a quote of this moment of the simulated market."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "price": 185.5, "bid": 185.49, "ask": 185.51, "previous_close": 184.25, "volume": 1000.0, "currency": "USD",
        "as_of": now, "received_at": now, "session": Session.ALWAYS, "vendor": "simulated", "simulated": True,
    }  # fmt: skip
    quote = Quote(symbol=symbol, **(values | fields))
    ingest.quotes([quote])
    return quote


class Vendor:
    """A source of the simulated market's calendar that counts what it is asked, and answers as it is told."""

    name = "simulated"
    capabilities = frozenset({Capability.QUOTES, Capability.BARS})
    simulated = True

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.asked: Counter[tuple[str, str]] = Counter()
        self.error: SourceError | None = None
        self.errors: list[SourceError] = []
        self.empty = False
        self.since = datetime(1900, 1, 1, tzinfo=UTC)

    def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote | SourceError]:
        self.asked.update(("quotes", symbol) for symbol in symbols)
        return {symbol: self.error or UnknownSymbol(f"{symbol} is not traded") for symbol in symbols}

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        self.asked["bars", symbol] += 1
        if self.errors:
            raise self.errors.pop(0)
        if self.error:
            raise self.error
        starts = [at for at in expected_bars(interval, start, end, "simulated") if at >= self.since]
        if self.empty or not starts:
            raise NoData(f"{symbol} has not traded")
        found = bars(starts[0], [100.0 + i % 7 for i in range(len(starts))], interval, symbol=symbol, vendor=self.name)
        partial = starts[-1] + interval.length > self.clock()
        return replace(found, simulated=True, last_is_partial=partial)

    def knows(self, symbol: str) -> bool | None:
        return None

    def close(self) -> None:
        """Nothing to let go of."""


@contextmanager
def market_of(settings: Any, name: str, market: str, **entry: Any) -> Iterator[Source]:
    """A market whose one source has this entry in the settings; the sources built for it are let go at the end."""
    settings.MARKET = market
    settings.MARKETDATA_SOURCES = {name: {**settings.MARKETDATA_SOURCES[name], **entry}}
    wiring._built.cache_clear()
    (source,) = wiring.all_sources()
    yield source
    wiring._built.cache_clear()


@contextmanager
def vendor(settings: Any) -> Iterator[Vendor]:
    """A simulated market whose one source is a Vendor."""
    entry = {"BACKEND": "marketdata.tests.doors.Vendor", "OPTIONS": {}}
    with market_of(settings, "simulated", "simulated", **entry) as source:
        assert isinstance(source, Vendor)
        yield source


def minutes_ago(minutes: float) -> datetime:
    """An instant of the recent past."""
    return datetime.now(UTC) - timedelta(minutes=minutes)
