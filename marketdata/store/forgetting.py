"""Taking back what a playback wrote, for the one case in which it is written again: a recording that starts over."""

from collections.abc import Sequence

from django.db import connection, transaction

TABLES = ("quote", "latest", "bar", "coverage")


def forget(symbols: Sequence[str], market: str) -> int:
    """Remove all that is stored of these symbols in a market; returns how many rows that were."""
    removed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE market = %s AND symbol = ANY(%s)", [market, list(symbols)])
            removed += cursor.rowcount
    return removed
