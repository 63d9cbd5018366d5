"""Numbers and times of Interactive Brokers' library. Pure: whatever stands there, a value or None comes out."""

import math
from datetime import UTC, datetime

VENDOR = "ib"
DELAY = 900
"""Seconds by which the free data run behind."""
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
FEEDS: dict[int, tuple[str, int | None]] = {
    1: ("realtime", 0), 2: ("frozen", None), 3: ("delayed", DELAY), 4: ("delayed_frozen", None),
}  # fmt: skip
"""Market data type -> the feed's name and its delay in seconds (frozen: nobody says since when)."""


def number(value: object) -> float | None:
    """A finite number: the library writes NaN for what has not come, 1.79e308 for what is not set."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) and abs(found) < 1e300 else None


def price(value: object, magnifier: int = 1) -> float | None:
    """A number above 0 in the currency itself: -1 means that nobody quotes."""
    found = number(value)
    if found is None or found <= 0:
        return None
    # A division must not add digits that the vendor never gave; what it leaves nothing of is no price.
    return found if magnifier == 1 else round(found / magnifier, 9) or None


def amount(value: object) -> float | None:
    """A number that is not negative: -1 means that there is no such thing."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def greek(value: object) -> float | None:
    """A Greek: -2 means that it was not computed (both libraries let it pass for vega and theta)."""
    found = number(value)
    return None if found == -2.0 else found


def instant(value: object) -> datetime | None:
    """An aware time in UTC; one without its zone could be any and is none."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    try:
        found = value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return found if found >= FIRST else None
