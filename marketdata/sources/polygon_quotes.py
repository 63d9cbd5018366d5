"""Polygon's snapshots -> our quotes. Pure: JSON in, values and named errors out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from marketdata import calendar, symbols
from marketdata.domain import Quote, Session
from marketdata.sources import polygon_errors, spellings
from marketdata.sources.base import BadPayload, NoData, SourceError, UnknownSymbol
from marketdata.sources.fields import Row, amount, part, price
from marketdata.sources.polygon_values import MILLI, NANO, STATES, delay, feed, instant, rows
from marketdata.sources.spellings import Answers
from marketdata.symbols import Kind

VENDOR = "polygon"
ALWAYS = frozenset({Kind.CRYPTO, Kind.CURRENCY})
SHARES_SINCE = datetime(2025, 11, 3, 5, tzinfo=UTC)
"""Until this session Polygon counted the sizes of share quotes in round lots of 100."""



def spelled(asked: Sequence[str]) -> tuple[dict[str, str], Answers]:
    """Polygon's spelling of each symbol, and an error for each that it cannot have."""
    return spellings.spelled(asked, symbols.polygon, "Polygon")


def spelling(symbol: str) -> str:
    """Polygon's spelling of one symbol; raises UnknownSymbol or Unsupported."""
    return spellings.one(symbol, symbols.polygon, "Polygon")


def shares(document: Row, asked: Mapping[str, str], now: datetime, usual: int | None) -> Answers:
    """A quote or an error for each share of `asked` (canonical -> Polygon's spelling), out of the stocks' snapshot."""
    found = document if "tickers" in document else {"tickers": [document.get("ticker")]}
    by_ticker = _by_ticker(rows(found, "tickers"))
    if not by_ticker and len(asked) > 1:
        raise BadPayload(f"Polygon answered with an empty list to a question about {len(asked)} symbols")
    usual = delay(document.get("status"), usual)
    return {symbol: _share(symbol, by_ticker.get(ticker), now, usual) for symbol, ticker in asked.items()}


def mixed(found: Sequence[Row], asked: Mapping[str, str], now: datetime, usual: int | None) -> Answers:
    """A quote or an error for each symbol of any kind, out of the rows of the universal snapshot."""
    by_ticker = _by_ticker(found)
    if not by_ticker:
        raise BadPayload(f"Polygon answered with an empty list to a question about {len(asked)} symbols")
    # Some answers name an index without its prefix.
    return {
        symbol: _any(symbol, by_ticker.get(ticker) or by_ticker.get(ticker.removeprefix("I:")), now, usual)
        for symbol, ticker in asked.items()
    }


def session(symbol: str, at: datetime) -> Session:
    """The phase of the trading day in which something was traded, by the calendar."""
    if symbols.kind(symbol) in ALWAYS:
        return Session.ALWAYS
    try:
        return calendar.session(at, "live")
    except calendar.OutOfCalendar:
        return Session.CLOSED


def currency(symbol: str) -> str | None:
    """What its prices are told in: the second half of a pair, nothing for an index, dollars for the rest."""
    kind = symbols.kind(symbol)
    if kind in ALWAYS:
        return symbol.partition("-")[2]
    return None if kind is Kind.INDEX else "USD"


def _by_ticker(found: Sequence[Row]) -> dict[str, Row]:
    by_ticker = {row["ticker"]: row for row in found if isinstance(row.get("ticker"), str)}
    if found and not by_ticker:
        raise BadPayload("Polygon's list of snapshots names no ticker")
    return by_ticker


def _share(symbol: str, row: Row | None, now: datetime, delayed_by: int | None) -> Quote | SourceError:
    if row is None:
        return UnknownSymbol(f"Polygon does not know {symbol}")
    trade, book, day, minute = (part(row, name) for name in ("lastTrade", "lastQuote", "day", "min"))
    last, as_of = _first(
        (trade.get("p"), instant(trade.get("t"), NANO)),
        # Plans without trades have the last minute's close instead.
        (minute.get("c"), instant(row.get("updated"), NANO) or instant(minute.get("t"), MILLI)),
    )
    quoted = instant(book.get("t"), NANO)
    lot = 100 if quoted is not None and quoted < SHARES_SINCE else 1
    values = {
        "price": last, "bid": price(book.get("p")), "ask": price(book.get("P")),
        "bid_size": _size(book.get("s"), lot), "ask_size": _size(book.get("S"), lot),
        "open": price(day.get("o")), "high": price(day.get("h")), "low": price(day.get("l")),
        "previous_close": price(part(row, "prevDay").get("c")), "volume": _volume(day.get("v"), day.get("o")),
    }  # fmt: skip
    return _quote(symbol, values, as_of, quoted, now, delayed_by, None)


