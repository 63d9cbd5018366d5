"""Chains: the history within a session, and the last of each session, written together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from marketdata.store import columns
from marketdata.store.partitions import day, ensure_days
from options.domain import Analysis, Chain, Floats
from options.expiring import expires_at
from options.store import packing
from options.store.memory import newest
from options.store.packing import Key

SNAPSHOTS = "option_snapshot"
REACH = timedelta(days=7)
"""How old a part of the chain may be to be shown beside newer ones."""


def write(analysis: Analysis, own: Floats, fresh: Collection[Key] | None = None) -> int:
    """Write the parts of a chain that are `fresh` (None: all); returns how many are newer than what was there.

    A snapshot that is known stays as it is; a session's last one only ever moves forward in time.
    """
    chosen = [part for part in packing.parts(analysis.chain) if fresh is None or part.key in fresh]
    if not chosen:
        return 0
    slices = {(one.root, one.expiry): one for one in analysis.slices}
    ensure_days({day(analysis.chain.taken_at)}, SNAPSHOTS)
    with columns.cursor() as cursor:
        cursor.executemany(_SNAPSHOT, [packing.snapshot(analysis, part) for part in chosen])
        cursor.executemany(
            _SESSION, [packing.session(analysis, part, slices.get(part.key), own) for part in chosen], returning=False
        )
        return max(0, cursor.rowcount)


def current(
    underlying: str, market: str, session: date, without: Collection[Key] = ()
) -> tuple[Chain | None, dict[Key, datetime]]:
    """What is known at a session of the parts that are not in `without`, and when each of them was told.

    Volumes of earlier sessions are not told.
    """
    found = [row for row in _read(underlying, market, session) if (row["root"], row["expiry"]) not in without]
    told = {(row["root"], row["expiry"]): packing.instant(row["taken_at"]) for row in found}
    return (packing.chain(found, session) if found else None), told


def rows(underlying: str, market: str, session: date, expiry: date | None = None) -> list[dict[str, Any]]:
    """The newest row of each root and expiry, by root and expiry, without those that had ended by the newest of all."""
    found = _read(underlying, market, session, expiry)
    at = max((row["taken_at"] for row in found), default=None)
    return [row for row in found if at and expires_at(row["expiry"], market, row["root"]) > at]


def expiries(underlying: str, market: str) -> list[Key]:
    """Root and expiry of what is held of the newest chain, by expiry."""
    session = newest(underlying, market)
    if session is None:
        return []
    with columns.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT expiry, root FROM option_session WHERE underlying = %s AND market = %s AND session > %s"
            " AND session <= %s AND expiry >= %s ORDER BY 1, 2",
            [underlying, market, session - REACH, session, session],
        )
        return [(root, expiry) for expiry, root in cursor]


def of_session(underlying: str, market: str, session: date, names: Iterable[str]) -> list[dict[str, Any]]:
    """These columns of all rows of exactly one session."""
    chosen = list(names)
    with columns.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(chosen)} FROM option_session"
            " WHERE underlying = %s AND market = %s AND session = %s ORDER BY root, expiry",
            [underlying, market, session],
        )
        return [dict(zip(chosen, row, strict=True)) for row in cursor]


def _read(underlying: str, market: str, session: date, expiry: date | None = None) -> list[dict[str, Any]]:
    names = packing.SESSION
    with columns.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (root, expiry) {', '.join(names)} FROM option_session"
            " WHERE underlying = %s AND market = %s AND session > %s AND session <= %s AND expiry >= %s"
            " AND (%s::date IS NULL OR expiry = %s::date) ORDER BY root, expiry, session DESC",
            [underlying, market, session - REACH, session, session, expiry, expiry],
        )
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _values(names: Sequence[str]) -> str:
    return ", ".join("%s" for _ in names)


_CHANGED: Mapping[str, str] = {name: f"{name} = excluded.{name}" for name in packing.SESSION} | {
    "still_since": (
        "still_since = CASE WHEN (kept.strike, kept.is_call, kept.open_interest)"
        " IS NOT DISTINCT FROM (excluded.strike, excluded.is_call, excluded.open_interest)"
        " THEN kept.still_since ELSE excluded.still_since END"
    )
}
_SNAPSHOT = f"""
INSERT INTO option_snapshot ({", ".join(packing.SNAPSHOT)}) VALUES ({_values(packing.SNAPSHOT)}) ON CONFLICT DO NOTHING
"""
_SESSION = f"""
INSERT INTO option_session AS kept ({", ".join(packing.SESSION)}) VALUES ({_values(packing.SESSION)})
ON CONFLICT (underlying, market, root, expiry, session) DO UPDATE SET {", ".join(_CHANGED.values())}
WHERE kept.taken_at < excluded.taken_at
"""
