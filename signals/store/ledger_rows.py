"""The ledger: who writes takes his turn, so that every entry continues the one before it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from django.db import connection, transaction

from signals.chaining import GENESIS, Entry, chain

_LOCK = 0x6C656467
_FETCHED = 5000


def lock() -> None:
    """Wait for our turn; it lasts to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def append(items: Sequence[tuple[str, str, str]], now: datetime) -> list[Entry]:
    """Add entries for (kind, ref, payload); call it in the transaction that writes what they vouch for."""
    lock()
    entries = chain(head(), items)
    columns = [
        list(one) for one in zip(*((e.seq, e.kind, e.ref, e.payload, e.previous, e.head) for e in entries), strict=True)
    ]
    if entries:
        with connection.cursor() as cursor:
            cursor.execute(_APPEND, [now, *columns])
    return entries


def head() -> tuple[int, str]:
    """The number and the head of the last entry; (0, GENESIS) where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, head FROM ledger ORDER BY seq DESC LIMIT 1")
        found = cursor.fetchone()
    return (int(found[0]), str(found[1])) if found else (0, GENESIS)


def headed() -> tuple[int, str, datetime | None]:
    """As `head`, and when that entry was written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, head, at FROM ledger ORDER BY seq DESC LIMIT 1")
        found = cursor.fetchone()
    return (int(found[0]), str(found[1]), found[2].astimezone(UTC)) if found else (0, GENESIS, None)


def entry_of(kind: str, ref: str) -> Entry | None:
    """The entry that vouches for a signal or an outcome."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, kind, ref::text, payload, previous, head FROM ledger WHERE ref = %s AND kind = %s", [ref, kind]
        )
        found = cursor.fetchone()
    return Entry(*found) if found else None


def entries_of(kind: str, refs: Sequence[str]) -> list[Entry]:
    """The entries that vouch for these, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, kind, ref::text, payload, previous, head FROM ledger"
            " WHERE ref = ANY(%s::uuid[]) AND kind = %s ORDER BY seq",
            [list(refs), kind],
        )
        return [Entry(*row) for row in cursor.fetchall()]


def entries(first: int = 1) -> Iterator[Entry]:
    """All entries from a number on, in their order."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT seq, kind, ref::text, payload, previous, head FROM ledger WHERE seq >= %s ORDER BY seq", [first]
        )
        while rows := cursor.fetchmany(_FETCHED):
            yield from (Entry(*row) for row in rows)


def unvouched() -> list[tuple[str, str]]:
    """The (kind, id) of signals, outcomes and records of what was let go that stand in no entry."""
    with connection.cursor() as cursor:
        cursor.execute(_UNVOUCHED)
        return [(str(kind), str(ref)) for kind, ref in cursor.fetchall()]


_UNVOUCHED = """
SELECT 'signal', id FROM signal WHERE NOT EXISTS (SELECT FROM ledger WHERE kind = 'signal' AND ref = id)
UNION ALL
SELECT 'outcome', signal FROM outcome WHERE NOT EXISTS (SELECT FROM ledger WHERE kind = 'outcome' AND ref = signal)
UNION ALL
SELECT 'let_go', id FROM let_go WHERE NOT EXISTS (SELECT FROM ledger WHERE kind = 'let_go' AND ref = id)
ORDER BY 1, 2
"""
_APPEND = """
INSERT INTO ledger (seq, kind, ref, payload, previous, head, at)
SELECT *, %s::timestamptz
FROM unnest(%s::bigint[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[])
"""
