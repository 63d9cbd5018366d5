"""The gap ledger: what became of every bar that should exist.

One row per page (a day of 1m bars, a year of 1d bars) holds three sets of instants: complete, partial, missing. What is
in none of them was never looked for. A bar once complete stays so: bars are never deleted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from psycopg.types.multirange import TimestamptzMultirange
from psycopg.types.range import Range

from marketdata.domain import Bars, Interval
from marketdata.store import columns

GRACE = timedelta(seconds=15)
"""Time after its end within which a bar may still come."""
STATES = ("complete", "partial", "missing")
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The ledger of one series in [start, end): spans of bar starts, each span [first, last + interval).

    `checked_at` is the last time that anybody looked; None where nobody ever did.
    """

    interval: Interval
    complete: tuple[Span, ...] = ()
    partial: tuple[Span, ...] = ()
    missing: tuple[Span, ...] = ()
    checked_at: datetime | None = None

    def count(self, state: str) -> int:
        """The number of bars in this state (complete, partial or missing)."""
        spans: tuple[Span, ...] = getattr(self, state)
        return sum((end - start) // self.interval.length for start, end in spans)

    def state(self, start: datetime) -> str | None:
        """The state of the bar that starts then; None if it was never looked for."""
        return next((state for state in STATES if any(a <= start < b for a, b in getattr(self, state))), None)


def record_coverage(
    symbol: str, interval: Interval, market: str, expected: Sequence[datetime], bars: Bars, now: datetime
) -> None:
    """Note for each expected bar (rising starts) whether `bars` has it; one that has not ended yet is not missing."""
    pages: dict[date, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for start, state in _states(expected, bars, interval, now):
        pages[_page(start, interval)][state].append(start)
    rows = [
        [symbol, interval.value, market, page, *(_ranges(found[state], interval.length) for state in STATES), now]
        for page, found in sorted(pages.items())
    ]
    with columns.cursor() as cursor:
        cursor.executemany(_MERGE, rows)


def coverage(symbol: str, interval: Interval, start: datetime, end: datetime, market: str) -> Coverage:
    """The ledger of the stored bars (1m, or 1d for days) that start in [start, end)."""
    stored = interval.stored
    with columns.cursor() as cursor:
        window = TimestamptzMultirange([Range(start, end)])
        cursor.execute(
            _READ,
            [window, window, window, symbol, stored.value, market, _page(start, stored), _page(end, stored)],
        )
        *sets, checked_at = cursor.fetchone() or (None, None, None, None)
    complete, partial, missing = (tuple(_spans(found or ())) for found in sets)
    return Coverage(stored, complete, partial, missing, checked_at)


def _states(
    expected: Iterable[datetime], bars: Bars, interval: Interval, now: datetime
) -> Iterator[tuple[datetime, str]]:
    there = set(bars.start.tolist())
    running = bars.start[-1] if len(bars) and bars.last_is_partial else None
    for start in expected:
        second = int(start.timestamp())
        if second in there:
            yield start, "partial" if second == running else "complete"
        elif start + interval.length + GRACE <= now:
            yield start, "missing"


def _page(start: datetime, interval: Interval) -> date:
    on = start.astimezone(UTC).date()
    return on.replace(month=1, day=1) if interval is Interval.DAY else on


def _ranges(starts: Sequence[datetime], length: timedelta) -> TimestamptzMultirange:
    """Neighbours become one range: a whole session of minutes costs as much as one."""
    runs = groupby(enumerate(starts), key=lambda pair: pair[1] - pair[0] * length)
    spans = [[start for _, start in run] for _, run in runs]
    return TimestamptzMultirange([Range(span[0], span[-1] + length) for span in spans])


def _spans(found: Iterable[Range[datetime]]) -> Iterator[Span]:
    for one in found:
        if one.lower is not None and one.upper is not None:
            yield one.lower.astimezone(UTC), one.upper.astimezone(UTC)


_MERGE = """
INSERT INTO coverage AS kept (symbol, "interval", market, page, complete, partial, missing, checked_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (symbol, "interval", market, page) DO UPDATE
SET complete = kept.complete + excluded.complete,
    partial = kept.partial + excluded.partial - kept.complete - excluded.complete,
    missing = kept.missing + excluded.missing - kept.complete - excluded.complete - kept.partial - excluded.partial,
    checked_at = greatest(kept.checked_at, excluded.checked_at)
"""
_READ = """
SELECT range_agg(complete * %s), range_agg(partial * %s), range_agg(missing * %s), max(checked_at)
FROM coverage WHERE symbol = %s AND "interval" = %s AND market = %s AND page BETWEEN %s AND %s
"""
