"""Alpaca's snapshots -> our quotes. Pure: JSON in, values and named errors out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marketdata import symbols
from marketdata.domain import Quote, Session
from marketdata.sources.alpaca_values import (
    DELAYS,
    SHARES_SINCE,
    VENDOR,
    Answers,
    currency,
    flags,
    instant,
    is_over,
    session,
)
from marketdata.sources.base import BadPayload, NoData, SourceError, UnknownSymbol
from marketdata.sources.fields import Row, amount, part, price
from marketdata.symbols import Kind

LOT = 100


def read(document: object, asked: Mapping[str, str], now: datetime, feed: str) -> Answers:
    """A quote or an error for each symbol of `asked` (canonical -> Alpaca's spelling), out of snapshots of `feed`."""
    if not isinstance(document, Mapping):
        raise BadPayload("Alpaca's snapshots are not an object")
    found = {name: row for name, row in document.items() if isinstance(row, Mapping)}
    if not found and len(asked) > 1:
        raise BadPayload(f"Alpaca answered with nothing to a question about {len(asked)} symbols")
    return {symbol: _quote(symbol, found.get(theirs), now, feed) for symbol, theirs in asked.items()}


def today(symbol: str, row: Row, now: datetime) -> dict[str, Any]:
    """The fields of the day: before its first trade only the previous close, which the last daily bar has."""
    last = part(row, "dailyBar")
    began = instant(last.get("t"))
    if began is not None and is_over(symbol, began, now):
        return {"previous_close": price(last.get("c"))}
    return {**candle(last), "previous_close": price(part(row, "prevDailyBar").get("c"))}


def candle(bar: Row) -> dict[str, Any]:
    """Open, high, low and volume of a day's bar."""
    return {
        "open": price(bar.get("o")), "high": price(bar.get("h")), "low": price(bar.get("l")),
        "volume": amount(bar.get("v")),
    }  # fmt: skip


def sides(symbol: str, book: Row) -> dict[str, Any]:
    """Bid and ask with their sizes (shares, coins or contracts) and their time; a side without a price is absent."""
    at, bid, ask = instant(book.get("t")), price(book.get("bp")), price(book.get("ap"))
    lot = LOT if symbols.kind(symbol) is Kind.SHARE and at is not None and at < SHARES_SINCE else 1
    sizes = (price(book.get("bs")), price(book.get("as")))
    bid_size, ask_size = (None if size is None else size * lot for size in sizes)
    return {
        "bid": bid, "ask": ask, "bid_size": bid_size if bid else None, "ask_size": ask_size if ask else None,
        "quote_as_of": at if bid or ask else None,
    }  # fmt: skip


def _quote(symbol: str, row: Row | None, now: datetime, feed: str) -> Quote | SourceError:
    if row is None:
        return UnknownSymbol(f"Alpaca does not know {symbol}")
    trade, book = part(row, "latestTrade"), sides(symbol, part(row, "latestQuote"))
    last, traded = price(trade.get("p")), instant(trade.get("t"))
    if last is None and book["bid"] is None and book["ask"] is None:
        return NoData(f"Alpaca has no price for {symbol} now")
    at = traded if last is not None else book["quote_as_of"]
    if at is None:
        return BadPayload(f"Alpaca gave prices of {symbol} without their time")
    phase = session(symbol, at)
    extended = last is not None and phase in (Session.PRE, Session.POST)
    return Quote(
        symbol=symbol, vendor=VENDOR, as_of=at, received_at=now, price=last, **book, **today(symbol, row, now),
        currency=currency(symbol), session=phase, ext_price=last if extended else None,
        ext_as_of=at if extended else None, feed=feed, delayed_by=DELAYS.get(feed), flags=flags(feed),
    )  # fmt: skip
