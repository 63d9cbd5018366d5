"""When a contract ends, and how long that is: the time in all formulas."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from marketdata import calendar

YEAR = timedelta(days=365)
LEAST = timedelta(hours=1)
"""Time that a contract of its last hours is taken to have: less would make its gamma a spike."""
CLOSE = time(16)


@lru_cache(maxsize=8192)
def expires_at(expiry: date, market: str) -> datetime:
    """The last close at or before the end of the expiry date: half days and the Saturdays of old contracts included.

    Index contracts that settle in the morning are taken to end at the close too, as in Cboe's own volatilities. Beyond
    the years whose sessions are known: 16:00 New York.
    """
    for back in range(5):
        day = expiry - timedelta(days=back)
        try:
            hours = calendar.hours(day, market)
        except calendar.OutOfCalendar:
            return datetime.combine(expiry, CLOSE, calendar.NEW_YORK).astimezone(UTC)
        if hours:
            return hours[1]
    return datetime.combine(expiry, CLOSE, calendar.NEW_YORK).astimezone(UTC)


def years(expiry: date, market: str, at: datetime) -> float:
    """Time from `at` to the end of the expiry in years of 365 days, at least an hour."""
    return max(expires_at(expiry, market) - at, LEAST) / YEAR
