"""Bars and chain summaries as the judge saw them: each change is one more row, so every earlier view can be had again.

`run` numbers the judge's turns. A view of a turn holds, of each bar, the last row up to that turn.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from django.db import connection

from marketdata.domain import Bars, Interval
from marketdata.store import columns
from options.domain import ChainSummary
from signals.hashing import digest

COLUMNS = ("open", "high", "low", "close", "volume")


def next_run(market: str, interval: Interval) -> int:
    """Begin a turn: wait for the one that runs, if any; ours lasts to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('judge'), hashtext(%s))", [f"{market} {interval}"])
        cursor.execute("SELECT nextval('judge_run')")
        return int(cursor.fetchone()[0])


def seen(
    symbols: Sequence[str], interval: Interval, market: str, before: datetime, count: int, run: int | None = None
) -> dict[str, Bars]:
    """The last `count` bars that start before `before` as they were known in a turn (None: the last)."""
    upto = 2**62 if run is None else run
    with columns.cursor() as cursor:
        cursor.execute(_SEEN, [list(set(symbols)), interval.value, market, before, upto, count])
        return {row[0]: _bars(row, interval) for row in cursor}


def see(windows: Mapping[str, Bars], interval: Interval, market: str, run: int, now: datetime) -> int:
    """Write the bars that are new or differ from what was seen before (`changes`); returns how many."""
    rows = [(symbol, one) for symbol, one in windows.items() if len(one)]
    if not rows:
        return 0
    length = [len(one) for _, one in rows]
    symbols = np.repeat(np.array([symbol for symbol, _ in rows], object), length).tolist()
    vendors = np.repeat(np.array([one.vendor for _, one in rows], object), length).tolist()
    given = [columns.texts(symbols), columns.seconds(np.concatenate([one.start for _, one in rows]))]
    given += [columns.floats(np.concatenate([getattr(one, name) for _, one in rows])) for name in COLUMNS]
    with columns.cursor() as cursor:
        cursor.execute(_SEE, [interval.value, market, run, now, market == "simulated", *given, columns.texts(vendors)])
        return cursor.rowcount


def see_summaries(summaries: Sequence[ChainSummary], run: int, now: datetime) -> None:
    """Write the summaries that are new or differ from what was seen before."""
    rows = [
        {
            "underlying": one.underlying, "market": one.market, "session": one.session, "run": run, "seen_at": now,
            "digest": digest(one), "summary": one,
        }
        for one in summaries
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SEE_SUMMARIES, [msgspec.json.encode(rows).decode()])


def seen_summaries(
    underlyings: Sequence[str], market: str, before: datetime, count: int, run: int | None = None
) -> dict[str, tuple[ChainSummary, ...]]:
    """The summaries of the last `count` sessions, oldest first, taken up to `before`, as known in a turn."""
    upto = 2**62 if run is None else run
    with connection.cursor() as cursor:
        cursor.execute(_SEEN_SUMMARIES, [list(underlyings), market, upto, before, count])
        found: dict[str, tuple[ChainSummary, ...]] = {}
        for underlying, text in cursor.fetchall():
            found[underlying] = (_SUMMARY.decode(text), *found.get(underlying, ()))
    return found


def _bars(row: Sequence[Any], interval: Interval) -> Bars:
    symbol, start, opened, high, low, close, volume, simulated = row
    return Bars(
        symbol=str(symbol), interval=interval, vendor="", start=start, open=opened, high=high, low=low,
        close=close, volume=volume, adjusted=True,
        simulated=bool(simulated),
    )  # fmt: skip


_SUMMARY = msgspec.json.Decoder(ChainSummary)
# Each symbol's rows are gathered by themselves, and in a told order: a group keeps none by itself.
_SEEN = """
SELECT wanted.symbol, one.* FROM unnest(%s::text[]) AS wanted(symbol) CROSS JOIN LATERAL (
    SELECT array_agg(extract(epoch FROM start)::bigint ORDER BY start) AS starts, array_agg(open ORDER BY start),
           array_agg(high ORDER BY start), array_agg(low ORDER BY start), array_agg(close ORDER BY start),
           array_agg(coalesce(volume, 'NaN') ORDER BY start), bool_or(simulated)
    FROM (
        SELECT DISTINCT ON (start) start, open, high, low, close, volume, simulated FROM view_bar
        WHERE view_bar.symbol = wanted.symbol AND "interval" = %s AND market = %s AND start < %s AND run <= %s
        ORDER BY start DESC, run DESC LIMIT %s
    ) last
) one WHERE one.starts IS NOT NULL
"""
_SEE = """
INSERT INTO view_bar (symbol, start, open, high, low, close, volume, vendor,
                      "interval", market, run, seen_at, simulated)
SELECT symbol, start, open, high, low, close, NULLIF(volume, 'NaN'), vendor,
       %s::text, %s::text, %s::bigint, %s::timestamptz, %s::bool
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s) AS given(symbol, start, open, high, low, close, volume, vendor)
"""
_SEE_SUMMARIES = """
INSERT INTO view_summary (underlying, market, session, run, seen_at, digest, summary)
SELECT given.* FROM (
    SELECT underlying, market, session, run, seen_at, digest, summary
    FROM json_populate_recordset(NULL::view_summary, %s::json)
) given LEFT JOIN LATERAL (
    SELECT digest FROM view_summary known
    WHERE (known.underlying, known.market, known.session) = (given.underlying, given.market, given.session)
    ORDER BY run DESC LIMIT 1
) last ON TRUE WHERE last.digest IS DISTINCT FROM given.digest
"""
_SEEN_SUMMARIES = """
SELECT underlying, summary::text
FROM unnest(%s::text[]) AS wanted(symbol) CROSS JOIN LATERAL (
    SELECT * FROM (
        SELECT DISTINCT ON (session) underlying, session, summary FROM view_summary
        WHERE view_summary.underlying = wanted.symbol AND market = %s AND run <= %s ORDER BY session DESC, run DESC
    ) newest WHERE (summary ->> 'taken_at')::timestamptz <= %s ORDER BY session DESC LIMIT %s
) one
"""
