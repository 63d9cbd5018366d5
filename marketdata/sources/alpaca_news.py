"""Alpaca's news and order books -> ours. Pure: JSON in, values out; a row without id, title or time is left out."""

from collections.abc import Mapping
from datetime import datetime

from marketdata import symbols
from marketdata.headlines import Book, Headline, Level
from marketdata.sources.alpaca_values import VENDOR, instant
from marketdata.sources.base import BadPayload, NoData, UnknownSymbol
from marketdata.sources.fields import Row, price, text


def headlines(document: object, asked: Mapping[str, str]) -> list[Headline]:
    """The articles of an answer about `asked` (canonical -> Alpaca's spelling)."""
    rows = document.get("news") if isinstance(document, Mapping) else None
    if not isinstance(rows, list):
        raise BadPayload("Alpaca's answer holds no list of news")
    canonical = {spelling.replace("/", ""): symbol for symbol, spelling in asked.items()}
    found = [row for row in rows if isinstance(row, Mapping)]
    return [one for row in found if (one := _headline(row, canonical)) is not None]


def book(document: object, symbol: str, spelling: str, depth: int, now: datetime) -> Book:
    """The best `depth` prices on each side."""
    if not isinstance(document, Mapping):
        raise BadPayload("Alpaca's order books are not an object")
    row = document.get(spelling)
    if not isinstance(row, Mapping):
        raise UnknownSymbol(f"Alpaca does not know {symbol}")
    bids, asks, as_of = _levels(row.get("b")), _levels(row.get("a")), instant(row.get("t"))
    if not bids and not asks:
        raise NoData(f"Alpaca's order book of {symbol} is empty now")
    if as_of is None:
        raise BadPayload("Alpaca's order book does not tell its time")
    return Book(
        symbol=symbol, vendor=VENDOR, as_of=as_of, received_at=now,
        bids=tuple(bids[::-1][:depth]), asks=tuple(asks[:depth]),
    )  # fmt: skip


def _headline(row: Row, canonical: Mapping[str, str]) -> Headline | None:
    id_, title, at = row.get("id"), text(row.get("headline")), instant(row.get("created_at"))
    if isinstance(id_, bool) or not isinstance(id_, int | str) or id_ == "" or title is None or at is None:
        return None
    tickers = row.get("symbols")
    about = [_symbol(one, canonical) for one in tickers] if isinstance(tickers, list) else []
    return Headline(
        vendor=VENDOR, id=str(id_), title=title, published_at=at,
        symbols=tuple(dict.fromkeys(symbol for symbol in about if symbol)), url=text(row.get("url")),
        publisher=text(row.get("source")), summary=text(row.get("summary")),
    )  # fmt: skip


def _symbol(ticker: object, canonical: Mapping[str, str]) -> str | None:
    if not isinstance(ticker, str):
        return None
    try:
        return canonical.get(ticker.replace("/", "")) or symbols.from_alpaca(ticker)
    except symbols.InvalidSymbol:
        return None


def _levels(rows: object) -> list[Level]:
    """Prices, rising, that have a size."""
    found = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    pairs = ((price(row.get("p")), price(row.get("s"))) for row in found)
    levels = [Level(value, size) for value, size in pairs if value is not None and size is not None]
    return sorted(levels, key=lambda level: level.price)
