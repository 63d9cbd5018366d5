"""Bars of Interactive Brokers: which requests to make for a range, and its rows -> our columns. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from marketdata import symbols
from marketdata.domain import Bars, Interval
from marketdata.sources.base import BadPayload
from marketdata.sources.ib_quotes import ALWAYS
from marketdata.sources.ib_values import VENDOR, amount, instant, price
from marketdata.symbols import Kind

NEW_YORK = ZoneInfo("America/New_York")
CLOSE = time(16)
SETTLING = timedelta(seconds=15)
"""A bar may still change for this long after its end."""
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
DAYS_PER_REQUEST = {Interval.DAY: 3650, Interval.HOUR: 30, Interval.HALF_HOUR: 30, Interval.FIFTEEN_MINUTES: 14}
"""How much one request may ask for; shorter bars a week."""
COLUMNS = ("start", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Page:
    """One request: up to which time ("": now), how far back, and the length of a bar, in the vendor's words."""

    end: str
    duration: str
    size: str


def size(interval: Interval) -> str:
    """How Interactive Brokers names a length."""
    count = int(interval.value[:-1])
    unit = {"m": "min", "h": "hour", "d": "day"}[interval.value[-1]]
    return f"{count} {unit}{'s' if count > 1 else ''}"


def shows(kind: Kind) -> str:
    """What the bars are made of: currencies have no trades, crypto has those of all venues together."""
    return {Kind.CURRENCY: "MIDPOINT", Kind.CRYPTO: "AGGTRADES"}.get(kind, "TRADES")


def pages(interval: Interval, start: datetime, end: datetime, now: datetime) -> list[Page]:
    """The requests that cover [start, end), the latest first; none where no bar can be there."""
    start, end = max(start, FIRST), min(end, now + timedelta(days=1))
    if interval is Interval.DAY:
        # A day that begins before `end` ends after it.
        end = end + timedelta(days=1)
    most = timedelta(days=DAYS_PER_REQUEST.get(interval, 7))
    found: list[Page] = []
    while start < end and (interval is not Interval.DAY or start < end - timedelta(days=1)):
        first = max(start, end - most)
        # The vendor's times have whole seconds: rounded down, a bar that starts within that second would be lost.
        whole = (end + timedelta(microseconds=999_999)).astimezone(UTC)
        bound = "" if end >= now else f"{whole:%Y%m%d-%H:%M:%S}"
        found.append(Page(bound, duration(min(end, now) - first), size(interval)))
        end = first
    return found


def duration(span: timedelta) -> str:
    """The words for a length of time: seconds up to a day, days up to a year, then years."""
    seconds = max(span.total_seconds(), 60.0)
    if seconds <= 28_800:
        return f"{math.ceil(seconds)} S"
    days = math.ceil(seconds / 86_400)
    # "1 D" is the trading day so far, not 24 hours.
    return f"{days + 1} D" if days < 365 else f"{math.ceil(days / 365)} Y"


def read(rows: Iterable[Any], symbol: str, interval: Interval, now: datetime, magnifier: int = 1) -> Bars:
    """The columns of all rows with a time and four prices, rising; the last of two rows of one time counts."""
    found = list(rows)
    kind = symbols.kind(symbol)
    by_start = {row[0]: row for one in found if (row := _row(one, kind, interval, magnifier)) is not None}
    if found and not by_start:
        raise BadPayload("not one row of these bars has a time and prices")
    values = np.array([by_start[start] for start in sorted(by_start)], np.float64).reshape(-1, len(COLUMNS)).T
    bars = Bars(
        symbol=symbol, interval=interval, vendor=VENDOR, start=values[0].astype(np.int64), open=values[1],
        high=values[2], low=values[3], close=values[4], volume=values[5], adjusted=kind not in ALWAYS,
    )  # fmt: skip
    return replace(bars, last_is_partial=_is_running(bars, kind, now))


def within(bars: Bars, start: datetime, end: datetime) -> Bars:
    """Only the bars that start in [start, end)."""
    keep = (bars.start >= start.timestamp()) & (bars.start < end.timestamp())
    partial = bars.last_is_partial and bool(keep[-1])
    return replace(bars, last_is_partial=partial, **{name: getattr(bars, name)[keep] for name in COLUMNS})


def _row(row: Any, kind: Kind, interval: Interval, magnifier: int) -> tuple[float, ...] | None:
    at = _start(getattr(row, "date", None), interval)
    prices = [price(getattr(row, name, None), magnifier) for name in ("open", "high", "low", "close")]
    if at is None or None in prices:
        return None
    untold = kind in (Kind.CURRENCY, Kind.INDEX)
    volume = None if untold else amount(getattr(row, "volume", None))
    return int(at.timestamp()), *(one for one in prices if one is not None), np.nan if volume is None else volume


def _start(value: object, interval: Interval) -> datetime | None:
    """A day comes as a date, everything shorter as an aware time; a time without its zone could be any."""
    if isinstance(value, datetime):
        found = instant(value)
        if found is None or interval is not Interval.DAY:
            return found
        value = found.date()
    if not isinstance(value, date) or interval is not Interval.DAY:
        return None
    return datetime.combine(value, time(), UTC) if value >= FIRST.date() else None


def _is_running(bars: Bars, kind: Kind, now: datetime) -> bool:
    if not len(bars):
        return False
    last = datetime.fromtimestamp(int(bars.start[-1]), UTC)
    ends = last + bars.interval.length
    if bars.interval is Interval.DAY and kind not in (*ALWAYS, Kind.FOREIGN):
        ends = datetime.combine(last.date(), CLOSE, NEW_YORK)
    return now < ends + SETTLING
