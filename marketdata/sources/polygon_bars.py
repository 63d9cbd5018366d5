"""Polygon's aggregates -> our bars: which range to ask for, and its rows -> our columns. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from marketdata import symbols
from marketdata.domain import Bars, Interval
from marketdata.sources.base import BadPayload
from marketdata.sources.fields import Row, amount, price
from marketdata.sources.polygon_quotes import ALWAYS, VENDOR
from marketdata.sources.polygon_values import MILLI, instant
from marketdata.symbols import Kind

NEW_YORK = ZoneInfo("America/New_York")
LATE_TRADING_ENDS = time(20)
SETTLING = timedelta(seconds=15)
"""A bar may still change for this long after its end."""
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
UNITS = {"m": "minute", "h": "hour", "d": "day"}
COLUMNS = ("start", "open", "high", "low", "close", "volume")


def unit(interval: Interval) -> tuple[int, str]:
    """How Polygon names a length: a number and a unit."""
    return int(interval.value[:-1]), UNITS[interval.value[-1]]


def bounds(interval: Interval, start: datetime, end: datetime, now: datetime) -> tuple[int | str, int | str] | None:
    """The first and last start to ask for (both included): dates for days, else epoch ms; None: no bar can be there."""
    start, end = max(start, FIRST), min(end, now + timedelta(days=1))
    if start >= end:
        return None
    if interval is not Interval.DAY:
        return int(-(-start.timestamp() * MILLI // 1)), int(-(-end.timestamp() * MILLI // 1)) - 1
    first = (start.astimezone(UTC) + timedelta(days=1, microseconds=-1)).date()
    last = (end.astimezone(UTC) - timedelta(microseconds=1)).date()
    return (first.isoformat(), last.isoformat()) if first <= last else None


def listed(document: Row) -> list[Row]:
    """The rows of an answer; none where it says itself that there are none."""
    found = document.get("results")
    if found is None and any(document.get(name) == 0 for name in ("resultsCount", "queryCount", "count")):
        return []
    if not isinstance(found, list):
        raise BadPayload("Polygon's answer holds no list of bars")
    return [row for row in found if isinstance(row, dict)]


def read(
    found: Sequence[Row], symbol: str, interval: Interval, now: datetime, delayed_by: int | None
) -> Bars:  # fmt: skip
    """The columns of all rows with a time and four prices, rising; the last of two rows of one time counts."""
    kind = symbols.kind(symbol)
    by_start = {row[0]: row for one in found if (row := _row(one, kind, interval)) is not None}
    if found and not by_start:
        raise BadPayload("not one row of Polygon's bars has a time and prices")
    values = np.array([by_start[start] for start in sorted(by_start)], np.float64).reshape(-1, len(COLUMNS)).T
    bars = Bars(
        symbol=symbol, interval=interval, vendor=VENDOR, start=values[0].astype(np.int64), open=values[1],
        high=values[2], low=values[3], close=values[4], volume=values[5], adjusted=True,
    )  # fmt: skip
    return replace(bars, last_is_partial=_is_running(bars, kind, now, delayed_by or 0))


def within(bars: Bars, start: datetime, end: datetime) -> Bars:
    """Only the bars that start in [start, end)."""
    keep = (bars.start >= start.timestamp()) & (bars.start < end.timestamp())
    partial = bars.last_is_partial and bool(keep[-1])
    return replace(bars, last_is_partial=partial, **{name: getattr(bars, name)[keep] for name in COLUMNS})


def _row(row: Row, kind: Kind, interval: Interval) -> tuple[float, ...] | None:
    at = instant(row.get("t"), MILLI)
    prices = [price(row.get(name)) for name in "ohlc"]
    if at is None or None in prices:
        return None
    if interval is Interval.DAY:
        # A day begins at midnight in New York; its date is what we keep.
        day = at.astimezone(UTC if kind in ALWAYS else NEW_YORK).date()
        at = datetime.combine(day, time(), UTC)
    volume = None if kind in (Kind.CURRENCY, Kind.INDEX) else amount(row.get("v"))
    return int(at.timestamp()), *(one for one in prices if one is not None), np.nan if volume is None else volume


def _is_running(bars: Bars, kind: Kind, now: datetime, delayed_by: int) -> bool:
    if not len(bars):
        return False
    last = datetime.fromtimestamp(int(bars.start[-1]), UTC)
    ends = last + bars.interval.length
    if bars.interval is Interval.DAY and kind not in ALWAYS:
        ends = datetime.combine(last.date(), LATE_TRADING_ENDS, NEW_YORK)
    return now < ends + SETTLING + timedelta(seconds=delayed_by)
