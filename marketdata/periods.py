"""The periods of history that can be asked for: where each begins, and which intervals go with it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from marketdata import calendar
from marketdata.actions import Adjust
from marketdata.domain import Interval

Choice = TypeVar("Choice", bound=StrEnum)


class Impossible(ValueError):
    """A period or an interval that does not exist, or a pair that does not go together; `allowed` would do."""

    def __init__(self, code: str, message: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{message} Choose one of {', '.join(allowed)}.")
        self.code = code
        self.allowed = tuple(str(one) for one in allowed)


class Period(StrEnum):
    """How far back: trading sessions (D), calendar months (M) and years (Y), or all there is."""

    SESSION = "1D"
    FIVE_SESSIONS = "5D"
    MONTH = "1M"
    THREE_MONTHS = "3M"
    SIX_MONTHS = "6M"
    YEAR = "1Y"
    FIVE_YEARS = "5Y"
    MAX = "MAX"


INTERVALS: dict[Period, tuple[Interval, ...]] = {
    # Vendors keep 1-minute bars, from which the others are folded, for about a month.
    **dict.fromkeys(Period, (Interval.DAY,)),
    Period.SESSION: tuple(Interval),
    Period.FIVE_SESSIONS: tuple(Interval),
    Period.MONTH: tuple(Interval)[2:],
}
DEFAULTS: dict[Period, Interval] = {
    **dict.fromkeys(Period, Interval.DAY),
    Period.SESSION: Interval.MINUTE,
    Period.FIVE_SESSIONS: Interval.FIVE_MINUTES,
    Period.MONTH: Interval.HOUR,
}
_SESSIONS = {Period.SESSION: 1, Period.FIVE_SESSIONS: 5}
_MONTHS = {Period.MONTH: 1, Period.THREE_MONTHS: 3, Period.SIX_MONTHS: 6, Period.YEAR: 12, Period.FIVE_YEARS: 60}
FIRST = date(1990, 1, 2)
"""Where MAX begins: the calendar knows no sessions before."""


def choose(period: str, interval: str | None) -> tuple[Period, Interval]:
    """What was asked for, in any case of letters; raises Impossible."""
    chosen = _member(Period, period, period.upper(), "unknown-period", "There is no period")
    if interval is None:
        return chosen, DEFAULTS[chosen]
    length = _member(Interval, interval, interval.lower(), "unknown-interval", "There is no interval")
    if length not in INTERVALS[chosen]:
        raise Impossible("impossible-interval", f"Period {chosen} has no bars of {length}.", INTERVALS[chosen])
    return chosen, length


def adjusting(adjust: str | None) -> Adjust:
    """How the bars are to be adjusted, in any case of letters; raises Impossible."""
    return _member(Adjust, adjust, adjust.lower(), "unknown-adjustment", "There is no way") if adjust else Adjust.SPLITS


def first_session(period: Period, today: date, market: str) -> date:
    """The date with which the period begins that ends with the session of `today`."""
    if period is Period.MAX:
        return FIRST
    if period in _MONTHS:
        return max(FIRST, months_before(today, _MONTHS[period]))
    wanted = _SESSIONS[period]
    return calendar.sessions(today - timedelta(days=7 + 2 * wanted), today, market)[-wanted]


def midnight(day: date, interval: Interval, market: str) -> datetime:
    """Where the bars of a session may begin: midnight in its own time zone (daily bars: 00:00 UTC of its date)."""
    utc = interval is Interval.DAY or market == calendar.ALWAYS_OPEN
    return datetime.combine(day, time(), UTC if utc else calendar.NEW_YORK).astimezone(UTC)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _member(kind: type[Choice], given: str, spelling: str, code: str, message: str) -> Choice:
    try:
        return kind(spelling)
    except ValueError:
        raise Impossible(code, f"{message} {given[:16]!r}.", list(kind)) from None
