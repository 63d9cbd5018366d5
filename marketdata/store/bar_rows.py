"""Bars: 1m and 1d stored, the other intervals folded from them on read."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from marketdata.actions import Adjust
from marketdata.domain import Bars, Interval
from marketdata.store import bar_table, columns
from marketdata.store.action_rows import actions

_OPEN = datetime(2000, 1, 3, 14, 30, tzinfo=UTC)
"""An opening bell (09:30 in New York): hours of US shares run 09:30-10:30 and so on, in summer and winter alike."""
_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)
_PRICES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class BarsSaved:
    """How many rows were written, and the starts (epoch seconds) of the bars that are complete since now."""

    written: int
    closed: NDArray[np.int64]


def save_bars(bars: Bars, market: str, basis: date | None = None) -> int:
    """Write 1m or 1d bars; returns how many rows changed. A complete bar is never replaced by a partial one."""
    return write_bars(bars, market, basis).written


def write_bars(bars: Bars, market: str, basis: date | None = None) -> BarsSaved:
    """Write 1m or 1d bars, and tell which of them are newly complete; raises ValueError for other intervals.

    `basis`: the date up to which splits are in the prices; None where they are as they traded.
    """
    if bars.interval is not bars.interval.stored:
        raise ValueError(f"{bars.interval} bars are not stored: store {bars.interval.stored} bars, they fold on read")
    if not len(bars):
        return BarsSaved(0, np.empty(0, np.int64))
    partial = np.zeros(len(bars), np.bool_)
    partial[-1] = bars.last_is_partial
    prices = [columns.floats(getattr(bars, name)) for name in _PRICES]
    key = [bars.symbol, bars.interval.value, market]
    given = [columns.seconds(bars.start), *prices, columns.booleans(partial)]
    with columns.cursor() as cursor:
        cursor.execute(_SAVE, [*given, *key, *key, bars.vendor, bars.adjusted, basis, bars.simulated])
        written, closed = cursor.fetchone() or (0, None)
    return BarsSaved(int(written), np.empty(0, np.int64) if closed is None else np.sort(closed))


def bars(
    symbol: str,
    interval: Interval,
    start: datetime,
    end: datetime,
    market: str,
    now: datetime | None = None,
    adjust: Adjust = Adjust.SPLITS,
) -> Bars:
    """The bars that start in [start, end), folded from the stored ones where the interval asks for it.

    Folded bars align to the session's open (09:30 in New York; midnight UTC where the market never closes). The last
    one is partial if its last stored bar is, or if it still runs at `now` (default: the real time). Prices and volumes
    are in today's shares unless `adjust` says otherwise.
    """
    asked = {
        "symbol": symbol, "interval": interval.stored.value, "market": market, "start": start, "end": end,
        "length": interval.length, "origin": _MIDNIGHT if market == "simulated" else _OPEN,
    }  # fmt: skip
    known = actions(symbol, market)
    query = (_READ if interval is interval.stored else _FOLD).format(bar=bar_table.adjusted(adjust) if known else "bar")
    with columns.cursor() as cursor:
        cursor.execute(query, asked | (bar_table.steps(known, interval.stored) if known else {}))
        first, *prices, vendors, adjusted, simulated, partial = cursor.fetchone() or [None] * 10
    starts = np.empty(0, np.int64) if first is None else first
    prices = [np.empty(0) if column is None else column for column in prices]
    return Bars(
        symbol=symbol, interval=interval, vendor="+".join(vendors or ()), start=starts,
        **dict(zip(_PRICES, prices, strict=True)), adjusted=bool(adjusted), simulated=bool(simulated),
        last_is_partial=bool(partial) or _runs(starts, interval, now or datetime.now(UTC)),
    )  # fmt: skip


def _runs(starts: NDArray[np.int64], interval: Interval, now: datetime) -> bool:
    folded = interval is not interval.stored
    return folded and len(starts) > 0 and int(starts[-1]) + interval.length.total_seconds() > now.timestamp()


_SAVE = """
WITH given AS MATERIALIZED (
    SELECT start, open, high, low, close, NULLIF(volume, 'NaN') AS volume, partial
    FROM unnest(%s, %s, %s, %s, %s, %s, %s) AS t(start, open, high, low, close, volume, partial)
), before AS MATERIALIZED (
    SELECT start FROM bar JOIN given USING (start)
    WHERE symbol = %s AND "interval" = %s AND market = %s AND NOT bar.partial
), fresh AS (
    INSERT INTO bar (start, open, high, low, close, volume, partial,
                     symbol, "interval", market, vendor, adjusted, basis, simulated)
    SELECT given.*, %s::text, %s::text, %s::text, %s::text, %s::bool, %s::date, %s::bool FROM given ORDER BY start
    ON CONFLICT (symbol, "interval", market, start) DO UPDATE
    SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume, partial = excluded.partial, vendor = excluded.vendor,
        adjusted = excluded.adjusted, basis = excluded.basis, simulated = excluded.simulated
    WHERE (bar.partial OR NOT excluded.partial)
    AND (bar.open, bar.high, bar.low, bar.close, bar.volume, bar.partial, bar.vendor, bar.adjusted)
        IS DISTINCT FROM (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume,
                          excluded.partial, excluded.vendor, excluded.adjusted)
    RETURNING start, partial
)
SELECT count(*), array_agg(extract(epoch FROM start)::bigint)
    FILTER (WHERE NOT partial AND start NOT IN (SELECT start FROM before))
FROM fresh
"""
# Each in a told order: beside an aggregate that is DISTINCT the others get the rows as that one wants them.
_COLUMNS = """
SELECT array_agg(extract(epoch FROM start)::bigint ORDER BY start), array_agg(open ORDER BY start),
       array_agg(high ORDER BY start), array_agg(low ORDER BY start), array_agg(close ORDER BY start),
       array_agg(coalesce(volume, 'NaN') ORDER BY start),
       array_agg(DISTINCT vendor),
       bool_or(adjusted), bool_or(simulated), (array_agg(partial ORDER BY start))[count(*)]
"""
_WHERE = """WHERE symbol = %(symbol)s AND "interval" = %(interval)s AND market = %(market)s"""
_READ = f"""
{_COLUMNS} FROM (
    SELECT start, open, high, low, close, volume, vendor, adjusted, simulated, partial
    FROM {{bar}} {_WHERE} AND start >= %(start)s AND start < %(end)s ORDER BY start
) ordered
"""
_FOLD = f"""
{_COLUMNS} FROM (
    SELECT date_bin(%(length)s, start, %(origin)s) AS start, (array_agg(open ORDER BY start))[1] AS open,
           max(high) AS high, min(low) AS low, (array_agg(close ORDER BY start DESC))[1] AS close,
           sum(volume) AS volume, max(vendor) AS vendor, bool_or(adjusted) AS adjusted, bool_or(simulated) AS simulated,
           bool_or(partial) AS partial
    FROM {{bar}} {_WHERE} AND start >= %(start)s AND start < %(end)s + %(length)s GROUP BY 1 ORDER BY 1
) ordered WHERE start >= %(start)s AND start < %(end)s
"""
