"""Binance's spot market through ccxt (the extra `crypto`): quotes, bars and order books of crypto pairs, without a key.

A price in dollars is Binance's price in USDT, and says so in its currency.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from marketdata.domain import Bars, Interval
from marketdata.headlines import Book
from marketdata.sources import binance_bars, binance_quotes
from marketdata.sources.base import BadPayload, Capability, SourceError, UnknownSymbol
from marketdata.sources.binance_client import Client
from marketdata.sources.spellings import Answers
from marketdata.symbols import Kind

BASE_URL = "https://api.binance.com"
PER_REQUEST = 100
BARS_PER_PAGE = 1000
DEEPEST = 5000
PATIENCE = 5
"""How many times the timeout bars may take: they come in pages."""

Tickers = Mapping[str, object]


class Binance:
    """What Binance shows to everyone; `timeout` (seconds) bounds each call whole (bars: `PATIENCE` times that)."""

    name = "binance"
    simulated = False
    capabilities = frozenset({Capability.QUOTES, Capability.BARS, Capability.BOOK})
    kinds = frozenset({Kind.CRYPTO})

    def __init__(
        self,
        base_url: str = BASE_URL,
        timeout: float = 4.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = Client(base_url, timeout)
        self._clock = clock

    def quotes(self, symbols: Sequence[str]) -> Answers:
        """A quote or an error for each symbol, a hundred to a request; raises only when every request failed."""
        asked, answers = binance_quotes.spelled(symbols)
        if not asked:
            return answers
        ends = self._client.begin()
        markets = self._client.markets(ends)
        answers |= {one: _unknown(one) for one, pair in asked.items() if pair not in markets}
        known = sorted({pair for symbol, pair in asked.items() if symbol not in answers})
        rows: dict[str, object] = {}
        failures: list[SourceError] = []
        parts = [known[i : i + PER_REQUEST] for i in range(0, len(known), PER_REQUEST)]
        for part in parts:
            try:
                rows |= self._tickers(part, ends)
            except SourceError as error:
                failures.append(error)
                rows |= dict.fromkeys(part, error)
        if parts and len(failures) == len(parts):
            raise failures[0]
        for symbol, pair in asked.items():
            if symbol not in answers:
                row = rows.get(pair)
                if not isinstance(row, SourceError):
                    row = binance_quotes.read(row, symbol, pair, self._clock())
                answers[symbol] = row
        return answers

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        """The bars that start in [start, end), round the clock; days are those of Greenwich."""
        pair, now = binance_quotes.spelling(symbol), self._clock()
        since, until = binance_bars.span(interval, start, end, now + timedelta(minutes=1))
        found: list[binance_bars.Candle] = []
        if since < until:
            ends = self._client.begin(PATIENCE)
            self._check_known(symbol, pair, ends)
            while since < until:
                page = binance_bars.candles(self._client.ask(_page(pair, interval, since, until), ends))
                page = [row for row in page if since <= row[0] < until]
                found += page
                if len(page) < BARS_PER_PAGE:
                    break
                since = max(row[0] for row in page) + 1
        return binance_bars.read(found, symbol, interval, now)

    def book(self, symbol: str, depth: int) -> Book:
        """The best `depth` prices on each side."""
        pair = binance_quotes.spelling(symbol)
        ends = self._client.begin()
        self._check_known(symbol, pair, ends)
        limit = min(max(depth, 1), DEEPEST)
        document = self._client.ask(lambda exchange: exchange.fetch_order_book(pair, limit), ends)
        return binance_quotes.book(document, symbol, depth, self._clock())

    def knows(self, symbol: str) -> bool | None:
        """Binance alone can tell."""
        return None

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _tickers(self, pairs: Sequence[str], ends: float) -> Tickers:
        """The ticker of each pair as Binance wrote it; a pair that has gone since the list was made fails alone."""
        try:
            found = self._client.ask(lambda exchange: exchange.fetch_tickers(list(pairs)), ends)
        except UnknownSymbol as error:
            if len(pairs) == 1:
                return {pairs[0]: error}
            return {pair: row for one in pairs for pair, row in self._tickers([one], ends).items()}
        if not isinstance(found, Mapping) or not found:
            raise BadPayload(f"Binance answered with nothing to a question about {len(pairs)} pairs")
        return {pair: row.get("info") for pair, row in found.items()}

    def _check_known(self, symbol: str, pair: str, ends: float) -> None:
        if pair not in self._client.markets(ends):
            raise _unknown(symbol)


def _unknown(symbol: str) -> UnknownSymbol:
    return UnknownSymbol(f"Binance does not know {symbol}")


def _page(pair: str, interval: Interval, since: int, until: int) -> Callable[[Any], object]:
    params = {"until": until - 1}
    return lambda exchange: exchange.fetch_ohlcv(pair, interval.value, since, BARS_PER_PAGE, params)
