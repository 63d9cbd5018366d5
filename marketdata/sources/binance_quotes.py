"""Binance's tickers and books -> our quotes and books. Pure: JSON in, values and named errors out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from marketdata import symbols
from marketdata.domain import Quote, Session
from marketdata.headlines import Book, Level
from marketdata.sources import spellings
from marketdata.sources.base import BadPayload, NoData, SourceError
from marketdata.sources.fields import Row, price
from marketdata.sources.spellings import Answers

VENDOR = "binance"
MILLI = 1000
FLAGS = frozenset({"rolling_24h"})
"""High, low and volume are those of the last 24 hours, not of a day."""
PRICES = {
    "price": "lastPrice", "bid": "bidPrice", "ask": "askPrice", "bid_size": "bidQty", "ask_size": "askQty",
    "high": "highPrice", "low": "lowPrice", "volume": "volume",
}  # fmt: skip



def spelled(asked: Sequence[str]) -> tuple[dict[str, str], Answers]:
    """The pair that stands for each symbol, and an error for each that cannot be one."""
    return spellings.spelled(asked, symbols.binance, "Binance")


def spelling(symbol: str) -> str:
    """The pair that stands for one symbol; raises UnknownSymbol or Unsupported."""
    return spellings.one(symbol, symbols.binance, "Binance")


def read(row: object, symbol: str, pair: str, now: datetime) -> Quote | SourceError:
    """The quote in one ticker; its open is 24 hours old, and so neither an open nor a previous close."""
    if not isinstance(row, Mapping):
        return BadPayload(f"Binance's answer holds no ticker of {symbol}")
    numbers = {ours: told(row.get(theirs)) for ours, theirs in PRICES.items()}
    if numbers["price"] is None:
        return NoData(f"Binance has no price for {symbol}")
    as_of = _instant(row)
    if as_of is None:
        return BadPayload(f"Binance gave a price for {symbol} without its time")
    return Quote(
        symbol=symbol, vendor=VENDOR, as_of=as_of, received_at=now, price=numbers["price"], bid=numbers["bid"],
        ask=numbers["ask"], bid_size=numbers["bid_size"], ask_size=numbers["ask_size"], high=numbers["high"],
        low=numbers["low"], volume=numbers["volume"], currency=pair.partition("/")[2], session=Session.ALWAYS,
        feed="realtime", delayed_by=0, flags=FLAGS,
    )  # fmt: skip


def book(document: object, symbol: str, depth: int, now: datetime) -> Book:
    """The best `depth` prices on each side; Binance does not tell the time of a book, which is made when asked."""
    sides = [document.get(side) for side in ("bids", "asks")] if isinstance(document, Mapping) else [None]
    if not all(isinstance(side, list) for side in sides):
        raise BadPayload("Binance's answer holds no order book")
    bids, asks = (_levels(side) for side in sides)
    if not bids and not asks:
        raise NoData(f"Binance's order book of {symbol} is empty now")
    return Book(
        symbol=symbol, vendor=VENDOR, as_of=now, received_at=now, bids=tuple(bids[::-1][:depth]),
        asks=tuple(asks[:depth]),
    )  # fmt: skip


def told(value: object) -> float | None:
    """A number above 0, which Binance writes as a text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return price(value)


def _instant(row: Row) -> datetime | None:
    value = told(row.get("closeTime"))
    try:
        return datetime.fromtimestamp(value / MILLI, UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None


def _levels(rows: object) -> list[Level]:
    """Prices, rising, that have a size."""
    found = [row for row in rows if isinstance(row, list) and len(row) > 1] if isinstance(rows, list) else []
    pairs = ((told(row[0]), told(row[1])) for row in found)
    levels = [Level(value, size) for value, size in pairs if value is not None and size is not None]
    return sorted(levels, key=lambda level: level.price)
