"""When a contract ends, and how long that is: the time in all formulas."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from marketdata import calendar

YEAR = timedelta(days=365)
LEAST = timedelta(hours=1)
"""Time that a contract of its last hours is taken to have: less would make its gamma a spike."""
CLOSE = time(16)
MORNING = frozenset({"SPX", "NDX", "RUT", "DJX", "VIX", "VIXW"})
"""Roots that settle by the opening prices of their expiry date (Cboe and Nasdaq, product specifications)."""


@lru_cache(maxsize=8192)
def expires_at(expiry: date, market: str, root: str = "") -> datetime:
    """The last close at or before the end of the expiry date: half days and the Saturdays of old contracts included.

    Of a `root` that settles in the morning it is the open: what a vendor still lists of it after that is settled, and
    no position. Beyond the years whose sessions are known: 16:00 New York.
    """
    settles = root in MORNING and market != calendar.ALWAYS_OPEN
    for back in range(5):
        day = expiry - timedelta(days=back)
        try:
            hours = calendar.hours(day, market)
        except calendar.OutOfCalendar:
            return datetime.combine(expiry, CLOSE, calendar.NEW_YORK).astimezone(UTC)
        if hours:
            return hours[0] if settles else hours[1]
    return datetime.combine(expiry, CLOSE, calendar.NEW_YORK).astimezone(UTC)


def years(expiry: date, market: str, at: datetime) -> float:
    """Time from `at` to the close of the expiry in years of 365 days, at least an hour.

    Also of contracts that settle in the morning, as in Cboe's own volatilities.
    """
    return max(expires_at(expiry, market) - at, LEAST) / YEAR
