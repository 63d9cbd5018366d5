"""The messages that must reach everyone, kept beyond the memory of Redis."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from marketdata.models import Announcement

KEPT = timedelta(days=7)
"""How long a message can be resumed."""

# An epoch's name begins with its time, so that a later one is greater.
_BETWEEN = """
SELECT topic, epoch, seq, market, text FROM announcement
WHERE topic = %s AND (epoch, seq) >= (%s, %s) AND (epoch, seq) < (%s, %s)
ORDER BY epoch, seq LIMIT %s
"""


class Announced(NamedTuple):
    """A message with its number; `market` is empty where it belongs to none."""

    topic: str
    epoch: str
    seq: int
    market: str
    text: str


def save_announced(rows: Sequence[Announced]) -> None:
    """Keep what was announced; the same number twice is kept once."""
    if rows:
        Announcement.objects.bulk_create((Announcement(**row._asdict()) for row in rows), ignore_conflicts=True)


def announced(topic: str, first: tuple[str, int], end: tuple[str, int], most: int) -> list[Announced]:
    """The messages of a topic from the (epoch, number) `first` to before `end`, oldest first, at most so many."""
    with connection.cursor() as cursor:
        cursor.execute(_BETWEEN, [topic, *first, *end, most])
        return [Announced(*row) for row in cursor.fetchall()]


def drop_announced(before: datetime) -> int:
    """Forget what was announced before then; returns how many messages."""
    return int(Announcement.objects.filter(at__lt=before).delete()[0])
