"""Which expiries to ask for now: near ones every turn, far ones when they are the most overdue.

A source that pages through a range of dates is asked for many expiries at once; one that takes a request for each is
asked for as few as its budget allows. Either way the most overdue come first, measured in their own periods, so that
near expiries are seen often and no far one is forgotten.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

NEAR = timedelta(days=9)
NEAR_EVERY, FAR_EVERY, CLOSED_EVERY = timedelta(seconds=60), timedelta(minutes=15), timedelta(hours=12)
EARLY = timedelta(seconds=5)
"""A turn may come so much too early."""


def near(expiries: Collection[date], today: date) -> set[date]:
    """Those within nine days, and the nearest monthly one (the last in the week of a third Friday)."""
    soon = {one for one in expiries if today <= one <= today + NEAR}
    monthly = [one for one in sorted(expiries) if one >= today and _is_monthly(one, expiries)]
    return soon | set(monthly[:1])


def due(
    expiries: Sequence[date], asked: Mapping[date, datetime], now: datetime, today: date, most: int,
    closed: bool = False,
) -> tuple[tuple[date, date], ...]:  # fmt: skip
    """Ranges (first, last) that hold the at most `most` expiries to ask for now; neighbours in the list are one range.

    `asked`: when each was last asked for; what never was comes first, the nearest before the farther. While the market
    is `closed` nothing changes, and each is asked for twice a day.
    """
    open_ones = sorted(one for one in set(expiries) if one >= today)
    often = near(open_ones, today)
    far = CLOSED_EVERY if closed else FAR_EVERY
    every = {one: NEAR_EVERY if one in often and not closed else far for one in open_ones}
    overdue = {one: _overdue(asked.get(one), now, every[one]) for one in open_ones}
    wanted = sorted((one for one in open_ones if overdue[one] >= 1), key=lambda one: (-overdue[one], one))
    return _ranges(open_ones, set(wanted[:most]))


def _overdue(at: datetime | None, now: datetime, every: timedelta) -> float:
    """Periods since it was asked for; infinite for what never was, or only by a clock that was turned back since."""
    return float("inf") if at is None or at > now else (now - at + EARLY) / every


def _ranges(listed: Sequence[date], chosen: set[date]) -> tuple[tuple[date, date], ...]:
    found: list[tuple[date, date]] = []
    before: date | None = None
    for one in listed:
        if one in chosen:
            found = [*found[:-1], (found[-1][0], one)] if before in chosen and found else [*found, (one, one)]
        before = one
    return tuple(found)


def _is_monthly(day: date, listed: Collection[date]) -> bool:
    """A Friday from the 15th to the 21st, or the Thursday before it, where that Friday is a holiday."""
    friday = day + timedelta(days=1)
    before_holiday = day.weekday() == 3 and friday not in listed and 15 <= friday.day <= 21
    return before_holiday or (day.weekday() == 4 and 15 <= day.day <= 21)
