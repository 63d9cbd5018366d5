"""Which session each bar of a column belongs to, from its start alone.

US shares and indices trade 09:30 to 16:00 in New York; bars outside of that belong to no session. What never closes
(the simulated market, crypto, currencies) has the UTC date as its session.
"""

from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from marketdata.calendar import NEW_YORK
from marketdata.domain import Bars
from marketdata.symbols import Kind, kind

Ints = NDArray[np.int64]

DAY, HALF_DAY = 86_400, 43_200
OPEN, CLOSE = 34_200, 57_600
"""Seconds after midnight in New York."""
NONE = -1
_IN_NEW_YORK = (Kind.SHARE, Kind.INDEX)


def session_numbers(bars: Bars) -> Ints:
    """The session of each bar as a number that rises with the date; -1 where it belongs to none."""
    if bars.simulated or kind(bars.symbol) not in _IN_NEW_YORK:
        return bars.start // DAY
    local = bars.start + _offsets(bars.start)
    second = local % DAY
    return np.where((second >= OPEN) & (second < CLOSE), local // DAY, NONE)


def _offsets(start: Ints) -> Ints:
    """Seconds that New York is ahead of UTC at noon of each bar's UTC date: clocks change on Sundays."""
    days = start // DAY
    changed = np.flatnonzero(np.diff(days, prepend=days[0] - 1)) if len(days) else np.empty(0, np.int64)
    known = np.array([_offset(int(days[i])) for i in changed], np.int64)
    return np.repeat(known, np.diff(changed, append=len(days)))


@lru_cache(maxsize=4096)
def _offset(day: int) -> int:
    ahead = datetime.fromtimestamp(day * DAY + HALF_DAY, UTC).astimezone(NEW_YORK).utcoffset()
    return int(ahead.total_seconds()) if ahead is not None else 0
