"""Numbers, times and rows out of Polygon's JSON. Pure: whatever stands there, a value or None comes out."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from marketdata.domain import Session
from marketdata.sources.base import BadPayload
from marketdata.sources.fields import Row, number, text

SECOND, MILLI, NANO = 1, 1_000, 1_000_000_000
"""Ticks per second of the vendor's clocks: REST trades and quotes tick in ns, bars and the stream in ms."""

FIRST, LAST = 946_684_800, 4_102_444_800
"""2000 and 2100, epoch seconds: a time outside was told in another unit than promised."""

DELAY = 900
"""Seconds by which the delayed plans run behind."""


def decode(body: bytes | str) -> dict[str, Any]:
    """The JSON object of an answer; raises BadPayload."""
    try:
        document = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise BadPayload("Polygon's answer is not JSON") from None
    if not isinstance(document, dict):
        raise BadPayload("Polygon's answer is not a JSON object")
    return document


def instant(value: object, ticks: int) -> datetime | None:
    """The time of so many ticks since the epoch, to the microsecond; None where it cannot be meant."""
    if number(value) is None or not FIRST <= (whole := int(value)) // ticks < LAST:  # type: ignore[call-overload]
        return None
    seconds, rest = divmod(whole, ticks)
    return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=rest * 1_000_000 // ticks)


def rows(document: Row, name: str) -> list[Row]:
    """The objects of a list; raises BadPayload where there is no list."""
    found = document.get(name)
    if not isinstance(found, list):
        raise BadPayload(f"Polygon's answer holds no list of {name}")
    return [one for one in found if isinstance(one, Mapping)]


def delay(label: object, usual: int | None) -> int | None:
    """Seconds behind the market by a label like DELAYED or REAL-TIME; `usual` where there is none."""
    if not isinstance(label, str):
        return usual
    return {"DELAYED": DELAY, "REAL-TIME": 0}.get(label.upper(), usual)


def feed(delayed_by: int | None) -> str | None:
    """The name of the feed with that delay."""
    return None if delayed_by is None else "delayed" if delayed_by else "realtime"


STATES = {
    "open": Session.REGULAR, "early_trading": Session.PRE, "late_trading": Session.POST, "closed": Session.CLOSED,
}  # fmt: skip


def following(document: Row) -> str | None:
    """Path and query of the next page: its host is the vendor's own, which may not be the one that is asked."""
    address = text(document.get("next_url"))
    if address is None:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        raise BadPayload("Polygon's address of the next page cannot be read") from None
    return f"/{parts.path.lstrip('/')}" + (f"?{parts.query}" if parts.query else "")