def _any(symbol: str, row: Row | None, now: datetime, usual: int | None) -> Quote | SourceError:
    if row is None:
        return UnknownSymbol(f"Polygon does not know {symbol}")
    if error := polygon_errors.item(row, symbol):
        return error
    kind = symbols.kind(symbol)
    day, book, trade = (part(row, name) for name in ("session", "last_quote", "last_trade"))
    last, as_of = _last(row, middle=kind is Kind.CURRENCY)
    label = next((one.get("timeframe") for one in (row, trade, book) if one.get("timeframe")), None)
    values = {
        "price": last, "bid": price(book.get("bid")), "ask": price(book.get("ask")),
        "bid_size": _size(book.get("bid_size")), "ask_size": _size(book.get("ask_size")),
        "open": price(day.get("open")), "high": price(day.get("high")), "low": price(day.get("low")),
        "previous_close": price(day.get("previous_close")),
        # The "volume" of a currency counts price changes.
        "volume": None if kind is Kind.CURRENCY else _volume(day.get("volume"), day.get("open")),
    }  # fmt: skip
    quoted = instant(book.get("last_updated"), NANO)
    return _quote(symbol, values, as_of, quoted, now, delay(label, usual), row.get("market_status"))


def _last(row: Row, middle: bool) -> tuple[float | None, datetime | None]:
    day, book, trade, minute = (part(row, name) for name in ("session", "last_quote", "last_trade", "last_minute"))
    traded = (trade.get(name) for name in ("sip_timestamp", "participant_timestamp", "last_updated"))
    at = instant(row.get("last_updated"), NANO)
    day_at = instant(day.get("last_updated"), NANO) or at
    return _first(
        (trade.get("price"), next((one for value in traded if (one := instant(value, NANO))), None)),
        (row.get("value"), at),
        (day.get("price"), day_at),
        (minute.get("close"), instant(minute.get("last_updated"), NANO)),
        (day.get("close"), day_at),
        (book.get("midpoint") if middle else None, instant(book.get("last_updated"), NANO)),
    )


def _first(*candidates: tuple[object, datetime | None]) -> tuple[float | None, datetime | None]:
    """The first price that has its time; a price alone where none has."""
    prices = [(found, at) for value, at in candidates if (found := price(value)) is not None]
    return next((one for one in prices if one[1] is not None), prices[0] if prices else (None, None))


def _size(value: object, lot: int = 1) -> float | None:
    found = price(value)
    return None if found is None else found * lot


def _volume(value: object, opened: object) -> float | None:
    """No volume before the first trade of the day: the snapshot is emptied at midnight, New York."""
    found = amount(value)
    return found if found or price(opened) is not None else None


def _quote(
    symbol: str, values: dict[str, Any], as_of: datetime | None, quoted: datetime | None, now: datetime,
    delayed_by: int | None, state: object,
) -> Quote | SourceError:  # fmt: skip
    if values["price"] is not None and as_of is None:
        return BadPayload(f"Polygon gave a price for {symbol} without its time")
    if values["price"] is None and values["bid"] is None and values["ask"] is None:
        return NoData(f"Polygon has no price for {symbol} now")
    at = as_of or quoted
    if at is None:
        return BadPayload(f"Polygon gave bid and ask of {symbol} without their time")
    phase = session(symbol, at)
    if phase is not Session.ALWAYS and isinstance(state, str):
        phase = STATES.get(state, phase)
    extended = as_of if phase in (Session.PRE, Session.POST) else None
    return Quote(
        symbol=symbol, vendor=VENDOR, as_of=at, received_at=now, **values, quote_as_of=quoted,
        currency=currency(symbol), session=phase, ext_price=values["price"] if extended else None,
        ext_as_of=extended, feed=feed(delayed_by), delayed_by=delayed_by,
    )  # fmt: skip
