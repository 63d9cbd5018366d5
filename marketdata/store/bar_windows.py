"""The last bars of many symbols, in one question."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from marketdata.domain import Bars, Interval
from marketdata.store import columns
from marketdata.store.action_rows import splits
from marketdata.store.bar_rows import bars


def windows(symbols: Sequence[str], interval: Interval, market: str, before: datetime, count: int) -> dict[str, Bars]:
    """The last `count` complete stored bars (1m or 1d) that start before `before`, in today's shares; a symbol without
    any is left out."""
    with columns.cursor() as cursor:
        cursor.execute(_READ, [list(set(symbols)), interval.value, market, before, count])
        found = {row[0]: _bars(row, interval) for row in cursor}
    split = _split_since(found, market)
    return {symbol: _restated(one, market, before, count) if symbol in split else one for symbol, one in found.items()}


def last_starts(symbols: Sequence[str], interval: Interval, market: str, before: datetime) -> dict[str, datetime]:
    """The start of the last complete bar of each symbol that has one before `before`."""
    with columns.cursor() as cursor:
        cursor.execute(_LAST, [list(symbols), interval.value, market, before])
        return {symbol: start.astimezone(UTC) for symbol, start in cursor if start is not None}


def _bars(row: Sequence[Any], interval: Interval) -> Bars:
    symbol, start, opened, high, low, close, volume, vendors, simulated = row
    return Bars(
        symbol=str(symbol), interval=interval, vendor="+".join(vendors), start=start, open=opened,
        high=high, low=low, close=close, volume=volume, adjusted=True,
        simulated=bool(simulated),
    )  # fmt: skip


def _split_since(found: dict[str, Bars], market: str) -> set[str]:
    """Splits since the window began change its prices; older ones have been in them from the start."""
    if not found:
        return set()
    first = {symbol: datetime.fromtimestamp(int(one.start[0]), UTC).date() for symbol, one in found.items()}
    known = splits(market, min(first.values()))
    return {symbol for symbol, since in first.items() if any(one.ex_date >= since for one in known.get(symbol, ()))}


def _restated(one: Bars, market: str, before: datetime, count: int) -> Bars:
    whole = bars(one.symbol, one.interval, datetime.fromtimestamp(int(one.start[0]), UTC), before, market)
    # A running bar is no part of a window.
    kept = np.isin(whole.start, one.start)
    cut = {name: getattr(whole, name)[kept][-count:] for name in ("start", "open", "high", "low", "close", "volume")}
    return Bars(
        symbol=one.symbol, interval=one.interval, vendor=one.vendor, adjusted=True, simulated=one.simulated, **cut
    )


# Each symbol's rows are gathered by themselves, and in a told order: a group keeps none by itself, and neither does
# an aggregate beside one that is DISTINCT.
_READ = """
SELECT wanted.symbol, one.* FROM unnest(%s::text[]) AS wanted(symbol) CROSS JOIN LATERAL (
    SELECT array_agg(extract(epoch FROM start)::bigint ORDER BY start) AS starts, array_agg(open ORDER BY start),
           array_agg(high ORDER BY start), array_agg(low ORDER BY start), array_agg(close ORDER BY start),
           array_agg(coalesce(volume, 'NaN') ORDER BY start), array_agg(DISTINCT vendor), bool_or(simulated)
    FROM (
        SELECT start, open, high, low, close, volume, vendor, simulated FROM bar
        WHERE bar.symbol = wanted.symbol AND "interval" = %s AND market = %s AND start < %s AND NOT partial
        ORDER BY start DESC LIMIT %s
    ) last
) one WHERE one.starts IS NOT NULL
"""
_LAST = """
SELECT wanted.symbol, one.start FROM unnest(%s::text[]) AS wanted(symbol) CROSS JOIN LATERAL (
    SELECT start FROM bar
    WHERE bar.symbol = wanted.symbol AND "interval" = %s AND market = %s AND start < %s AND NOT partial
    ORDER BY start DESC LIMIT 1
) one
"""
