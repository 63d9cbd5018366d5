"""What is missing of a series of bars: the calendar's expectation less what the gap ledger calls complete."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from marketdata import calendar, store
from marketdata.domain import Interval

SETTLES = 15.0
"""Seconds after its end within which a bar may still come."""
RUNNING = timedelta(minutes=2)
"""The end of a window that nobody lacks yet: the minute that settles and the one that runs."""
CHUNK = {Interval.MINUTE: timedelta(days=7), Interval.DAY: timedelta(days=366 * 50)}
"""The longest span that is asked of a vendor at once: for 1-minute bars what the strictest gives in one answer."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is wanted of one series: its stored bars (1m or 1d) that start in [start, end)."""

    symbol: str
    stored: Interval
    market: str
    start: datetime
    end: datetime

    @property
    def key(self) -> str:
        """The name of the series in Redis."""
        return f"{self.market}:{self.symbol}:{self.stored}"


@lru_cache(maxsize=16)
def expected(window: Window) -> NDArray[np.int64]:
    """The starts (epoch seconds) of all bars that the calendar expects."""
    starts = calendar.expected_bars(window.stored, window.start, window.end, window.market)
    return np.array([int(start.timestamp()) for start in starts], np.int64)


def lacking(window: Window, now: datetime) -> NDArray[np.int64]:
    """The expected starts (epoch seconds) that the ledger does not call complete; the running minute may wait."""
    starts = expected(window)
    if window.stored is Interval.MINUTE:
        starts = starts[starts + window.stored.length.total_seconds() + SETTLES <= now.timestamp()]
    known = store.coverage(window.symbol, window.stored, window.start, window.end, window.market)
    have = np.zeros(len(starts), np.bool_)
    for first, end in known.complete:
        have[np.searchsorted(starts, first.timestamp()) : np.searchsorted(starts, end.timestamp())] = True
    return starts[~have]


def chunks(starts: NDArray[np.int64], window: Window) -> Iterator[tuple[datetime, datetime]]:
    """Spans, of one question each, that hold all these starts; a window's last minutes come with the bar before."""
    longest = CHUNK[window.stored].total_seconds()
    while len(starts):
        within = starts[starts < starts[0] + longest]
        starts = starts[len(within) :]
        end = _instant(within[-1]) + window.stored.length
        yield _instant(within[0]), window.end if window.end - end <= RUNNING else end


def _instant(second: np.int64) -> datetime:
    return datetime.fromtimestamp(int(second), UTC)
