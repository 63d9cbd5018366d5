"""Alpaca's bars -> our columns: which range and feed to ask for, and what its rows say. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np

from marketdata import symbols
from marketdata.calendar import NEW_YORK
from marketdata.domain import Bars, Interval
from marketdata.sources.alpaca_values import FIRST, VENDOR, day, instant
from marketdata.sources.base import BadPayload
from marketdata.sources.fields import Row, amount, price
from marketdata.symbols import Kind

LATE_TRADING_ENDS = time(20)
SETTLING = timedelta(seconds=15)
"""A bar may still change for this long after its end."""
FREE_AFTER = timedelta(minutes=16)
"""Every plan has the whole market's bars once they are this old (Alpaca says 15)."""
INSTANT = timedelta(microseconds=1)
COLUMNS = ("start", "open", "high", "low", "close", "volume")

Span = tuple[datetime, datetime]


def span(interval: Interval, start: datetime, end: datetime, now: datetime) -> Span | None:
    """The first and last time to ask for (both included); None: no bar can be there."""
    start, end = max(start.astimezone(UTC), FIRST), min(end.astimezone(UTC), now + timedelta(days=1))
    if start >= end:
        return None
    if interval is not Interval.DAY:
        return start, end - INSTANT
    # A day begins at midnight where it is traded, some hours after that of Greenwich.
    first = datetime.combine((start + timedelta(days=1) - INSTANT).date(), time(), UTC)
    last = datetime.combine((end - INSTANT).date(), time.max, UTC)
    return (first, last) if first <= last else None


def choices(feed: str, interval: Interval, asked: Span, now: datetime) -> list[tuple[str, Span]]:
    """Feeds and ranges of shares' bars, best first: where the plan lacks one, the next is asked.

    The bars of IEX alone hold a fraction of the day's volume: days come from the whole market, a little late.
    """
    late = (asked[0], min(asked[1], now - FREE_AFTER))
    whole = [("sip", late)] if late[0] <= late[1] else []
    if feed == "sip":
        return [("sip", asked), *(whole if interval is Interval.DAY else []), ("iex", asked)]
    if feed == "delayed_sip":
        return [*whole, ("iex", asked)] if whole else []
    return [*(whole if interval is Interval.DAY else []), ("iex", asked)]


def listed(document: object, spelling: str) -> list[Row]:
    """The rows of one symbol; none where the vendor has none."""
    if not isinstance(document, Mapping):
        raise BadPayload("Alpaca's bars are not an object")
    found = document.get(spelling)
    if found is None:
        return []
    if not isinstance(found, list):
        raise BadPayload("Alpaca's answer holds no list of bars")
    return [row for row in found if isinstance(row, Mapping)]


def read(found: Sequence[Row], symbol: str, interval: Interval, now: datetime, delayed_by: int) -> Bars:
    """The columns of all rows with a time and four prices, rising; the last of two rows of one time counts."""
    by_start = {row[0]: row for one in found if (row := _row(one, symbol, interval)) is not None}
    if found and not by_start:
        raise BadPayload("not one row of Alpaca's bars has a time and prices")
    values = np.array([by_start[start] for start in sorted(by_start)], np.float64).reshape(-1, len(COLUMNS)).T
    bars = Bars(
        symbol=symbol, interval=interval, vendor=VENDOR, start=values[0].astype(np.int64), open=values[1],
        high=values[2], low=values[3], close=values[4], volume=values[5],
        adjusted=symbols.kind(symbol) is Kind.SHARE,
    )  # fmt: skip
    return replace(bars, last_is_partial=_is_running(bars, now, delayed_by))


def within(bars: Bars, start: datetime, end: datetime) -> Bars:
    """Only the bars that start in [start, end)."""
    keep = (bars.start >= start.timestamp()) & (bars.start < end.timestamp())
    partial = bars.last_is_partial and bool(keep[-1])
    return replace(bars, last_is_partial=partial, **{name: getattr(bars, name)[keep] for name in COLUMNS})


def _row(row: Row, symbol: str, interval: Interval) -> tuple[float, ...] | None:
    at = instant(row.get("t"))
    prices = [price(row.get(name)) for name in "ohlc"]
    if at is None or None in prices:
        return None
    if interval is Interval.DAY:
        at = datetime.combine(day(symbol, at), time(), UTC)
    volume = amount(row.get("v"))
    return int(at.timestamp()), *(one for one in prices if one is not None), np.nan if volume is None else volume


def _is_running(bars: Bars, now: datetime, delayed_by: int) -> bool:
    if not len(bars):
        return False
    last = datetime.fromtimestamp(int(bars.start[-1]), UTC)
    ends = last + bars.interval.length
    if bars.interval is Interval.DAY and symbols.kind(bars.symbol) is not Kind.CRYPTO:
        ends = datetime.combine(last.date(), LATE_TRADING_ENDS, NEW_YORK)
    elif bars.interval is Interval.DAY:
        # Alpaca's crypto day begins at midnight in Chicago.
        ends += timedelta(hours=6)
    return now < ends + SETTLING + timedelta(seconds=delayed_by)
