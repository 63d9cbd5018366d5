"""Yahoo's v7 quote answer -> our quotes. Pure: JSON in, values and named errors out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marketdata.domain import Quote, Session
from marketdata.sources.base import BadPayload, NoData, SourceError, UnknownSymbol
from marketdata.sources.yahoo_values import number, price, time

SESSIONS = {
    "PREPRE": Session.PRE, "PRE": Session.PRE, "REGULAR": Session.REGULAR,
    "POST": Session.POST, "POSTPOST": Session.POST, "CLOSED": Session.CLOSED,
}  # fmt: skip
ROUND_THE_CLOCK = frozenset({"CRYPTOCURRENCY", "CURRENCY"})
HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ZAC": "ZAR", "ILA": "ILS"}
PRICES = {
    "price": "regularMarketPrice", "bid": "bid", "ask": "ask", "open": "regularMarketOpen",
    "high": "regularMarketDayHigh", "low": "regularMarketDayLow", "previous_close": "regularMarketPreviousClose",
}  # fmt: skip
AMOUNTS = {"bid_size": "bidSize", "ask_size": "askSize", "volume": "regularMarketVolume"}

Answers = dict[str, Quote | SourceError]


def read(payload: object, asked: Mapping[str, str], received_at: datetime) -> Answers:
    """A quote or an error for each symbol of `asked` (canonical -> Yahoo's spelling); raises BadPayload."""
    rows = _rows(payload)
    if not rows and len(asked) > 1:
        raise BadPayload(f"Yahoo answered with an empty list to a question about {len(asked)} symbols")
    return {symbol: _one(symbol, rows.get(spelling.upper()), received_at) for symbol, spelling in asked.items()}


def unit(currency: object) -> tuple[str | None, float]:
    """The currency and what to divide its prices by: pence, cents and agorot are not what a price is told in."""
    if not isinstance(currency, str) or not (currency.isascii() and currency.isalpha()):
        return None, 1.0
    return (HUNDREDTHS[currency], 100.0) if currency in HUNDREDTHS else (currency.upper(), 1.0)


def _rows(payload: object) -> dict[str, dict[str, Any]]:
    response = payload.get("quoteResponse") if isinstance(payload, dict) else None
    result = response.get("result") if isinstance(response, dict) else None
    if not isinstance(result, list):
        raise BadPayload("Yahoo's answer holds no list of quotes")
    rows = [row for row in result if isinstance(row, dict) and isinstance(row.get("symbol"), str)]
    if result and not rows:
        raise BadPayload("Yahoo's list of quotes names no symbol")
    return {row["symbol"].upper(): row for row in rows}


def _one(symbol: str, row: dict[str, Any] | None, received_at: datetime) -> Quote | SourceError:
    if row is None or row.get("quoteType") == "NONE":
        return UnknownSymbol(f"Yahoo does not know {symbol}")
    currency, divisor = unit(row.get("currency"))
    numbers: dict[str, Any] = {name: price(row.get(key), divisor) for name, key in PRICES.items()}
    numbers |= {name: price(row.get(key)) for name, key in AMOUNTS.items()}
    if numbers["price"] is None:
        return NoData(f"Yahoo has no price for {symbol}")
    as_of = time(row.get("regularMarketTime"))
    if as_of is None:
        return BadPayload(f"Yahoo gave a price for {symbol} without its time")
    delayed_by = _delay(row.get("exchangeDataDelayedBy"))
    ext_price, ext_as_of = _extended(row, divisor)
    return Quote(
        symbol=symbol, vendor="yahoo", as_of=as_of, received_at=received_at, **numbers,
        currency=currency, session=_session(row), ext_price=ext_price, ext_as_of=ext_as_of,
        delayed_by=delayed_by, feed=_feed(row, delayed_by),
    )  # fmt: skip


def _delay(minutes: object) -> int | None:
    found = number(minutes)
    return int(found * 60) if found is not None and 0 <= found < 1e6 else None


def _session(row: dict[str, Any]) -> Session:
    if _is_one_of(row.get("quoteType"), ROUND_THE_CLOCK):
        return Session.ALWAYS
    state = row.get("marketState")
    return SESSIONS.get(state, Session.CLOSED) if isinstance(state, str) else Session.CLOSED


def _feed(row: dict[str, Any], delayed_by: int | None) -> str | None:
    if _is_one_of(row.get("quoteType"), ROUND_THE_CLOCK):
        return "indicative"
    return None if delayed_by is None else "delayed" if delayed_by else "realtime"


def _is_one_of(value: object, names: frozenset[str]) -> bool:
    return isinstance(value, str) and value in names


def _extended(row: dict[str, Any], divisor: float) -> tuple[float | None, datetime | None]:
    """The later of the prices before and after the regular session; both or neither."""
    found = []
    for when in ("preMarket", "postMarket"):
        value, at = price(row.get(f"{when}Price"), divisor), time(row.get(f"{when}Time"))
        if value is not None and at is not None:
            found.append((at, value))
    if not found:
        return None, None
    at, value = max(found)
    return value, at
