"""Binance's candles, as ccxt tells them -> our columns. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from marketdata.domain import Bars, Interval
from marketdata.sources.base import BadPayload, Unsupported
from marketdata.sources.binance_quotes import MILLI, VENDOR, told
from marketdata.sources.fields import amount

FIRST, LAST = datetime(2017, 7, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Binance opened in the first of these months."""
SETTLING = timedelta(seconds=15)
"""A bar may still change for this long after its end."""
COLUMNS = 6

Candle = tuple[int, float, float, float, float, float]


def span(interval: Interval, start: datetime, end: datetime, now: datetime) -> tuple[int, int]:
    """The milliseconds of the first and behind the last bar to ask for; raises Unsupported."""
    if interval is Interval.TWO_MINUTES:
        raise Unsupported("Binance has no bars of two minutes")
    step = int(interval.length.total_seconds()) * MILLI
    first, last = (int(at.timestamp() * MILLI) for at in (max(start, FIRST), min(end, now)))
    return -(-first // step) * step, last


def candles(rows: object) -> list[Candle]:
    """The rows with a time and four prices; raises BadPayload where there is none among some."""
    if not isinstance(rows, list):
        raise BadPayload("Binance's answer holds no list of bars")
    found = [one for row in rows if (one := _candle(row)) is not None]
    if rows and not found:
        raise BadPayload("not one row of Binance's bars has a time and prices")
    return found


def read(found: Sequence[Candle], symbol: str, interval: Interval, now: datetime) -> Bars:
    """The columns, rising; the last of two rows of one time counts."""
    by_start = {row[0] // MILLI: row for row in found}
    rows = [(start, *by_start[start][1:]) for start in sorted(by_start)]
    values = np.array(rows, np.float64).reshape(-1, COLUMNS).T
    bars = Bars(
        symbol=symbol, interval=interval, vendor=VENDOR, start=values[0].astype(np.int64), open=values[1],
        high=values[2], low=values[3], close=values[4], volume=values[5],
    )  # fmt: skip
    ends = datetime.fromtimestamp(int(bars.start[-1]), UTC) + interval.length + SETTLING if rows else now
    return replace(bars, last_is_partial=now < ends)


def _candle(row: object) -> Candle | None:
    if not isinstance(row, list) or len(row) < COLUMNS:
        return None
    start, *prices = (told(value) for value in row[:5])
    if start is None or not FIRST.timestamp() <= start / MILLI < LAST.timestamp() or start % (60 * MILLI):
        return None
    whole = [value for value in prices if value is not None]
    volume = amount(row[5])
    return (int(start), *whole, np.nan if volume is None else volume) if len(whole) == len(prices) else None  # type: ignore[return-value]
