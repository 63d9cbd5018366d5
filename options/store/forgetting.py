"""What is dropped when it is old, and what is taken back when it is to be read again."""

from datetime import date, timedelta

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from marketdata.store.partitions import drop_partitions, ensure_partitions
from options.store.contract_rows import forget_notes
from options.store.reject_rows import drop_rejects
from options.store.slice_rows import SNAPSHOTS
from options.store.summary_rows import thin_summaries

TABLES = ("option_snapshot", "option_session", "option_turnover", "chain_summary", "option_alert", "option_reject")


def is_current() -> bool:
    """Whether the tables have been made, and are as this version of the house wants them."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def make_partitions(first: date, last: date) -> None:
    """Make the partitions of the history from `first` to `last`."""
    ensure_partitions(first, last, SNAPSHOTS)


def retain(before: date, sessions_before: date) -> None:
    """Drop the history within sessions before a date, and the sessions' last chains before another.

    Of summaries the last one of each session stays, and alerts stay: they are what the share of confirmed ones is of.
    """
    drop_partitions(before, SNAPSHOTS)
    thin_summaries(before)
    drop_rejects(before)
    with connection.cursor() as cursor:
        for table in ("option_session", "option_turnover"):
            cursor.execute(f"DELETE FROM {table} WHERE session < %s AND market <> 'recorded'", [sessions_before])
        cursor.execute("DELETE FROM option_contract WHERE expiry < %s", [sessions_before - timedelta(days=30)])
    forget_notes()


def forget(underlying: str, market: str) -> int:
    """Remove all that is stored of an underlying's chains in a market; returns how many rows that were."""
    removed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE market = %s AND underlying = %s", [market, underlying])
            removed += cursor.rowcount
    forget_notes()
    return removed
