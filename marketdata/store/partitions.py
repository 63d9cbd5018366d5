"""The day partitions of a table (`quote`, unless another is named): made when needed, dropped when old."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from psycopg import sql

_LOCK = 0x676F6C64
"""Advisory lock of everybody who makes or drops a partition."""
QUOTE = "quote"
RECORDED = "recorded"


def day(at: datetime) -> date:
    """The day (UTC) in whose partition an instant lies."""
    return at.astimezone(UTC).date()


def ensure_partitions(first: date, last: date, table: str = QUOTE) -> None:
    """Make the partitions of all days from `first` to `last`, both included, that do not exist yet."""
    ensure_days((first + timedelta(days=i) for i in range((last - first).days + 1)), table)


def ensure_days(days: Iterable[date], table: str = QUOTE) -> None:
    """Make the missing partitions of these days; safe while other processes do the same."""
    if not (missing := _missing(days, table)):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for one in _missing(missing, table):
            _create(one, table)


def partition_days(table: str = QUOTE) -> list[date]:
    """The days that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass ORDER BY 1",
            [table],
        )
        return [date.fromisoformat(name.removeprefix(f"{table}_")) for (name,) in cursor.fetchall()]


def drop_partitions(before: date, table: str = QUOTE) -> list[date]:
    """Drop the partitions of all days before `before`; returns these days.

    Recorded rows have no age: they are a copy of the operator's files, and the cursor of the playback counts on them.
    A day that holds any keeps its partition and loses its other rows.
    """
    return [one for one in partition_days(table) if one < before and _drop(one, table)]


def _drop(one: date, table: str) -> bool:
    name = sql.Identifier(_name(one, table))
    with transaction.atomic(), connection.cursor() as cursor:
        # A long reader makes this wait; every other reader would wait behind us. The next run tries again.
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE market = %s)").format(name), [RECORDED])
        if cursor.fetchone()[0]:
            cursor.execute(sql.SQL("DELETE FROM {} WHERE market <> %s").format(name), [RECORDED])
            return False
        cursor.execute(sql.SQL("DROP TABLE {}").format(name))
        return True


def _missing(days: Iterable[date], table: str) -> list[date]:
    wanted = {_name(one, table): one for one in days}
    with connection.cursor() as cursor:
        # Not by to_regclass: it asks a cache, which may not know yet what was committed while we waited for the lock.
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = name"
            " AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = %s::regclass))",
            [list(wanted), table],
        )
        return sorted(wanted[name] for (name,) in cursor.fetchall())


def _create(one: date, table: str) -> None:
    """Attaching (unlike CREATE ... PARTITION OF) does not wait for readers and writers of the other days."""
    name, of, bounds = sql.Identifier(_name(one, table)), sql.Identifier(table), _midnights(one)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS)").format(name, of))
        cursor.execute(
            sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(of, name, *bounds)
        )


def _midnights(one: date) -> list[sql.Literal]:
    return [sql.Literal(f"{day.isoformat()} 00:00+00") for day in (one, one + timedelta(days=1))]


def _name(one: date, table: str) -> str:
    return f"{table}_{one:%Y%m%d}"
