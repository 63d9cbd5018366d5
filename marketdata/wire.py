"""The wire format: REST, sockets and the retained snapshot say the same words for the same value."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marketdata.domain import Bar, Bars, Quote, Session
from marketdata.live import topics
from marketdata.live.events import Event


def number(value: float | None) -> float | None:
    """Ten significant digits: what a vendor measured, without what binary arithmetic added."""
    if value is None or value % 1 == 0:
        return value
    return float(f"{value:.10g}")


def instant(value: datetime | None) -> str | None:
    """RFC 3339 in UTC, microseconds only where there are any: 2024-01-15T10:30:00Z."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat()[:-6] + "Z"


def moment(text: str | None) -> datetime | None:
    """The aware time that `instant` wrote."""
    return None if text is None else datetime.fromisoformat(text)


_NUMBERS = (
    "price", "bid", "ask", "bid_size", "ask_size", "open", "high", "low", "previous_close", "volume", "ext_price",
)
_INSTANTS = ("as_of", "received_at", "quote_as_of", "ext_as_of")
_PLAIN = ("symbol", "vendor", "currency", "feed", "delayed_by", "simulated")


def quote(value: Quote) -> dict[str, Any]:
    """A quote as JSON has it, with its change and change in per cent."""
    percent = value.change_percent
    return {
        "symbol": value.symbol,
        "vendor": value.vendor,
        "currency": value.currency,
        "feed": value.feed,
        "delayed_by": value.delayed_by,
        "simulated": value.simulated,
        "price": number(value.price),
        "bid": number(value.bid),
        "ask": number(value.ask),
        "bid_size": number(value.bid_size),
        "ask_size": number(value.ask_size),
        "open": number(value.open),
        "high": number(value.high),
        "low": number(value.low),
        "previous_close": number(value.previous_close),
        "volume": number(value.volume),
        "ext_price": number(value.ext_price),
        "as_of": instant(value.as_of),
        "received_at": instant(value.received_at),
        "quote_as_of": instant(value.quote_as_of),
        "ext_as_of": instant(value.ext_as_of),
        "change": number(value.change),
        "change_percent": None if percent is None else round(percent, 4),
        "session": value.session.value,
        "flags": sorted(value.flags),
    }


def read_quote(data: Mapping[str, Any]) -> Quote:
    """The quote that `quote` wrote."""
    fields: dict[str, Any] = {name: data[name] for name in (*_PLAIN, *_NUMBERS)}
    fields |= {name: moment(data[name]) for name in _INSTANTS}
    return Quote(**fields, session=Session(data["session"]), flags=frozenset(data["flags"]))


def market_data(value: Quote, now: datetime | None = None) -> Event:
    """The announcement of a quote."""
    return Event(
        topic=topics.market(value.symbol), type=topics.MARKET, data=quote(value),
        timestamp=now or datetime.now(UTC), retain=value.symbol,
    )


def bar(value: Bar) -> dict[str, Any]:
    """A bar as JSON has it."""
    return {
        "start": instant(value.start), "open": number(value.open), "high": number(value.high),
        "low": number(value.low), "close": number(value.close), "volume": number(value.volume),
        "partial": value.partial,
    }


def bars(value: Bars) -> list[dict[str, Any]]:
    """All bars of a series, oldest first."""
    return [bar(one) for one in value]


def closed_bar(value: Bar, now: datetime | None = None) -> Event:
    """The announcement of a bar."""
    return Event(
        topic=topics.bars(value.symbol), type="bar",
        data={"symbol": value.symbol, "interval": value.interval.value, "vendor": value.vendor, **bar(value)},
        timestamp=now or datetime.now(UTC),
    )
