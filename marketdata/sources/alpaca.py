"""Alpaca through its own client library: snapshots, bars, chains, news and order books."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from marketdata.chains import OptionChain
from marketdata.domain import Bars, Interval, Quote
from marketdata.headlines import Book, Headline
from marketdata.sources import (
    alpaca_bars,
    alpaca_chain,
    alpaca_news,
    alpaca_requests,
    alpaca_values,
)
from marketdata.sources.alpaca_client import Call, Client
from marketdata.sources.alpaca_feeds import Feeds
from marketdata.sources.alpaca_listening import Listening
from marketdata.sources.alpaca_snapshots import CRYPTO, Snapshots
from marketdata.sources.alpaca_stream import URL
from marketdata.sources.alpaca_values import DELAYS, FEEDS, VENDOR
from marketdata.sources.base import Capability, NoData, NotEntitled, SourceError, UnknownSymbol, Unsupported
from marketdata.sources.spellings import Answers
from marketdata.symbols import Kind, kind

DATA_URL = "https://data.alpaca.markets"
TRADING_URL, PAPER_URL = "https://api.alpaca.markets", "https://paper-api.alpaca.markets"
PAPER_KEY = "PK"
"""With what the keys of paper accounts begin: their contracts are listed at another address."""
BARS_PATIENCE, CHAIN_PATIENCE = 5, 15
"""How many times the timeout bars and chains may take: they come in many pages."""
LAST_EXPIRY = timedelta(days=1500)


class Alpaca:
    """What Alpaca has for the plan of `key`; `timeout` (seconds) bounds each call whole, with all its pages."""

    name = VENDOR
    simulated = False
    capabilities = frozenset(Capability)

    def __init__(
        self,
        key: str,
        secret: str,
        feed: str = "iex",
        data_url: str = DATA_URL,
        trading_url: str | None = None,
        stream_url: str = URL,
        timeout: float = 4.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if feed not in FEEDS:
            raise TypeError(f"ALPACA_FEED is {feed!r}: choose one of {', '.join(FEEDS)}")
        key, secret = key.strip(), secret.strip()
        trading_url = trading_url or (PAPER_URL if key.startswith(PAPER_KEY) else TRADING_URL)
        self._client = Client(key, secret, data_url, trading_url, timeout)
        self._timeout, self._clock = timeout, clock
        self._shares = Feeds(FEEDS[feed], "iex", clock)
        self._options = Feeds("opra" if feed == "sip" else "indicative", "indicative", clock)
        feeds = {Kind.SHARE: self._shares, Kind.OPTION: self._options, Kind.CRYPTO: Feeds(CRYPTO, CRYPTO, clock)}
        self._snapshots = Snapshots(self._client, feeds, clock)
        self._listening = Listening((key, secret), stream_url, feeds, self._snapshots, timeout, clock)
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
        call = self._client.call(self._timeout * BARS_PATIENCE)
        choices = [(CRYPTO, span)]
        if kind(symbol) is Kind.SHARE:
            choices = alpaca_bars.choices(self._shares.now, interval, span, now)
        document, feed = _first_granted(call, symbol, interval, choices)
        found = alpaca_bars.listed(document, spelling)
        if not found:
            self._check_known(call, symbol, spelling)
        bars = alpaca_bars.read(found, symbol, interval, now, DELAYS[feed])
        return alpaca_bars.within(bars, start, end)

    def stream(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[Quote]]:
        """Whole quotes as they change; raises as soon as one of its connections ends: connecting again is up to you."""
        return self._listening.quotes(symbols)

    def option_expiries(self, symbol: str) -> tuple[date, ...]:
        """The expiries of all contracts that are listed now; raises NoData where none is."""
        underlying, today = _underlying(symbol), self._today()
        call = self._client.call(self._timeout * CHAIN_PATIENCE)
        return alpaca_chain.expiries(alpaca_requests.contracts(call, underlying, today, today + LAST_EXPIRY))

    def option_chain(self, symbol: str, first: date, last: date) -> OptionChain:
        """All contracts that expire from `first` to `last`, a thousand a page; raises NoData where there is none."""
        underlying = _underlying(symbol)
        call = self._client.call(self._timeout * CHAIN_PATIENCE)
        document, feed = self._options.entitled(
            lambda feed: (call.ask(alpaca_requests.chain(underlying, first, last, feed)), feed)
        )
        if not document:
            raise NoData(f"Alpaca has no option of {symbol} from {first} to {last}")
        try:
            listed = list(alpaca_requests.contracts(call, underlying, first, last))
        except SourceError:
            # Prices are worth having without open interest, which has another address.
            listed = []
        return alpaca_chain.read(document, listed, symbol, self._clock(), feed)

    def news(self, symbols: Sequence[str], limit: int) -> tuple[Headline, ...]:
        """The latest headlines about any of the symbols, newest first; fifty a page."""
        asked, _ = alpaca_values.spelled(list(dict.fromkeys(symbols)))
        if not asked or limit < 1:
            return ()
        document = self._client.ask(alpaca_requests.news(list(asked.values()), limit))
        found = {one.id: one for one in alpaca_news.headlines(document, asked)}
        return tuple(sorted(found.values(), key=lambda one: one.published_at, reverse=True)[:limit])

    def book(self, symbol: str, depth: int) -> Book:
        """The order book of a crypto pair; raises Unsupported for every other kind."""
        spelling = alpaca_values.spelling(symbol)
        if kind(symbol) is not Kind.CRYPTO:
            raise Unsupported("Alpaca has order books of crypto pairs only")
        return alpaca_news.book(
            self._client.ask(alpaca_requests.book(spelling)), symbol, spelling, depth, self._clock()
        )

    def knows(self, symbol: str) -> bool | None:
        """Alpaca alone can tell."""
        return None

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _today(self) -> date:
        return alpaca_values.day("SPY", self._clock())

    def _check_known(self, call: Call, symbol: str, spelling: str) -> None:
        """Bars of an unknown symbol are as empty as those of a quiet one: one more question tells, once."""
        if symbol in self._known:
            return
        try:
            call.ask(alpaca_requests.name(kind(symbol), spelling))
        except UnknownSymbol:
            raise
        except SourceError:
            return
        self._known.add(symbol)


def _first_granted(
    call: Call, symbol: str, interval: Interval, choices: Sequence[tuple[str, alpaca_bars.Span]]
) -> tuple[object, str]:
    """Bars from the best feed that the plan has, and which it was."""
    spelling = alpaca_values.spelling(symbol)
    for feed, bounds in choices[:-1]:
        try:
            return call.ask(alpaca_requests.bars(kind(symbol), spelling, interval, feed, bounds)), feed
        except NotEntitled:
            continue
    feed, bounds = choices[-1]
    return call.ask(alpaca_requests.bars(kind(symbol), spelling, interval, feed, bounds)), feed


def _underlying(symbol: str) -> str:
    spelling = alpaca_values.spelling(symbol)
    if kind(symbol) is not Kind.SHARE:
        raise Unsupported("Alpaca has options of shares only")
    return spelling
