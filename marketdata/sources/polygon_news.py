"""Polygon's news and order books -> ours. Pure: JSON in, values out; a row without id, title or time is left out."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from marketdata import symbols
from marketdata.headlines import Book, Headline, Level
from marketdata.sources.base import BadPayload, NoData
from marketdata.sources.fields import Row, amount, part, price, text
from marketdata.sources.polygon_quotes import VENDOR
from marketdata.sources.polygon_values import MILLI, instant

TONES = {"positive": 1.0, "neutral": 0.0, "negative": -1.0}


def headlines(rows: Iterable[object], asked: Mapping[str, str]) -> list[Headline]:
    """The news of an answer about `asked` (canonical -> Polygon's spelling)."""
    canonical = {spelling: symbol for symbol, spelling in asked.items()}
    found = [row for row in rows if isinstance(row, dict)]
    return [one for row in found if (one := _headline(row, canonical)) is not None]


def book(document: Row, symbol: str, depth: int, now: datetime) -> Book:
    """The best `depth` prices on each side; the size of a price is that of all exchanges together."""
    data = document.get("data")
    if not isinstance(data, dict):
        raise BadPayload("Polygon's answer holds no order book")
    as_of = instant(data.get("updated"), MILLI)
    bids, asks = _levels(data.get("bids")), _levels(data.get("asks"))
    if not bids and not asks:
        raise NoData(f"Polygon's order book of {symbol} is empty now")
    if as_of is None:
        raise BadPayload("Polygon's order book does not tell its time")
    return Book(
        symbol=symbol, vendor=VENDOR, as_of=as_of, received_at=now,
        bids=tuple(bids[::-1][:depth]), asks=tuple(asks[:depth]),
    )  # fmt: skip


def _headline(row: Row, canonical: Mapping[str, str]) -> Headline | None:
    id_, title, at = text(row.get("id")), text(row.get("title")), _time(row.get("published_utc"))
    if id_ is None or title is None or at is None:
        return None
    tickers = row.get("tickers")
    about = [_symbol(one, canonical) for one in tickers] if isinstance(tickers, list) else []
    return Headline(
        vendor=VENDOR, id=id_, title=title, published_at=at,
        symbols=tuple(dict.fromkeys(symbol for symbol in about if symbol)), url=text(row.get("article_url")),
        publisher=text(part(row, "publisher").get("name")), summary=text(row.get("description")),
        tone=_tone(row.get("insights"), canonical),
    )  # fmt: skip


def _symbol(ticker: Any, canonical: Mapping[str, str]) -> str | None:
    if not isinstance(ticker, str):
        return None
    try:
        return canonical.get(ticker) or symbols.from_polygon(ticker)
    except symbols.InvalidSymbol:
        return None


def _tone(insights: object, canonical: Mapping[str, str]) -> float | None:
    """The mean of what the vendor says about the symbols that were asked for."""
    told = [one for one in insights if isinstance(one, dict)] if isinstance(insights, list) else []
    tones = [
        TONES[one["sentiment"]]
        for one in told
        if isinstance(one.get("sentiment"), str) and one["sentiment"] in TONES
        and isinstance(one.get("ticker"), str) and one["ticker"] in canonical
    ]  # fmt: skip
    return sum(tones) / len(tones) if tones else None


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None:
        return None
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _levels(rows: object) -> list[Level]:
    """Prices, rising, with the sum of their sizes."""
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    sizes = ((price(row.get("p")), sum(amount(one) or 0.0 for one in part(row, "x").values())) for row in found)
    levels = [Level(value, size) for value, size in sizes if value is not None and size > 0]
    return sorted(levels, key=lambda level: level.price)
