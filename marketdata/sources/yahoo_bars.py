"""Yahoo's bars: how far back it goes, which requests a range takes, and its table -> our columns."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Bars, Interval
from marketdata.sources.base import NoData
from marketdata.sources.yahoo_quotes import unit

REACH = {Interval.MINUTE: timedelta(days=30), Interval.HOUR: timedelta(days=730)}
OTHER_REACH = timedelta(days=60)
PER_REQUEST = {Interval.MINUTE: timedelta(days=7)}
MARGIN = timedelta(minutes=1)
FIRST_DAY = datetime(1927, 1, 1, tzinfo=UTC)
SETTLING = timedelta(seconds=15)
"""A bar may still change for this long after its end."""

FIELDS = ("start", "open", "high", "low", "close", "volume")
COLUMNS = ("Open", "High", "Low", "Close")


def requests(interval: Interval, start: datetime, end: datetime, now: datetime) -> Iterator[tuple[Any, Any]]:
    """The (start, end) of each request to yfinance for bars in [start, end); raises NoData out of Yahoo's reach."""
    if interval is Interval.DAY:
        first, last = _date(max(start, FIRST_DAY)), _date(min(end, now + timedelta(days=2)))
        if first < last:
            yield first, last
        return
    reach = REACH.get(interval, OTHER_REACH)
    earliest = now - reach + MARGIN
    if end <= earliest:
        raise NoData(f"Yahoo keeps {interval} bars for {reach.days} days; {end:%Y-%m-%d} is before that")
    step = PER_REQUEST.get(interval, reach)
    begin, end = max(start, earliest), min(end, now + MARGIN)
    while begin < end:
        yield begin, min(begin + step, end)
        begin += step


def _date(at: datetime) -> date:
    """The first session date whose midnight UTC is not before `at`."""
    at = at.astimezone(UTC)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight if midnight == at else midnight + timedelta(days=1)).date()


def read(frame: Any, meta: Mapping[str, Any], symbol: str, interval: Interval, now: datetime) -> Bars:
    """The columns of a history table; rows without a full set of prices are left out, as Yahoo pads with them."""
    start = _starts(frame.index, interval)
    _, divisor = unit(meta.get("currency"))
    prices = {name: _column(frame, name) / divisor for name in COLUMNS}
    volume = _column(frame, "Volume")
    if meta.get("instrumentType") == "CURRENCY":
        volume = np.full_like(volume, np.nan)
    good = np.logical_and.reduce([np.isfinite(column) & (column > 0) for column in prices.values()])
    if interval is not Interval.DAY:
        good &= start % 60 == 0
    bars = Bars(
        symbol=symbol, interval=interval, vendor="yahoo", start=start[good],
        open=prices["Open"][good], high=prices["High"][good], low=prices["Low"][good], close=prices["Close"][good],
        volume=np.where(volume >= 0, volume, np.nan)[good], adjusted=True,
    )  # fmt: skip
    bars = join([bars])
    return replace(bars, last_is_partial=_is_running(bars, meta, now))


def join(parts: list[Bars]) -> Bars:
    """The bars of several requests as one rising series without repetitions."""
    columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in FIELDS}
    _, first = np.unique(columns["start"], return_index=True)
    return replace(parts[-1], **{name: column[first] for name, column in columns.items()})


def within(bars: Bars, start: datetime, end: datetime) -> Bars:
    """Only the bars that start in [start, end)."""
    keep = (bars.start >= start.timestamp()) & (bars.start < end.timestamp())
    partial = bars.last_is_partial and bool(keep[-1])
    return replace(bars, last_is_partial=partial, **{name: getattr(bars, name)[keep] for name in FIELDS})


def none(symbol: str, interval: Interval) -> Bars:
    """No bars at all."""
    return Bars.of(symbol, interval, "yahoo", [])


def _starts(index: Any, interval: Interval) -> NDArray[np.int64]:
    if interval is Interval.DAY:
        index = index.tz_localize(None).normalize()
    seconds = index.tz_localize("UTC") if index.tz is None else index.tz_convert("UTC")
    return np.asarray(seconds.tz_localize(None).to_numpy().astype("datetime64[s]"), np.int64)


def _column(frame: Any, name: str) -> NDArray[np.float64]:
    return np.asarray(frame[name].to_numpy(dtype=np.float64, na_value=np.nan), np.float64)


def _is_running(bars: Bars, meta: Mapping[str, Any], now: datetime) -> bool:
    """Whether the last bar may still change: a daily one does until the regular session of its date is over."""
    if not len(bars):
        return False
    last = datetime.fromtimestamp(int(bars.start[-1]), UTC)
    ends = last + bars.interval.length
    if bars.interval is Interval.DAY:
        ends = _session_end(meta, last.date()) or ends
    return now < ends + SETTLING


def _session_end(meta: Mapping[str, Any], day: date) -> datetime | None:
    """The end of the regular session of that date, where Yahoo tells it (pandas' Timestamp is a datetime)."""
    periods = meta.get("currentTradingPeriod")
    regular = periods.get("regular") if isinstance(periods, Mapping) else None
    end = regular.get("end") if isinstance(regular, Mapping) else None
    return end if isinstance(end, datetime) and end.date() == day else None
