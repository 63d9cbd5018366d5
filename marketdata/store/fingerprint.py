"""One short name for many rows: the same rows have the same one, whoever wrote them, when and in how many goes."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from marketdata.domain import Interval


def fingerprint(
    symbols: Sequence[str], interval: Interval, start: datetime, end: datetime, market: str
) -> tuple[str, int]:
    """SHA-256 over the complete stored bars of the symbols that start in [start, end), and how many they are."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(symbols), interval.value, market, start, end])
        digest, count = cursor.fetchone() or ("", 0)
    return str(digest), int(count)


# Month by month, so that no single text grows without bound.
_READ = """
SELECT encode(sha256(coalesce(string_agg(digest, ''::bytea ORDER BY symbol, month), ''::bytea)), 'hex'),
       coalesce(sum(rows), 0)
FROM (
    SELECT symbol, date_trunc('month', start, 'UTC') AS month, count(*) AS rows, sha256(convert_to(string_agg(concat_ws(
        '|', symbol, extract(epoch FROM start)::bigint, open, high, low, close, coalesce(volume::text, '-'), vendor,
        adjusted, simulated
    ), E'\\n' ORDER BY start), 'UTF8')) AS digest
    FROM bar
    WHERE symbol = ANY(%s) AND "interval" = %s AND market = %s AND start >= %s AND start < %s AND NOT partial
    GROUP BY 1, 2
) months
"""
