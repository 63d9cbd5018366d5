"""Alpaca through its own client library: snapshots and bars of shares, crypto and options."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from alpaca.data.enums import Adjustment, DataFeed
from alpaca.data.requests import CryptoBarsRequest, OptionBarsRequest, StockBarsRequest
from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

from marketdata.domain import Bars, Interval
from marketdata.sources import alpaca_bars, alpaca_values
from marketdata.sources.alpaca_client import Ask, Call, Client
from marketdata.sources.alpaca_feeds import Feeds
from marketdata.sources.alpaca_snapshots import Snapshots
from marketdata.sources.alpaca_values import DELAYS, VENDOR, Answers
from marketdata.sources.base import Capability, NotEntitled, SourceError, UnknownSymbol
from marketdata.symbols import Kind, kind

DATA_URL = "https://data.alpaca.markets"
TRADING_URL, PAPER_URL = "https://api.alpaca.markets", "https://paper-api.alpaca.markets"
PAPER_KEY = "PK"
"""With what the keys of paper accounts begin: their contracts are listed at another address."""
PATIENCE = 5
"""How many times the timeout bars may take: they come in many pages."""
UNITS = {"m": TimeFrameUnit.Minute, "h": TimeFrameUnit.Hour, "d": TimeFrameUnit.Day}


class Alpaca:
    """What Alpaca has for the plan of `key`; `timeout` (seconds) bounds each call whole, with all its pages."""

    name = VENDOR
    simulated = False
    capabilities = frozenset({Capability.QUOTES, Capability.BARS})

    def __init__(
        self,
        key: str,
        secret: str,
        feed: str = "iex",
        data_url: str = DATA_URL,
        trading_url: str | None = None,
        timeout: float = 4.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        key, secret, feed = key.strip(), secret.strip(), DataFeed(feed).value
        trading_url = trading_url or (PAPER_URL if key.startswith(PAPER_KEY) else TRADING_URL)
        self._client = Client(key, secret, data_url, trading_url, timeout)
        self._timeout, self._clock = timeout, clock
        self._shares = Feeds(feed, "iex", clock)
        self._options = Feeds("opra" if feed == "sip" else "indicative", "indicative", clock)
        self._snapshots = Snapshots(self._client, self._shares, self._options, clock)
        self._known: set[str] = set()
        # The calendar takes a second to build: not out of the first call's time.
        alpaca_values.session("SPY", clock())

    def quotes(self, symbols: Sequence[str]) -> Answers:
        """A quote or an error for each symbol, 200 to a request; raises only when every request failed."""
        return self._snapshots.quotes(symbols)

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        """The bars that traded, before and after hours included, adjusted for splits only."""
        spelling, now = alpaca_values.spelling(symbol), self._clock()
        span = alpaca_bars.span(interval, start, end, now)
        if span is None:
            return Bars.of(symbol, interval, self.name, [])
        call = self._client.call(self._timeout * PATIENCE)
        document, feed = self._asked_bars(call, symbol, spelling, interval, span)
        found = alpaca_bars.listed(document, spelling)
        if not found:
            self._check_known(call, symbol, spelling)
        bars = alpaca_bars.read(found, symbol, interval, now, DELAYS[feed])
        return alpaca_bars.within(bars, start, end)

    def knows(self, symbol: str) -> bool | None:
        """Alpaca alone can tell."""
        return None

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _asked_bars(
        self, call: Call, symbol: str, spelling: str, interval: Interval, span: alpaca_bars.Span
    ) -> tuple[object, str]:
        """Bars from the best feed that the plan has, and which it was."""
        choices = [("us", span)]
        if kind(symbol) is Kind.SHARE:
            choices = alpaca_bars.choices(self._shares.now, interval, span, self._clock())
        for feed, bounds in choices[:-1]:
            try:
                return call.ask(_bars_of(symbol, spelling, interval, feed, bounds)), feed
            except NotEntitled:
                continue
        feed, bounds = choices[-1]
        return call.ask(_bars_of(symbol, spelling, interval, feed, bounds)), feed

    def _check_known(self, call: Call, symbol: str, spelling: str) -> None:
        """Bars of an unknown symbol are as empty as those of a quiet one: one more question tells, once."""
        if symbol in self._known:
            return
        try:
            if kind(symbol) is Kind.OPTION:
                call.ask(lambda library: library.trading.get_option_contract(spelling))
            else:
                call.ask(lambda library: library.trading.get_asset(spelling.replace("/", "%2F")))
        except UnknownSymbol:
            raise
        except SourceError:
            return
        self._known.add(symbol)


def _bars_of(symbol: str, spelling: str, interval: Interval, feed: str, bounds: alpaca_bars.Span) -> Ask:
    length = TimeFrame(int(interval.value[:-1]), UNITS[interval.value[-1]])
    start, end = bounds
    if kind(symbol) is Kind.CRYPTO:
        crypto = CryptoBarsRequest(symbol_or_symbols=[spelling], timeframe=length, start=start, end=end)
        return lambda library: library.crypto.get_crypto_bars(crypto)
    if kind(symbol) is Kind.OPTION:
        options = OptionBarsRequest(symbol_or_symbols=[spelling], timeframe=length, start=start, end=end)
        return lambda library: library.options.get_option_bars(options)
    shares = StockBarsRequest(
        symbol_or_symbols=[spelling], timeframe=length, start=start, end=end, feed=DataFeed(feed),
        adjustment=Adjustment.SPLIT,
    )  # fmt: skip
    return lambda library: library.stocks.get_stock_bars(shares)
