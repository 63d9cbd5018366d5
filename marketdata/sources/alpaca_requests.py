"""Questions in the words of Alpaca's library."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from alpaca.common.enums import Sort
from alpaca.data.enums import Adjustment, DataFeed, OptionsFeed
from alpaca.data.requests import (
    CryptoBarsRequest,
    CryptoLatestOrderbookRequest,
    CryptoSnapshotRequest,
    NewsRequest,
    OptionBarsRequest,
    OptionChainRequest,
    OptionSnapshotRequest,
    StockBarsRequest,
    StockSnapshotRequest,
)
from alpaca.data.timeframe import TimeFrame, TimeFrameUnit
from alpaca.trading.requests import GetOptionContractsRequest

from marketdata.domain import Interval
from marketdata.sources.alpaca_bars import Span
from marketdata.sources.alpaca_client import Ask, Call
from marketdata.sources.base import BadPayload
from marketdata.symbols import Kind

UNITS = {"m": TimeFrameUnit.Minute, "h": TimeFrameUnit.Hour, "d": TimeFrameUnit.Day}
CONTRACTS_PER_PAGE = 10_000


def snapshots(what: Kind, spellings: Sequence[str], feed: str) -> Ask:
    """The snapshots of symbols of one kind."""
    named: dict[str, Any] = {"symbol_or_symbols": list(spellings)}
    if what is Kind.CRYPTO:
        return lambda library: library.crypto.get_crypto_snapshot(CryptoSnapshotRequest(**named))
    if what is Kind.OPTION:
        options = OptionSnapshotRequest(**named, feed=OptionsFeed(feed))
        return lambda library: library.options.get_option_snapshot(options)
    shares = StockSnapshotRequest(**named, feed=DataFeed(feed))
    return lambda library: library.stocks.get_stock_snapshot(shares)


def bars(what: Kind, spelling: str, interval: Interval, feed: str, bounds: Span) -> Ask:
    """The bars of one symbol that start inside the bounds; those of shares are adjusted for splits."""
    asked: dict[str, Any] = {
        "symbol_or_symbols": [spelling], "start": bounds[0], "end": bounds[1],
        "timeframe": TimeFrame(int(interval.value[:-1]), UNITS[interval.value[-1]]),
    }  # fmt: skip
    if what is Kind.CRYPTO:
        return lambda library: library.crypto.get_crypto_bars(CryptoBarsRequest(**asked))
    if what is Kind.OPTION:
        return lambda library: library.options.get_option_bars(OptionBarsRequest(**asked))
    shares = StockBarsRequest(**asked, feed=DataFeed(feed), adjustment=Adjustment.SPLIT)
    return lambda library: library.stocks.get_stock_bars(shares)


def name(what: Kind, spelling: str) -> Ask:
    """What the trading side says of a symbol; an error for one that it does not know."""
    if what is Kind.OPTION:
        return lambda library: library.trading.get_option_contract(spelling)
    return lambda library: library.trading.get_asset(spelling.replace("/", "%2F"))


def chain(underlying: str, first: date, last: date, feed: str) -> Ask:
    """The snapshots of all contracts of an underlying that expire from `first` to `last`."""
    asked = OptionChainRequest(
        underlying_symbol=underlying, feed=OptionsFeed(feed), expiration_date_gte=first, expiration_date_lte=last
    )
    return lambda library: library.options.get_option_chain(asked)


def contracts(call: Call, underlying: str, first: date, last: date) -> Iterator[object]:
    """The rows of the list of contracts, page by page: the library does not follow these."""
    token: str | None = None
    while True:
        # Without a last day only the coming week's contracts are listed.
        asked = GetOptionContractsRequest(
            underlying_symbols=[underlying], expiration_date_gte=first, expiration_date_lte=last,
            limit=CONTRACTS_PER_PAGE, page_token=token,
        )  # fmt: skip
        document = call.ask(_contracts(asked), again=token is not None)
        rows = document.get("option_contracts") if isinstance(document, dict) else None
        if not isinstance(rows, list):
            raise BadPayload("Alpaca's answer holds no list of contracts")
        yield from rows
        token = document.get("next_page_token")
        if not isinstance(token, str) or not token:
            return


def _contracts(asked: GetOptionContractsRequest) -> Ask:
    return lambda library: library.trading.get_option_contracts(asked)


def news(spellings: Sequence[str], limit: int) -> Ask:
    """The latest articles about any of the symbols, newest first."""
    # In news a pair has no slash.
    names = ",".join(one.replace("/", "") for one in spellings)
    asked = NewsRequest(symbols=names, limit=limit, sort=Sort.DESC.value)
    return lambda library: library.news.get_news(asked)


def book(spelling: str) -> Ask:
    """The order book of a pair."""
    asked = CryptoLatestOrderbookRequest(symbol_or_symbols=[spelling])
    return lambda library: library.crypto.get_crypto_latest_orderbook(asked)
