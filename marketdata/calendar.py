"""When a market trades: sessions, holidays, half days and extended hours.

The live and the recorded market follow the New York Stock Exchange (exchange_calendars, XNYS); the simulated market
never closes and its trading day is the UTC date. All sessions are computed once into rising columns, so asking for the
session of an instant costs microseconds and no pandas.
"""

import warnings
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from marketdata.domain import Interval, Session

NEW_YORK = ZoneInfo("America/New_York")
FIRST_YEAR = 1990
ALWAYS_OPEN = "simulated"
MARKETS = ("live", "simulated", "recorded")
_PRE, _POST, _HALF_DAY_POST, _FULL_DAY_CLOSE = time(4), time(20), time(17), time(16)


class OutOfCalendar(ValueError):
    """The date lies outside the years for which sessions are known."""


@dataclass(frozen=True, slots=True)
class _Sessions:
    """One row per session, rising: its date, and epoch seconds of the four boundaries of its day."""

    dates: list[date]
    pre: list[int]
    open: list[int]
    close: list[int]
    post: list[int]


def session(at: datetime, market: str) -> Session:
    """The phase of the trading day: pre 04:00-09:30, regular, post 16:00-20:00 ET (half day: 13:00-17:00)."""
    if _never_closes(market):
        return Session.ALWAYS
    table, i, second = _locate(at)
    if second >= table.post[i]:
        return Session.CLOSED
    if second >= table.close[i]:
        return Session.POST
    return Session.REGULAR if second >= table.open[i] else Session.PRE


def session_date(at: datetime, market: str) -> date:
    """The date of the session that runs at `at` (extended hours included), or of the last one before it."""
    if _never_closes(market):
        return at.astimezone(UTC).date()
    table, i, _ = _locate(at)
    return table.dates[i]


def is_open(at: datetime, market: str) -> bool:
    """Whether the regular session runs (the simulated market: always)."""
    return session(at, market) in (Session.REGULAR, Session.ALWAYS)


def next_open(at: datetime, market: str) -> datetime | None:
    """The first regular open after `at`; None where the market never closes."""
    if _never_closes(market):
        return None
    table, _, second = _locate(at)
    return _instant(table.open[bisect_right(table.open, second)])


def next_close(at: datetime, market: str) -> datetime | None:
    """The first regular close after `at`; None where the market never closes."""
    if _never_closes(market):
        return None
    table, _, second = _locate(at)
    return _instant(table.close[bisect_right(table.close, second)])


def sessions(start: date, end: date, market: str) -> list[date]:
    """The session dates from `start` to `end`, both included."""
    if _never_closes(market):
        return [start + timedelta(days=i) for i in range((end - start).days + 1)]
    table = _new_york(_year())
    _check(table, start)
    _check(table, end)
    return table.dates[bisect_left(table.dates, start) : bisect_right(table.dates, end)]


def hours(day: date, market: str) -> tuple[datetime, datetime] | None:
    """Open and close of the regular session of a date; None on a date without one."""
    if _never_closes(market):
        midnight = datetime.combine(day, time(), UTC)
        return midnight, midnight + timedelta(days=1)
    table = _new_york(_year())
    _check(table, day)
    i = bisect_left(table.dates, day)
    return (_instant(table.open[i]), _instant(table.close[i])) if table.dates[i] == day else None


def expected_bars(interval: Interval, start: datetime, end: datetime, market: str) -> list[datetime]:
    """The starts in [start, end) of all bars that a regular session should have; daily bars: 00:00 UTC of each date."""
    if end <= start:
        return []
    days = sessions(start.astimezone(UTC).date() - timedelta(days=1), end.astimezone(UTC).date(), market)
    if interval is Interval.DAY:
        starts = (datetime.combine(day, time(), UTC) for day in days)
    else:
        starts = (at for day in days for at in _starts(day, interval, market))
    return [at for at in starts if start <= at < end]


def _starts(day: date, interval: Interval, market: str) -> list[datetime]:
    opened, closed = hours(day, market) or (None, None)
    if opened is None or closed is None:
        return []
    length = interval.length
    return [opened + i * length for i in range(-((opened - closed) // length))]


def _never_closes(market: str) -> bool:
    if market not in MARKETS:
        raise ValueError(f"there is no market {market!r}: choose one of {', '.join(MARKETS)}")
    return market == ALWAYS_OPEN


def _locate(at: datetime) -> tuple[_Sessions, int, float]:
    """The last session whose pre-market began at or before `at`."""
    if at.tzinfo is None:
        raise ValueError("the instant has no time zone: give an aware datetime")
    table, second = _new_york(_year()), at.timestamp()
    i = bisect_right(table.pre, second) - 1
    if i < 0 or second >= table.post[-1]:
        raise _outside(table, at.date())
    return table, i, second


def _check(table: _Sessions, day: date) -> None:
    if not date(FIRST_YEAR, 1, 1) <= day <= table.dates[-1]:
        raise _outside(table, day)


def _outside(table: _Sessions, day: date) -> OutOfCalendar:
    return OutOfCalendar(f"{day} is outside the trading calendar, which holds {table.dates[0]} to {table.dates[-1]}")


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _year() -> int:
    return datetime.now(UTC).year


@lru_cache(maxsize=2)
def _new_york(year: int) -> _Sessions:
    """All sessions from 1990 to the end of the year after `year`."""
    import exchange_calendars  # here, because it brings pandas: seconds that the simulated market does not need

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its own use of pandas 3.1, not ours
        calendar = exchange_calendars.get_calendar("XNYS", start=f"{FIRST_YEAR}-01-01", end=f"{year + 1}-12-31")
    dates: list[date] = [stamp.date() for stamp in calendar.sessions]
    opens, closes = (calendar.opens_nanos // 10**9).tolist(), (calendar.closes_nanos // 10**9).tolist()
    pre = [_local(day, _PRE) for day in dates]
    post = [
        _local(d, _POST if close >= _local(d, _FULL_DAY_CLOSE) else _HALF_DAY_POST)
        for d, close in zip(dates, closes, strict=True)
    ]
    return _Sessions(dates=dates, pre=pre, open=opens, close=closes, post=post)


def _local(day: date, at: time) -> int:
    return int(datetime.combine(day, at, NEW_YORK).timestamp())
