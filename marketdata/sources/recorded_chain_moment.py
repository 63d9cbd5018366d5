"""When the quotes of a recorded chain held: options trade in the regular session, whenever the file was written."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from marketdata import calendar

MARKET = "recorded"
LATE = frozenset({"SPX", "SPXW", "XSP", "NDX", "RUT", "VIX", "DJX", "SPY", "QQQ", "IWM", "DIA", "EEM", "EFA", "GLD"})
"""Underlyings whose options trade a quarter of an hour longer than their stock exchange (Cboe, trading hours)."""
QUARTER = timedelta(minutes=15)
LOOK_BACK = timedelta(days=10)


def held(at: datetime, underlying: str) -> tuple[date, datetime]:
    """The session whose quotes a chain shows that was taken at `at`, and until when they were quotes of then.

    After the close they stay as they were at the close; before the open they are those of the session before. Raises
    OutOfCalendar.
    """
    session = calendar.session_date(at, MARKET)
    opened, closed = _hours(session)
    if at < opened:
        session = before(session)
        closed = _hours(session)[1]
    return session, min(at, closed + late(underlying))


@lru_cache(maxsize=1024)
def close(session: date, underlying: str) -> tuple[date, datetime]:
    """The session of a date (the last one before, where it has none) and when its options stopped trading."""
    found = calendar.sessions(session - LOOK_BACK, session, MARKET)[-1]
    return found, _hours(found)[1] + late(underlying)


def before(session: date) -> date:
    """The session before one."""
    return calendar.sessions(session - LOOK_BACK, session - timedelta(days=1), MARKET)[-1]


@lru_cache(maxsize=1024)
def after(session: date) -> date:
    """The session after one."""
    return calendar.sessions(session + timedelta(days=1), session + LOOK_BACK, MARKET)[0]


def late(underlying: str) -> timedelta:
    """How long its options trade after the close of the stock exchange."""
    return QUARTER if underlying.removeprefix("^") in LATE else timedelta()


@lru_cache(maxsize=64)
def _hours(session: date) -> tuple[datetime, datetime]:
    found = calendar.hours(session, MARKET)
    if found is None:
        raise calendar.OutOfCalendar(f"{session} has no session")
    return found
