"""The days of the sources, as long as there is a database."""

import dataclasses
from collections.abc import Iterable
from datetime import date

from django.db import connection

from marketdata.models import SourceDay
from marketdata.scoring import Score

_FIELDS = [field.name for field in dataclasses.fields(Score)]
_COUNTS = ("answers", "pushes", "errors", "gaps", "disagreements", "outages", "outage_seconds")
# What Redis counted is never taken back by a Redis that lost its memory.
_SAVE = f"""
INSERT INTO source_day ({", ".join(_FIELDS)}) VALUES ({", ".join(["%s"] * len(_FIELDS))})
ON CONFLICT (source, day) DO UPDATE SET {
    ", ".join(
        f"{name} = greatest(source_day.{name}, excluded.{name})" if name in _COUNTS else f"{name} = excluded.{name}"
        for name in _FIELDS[2:]
    )
}
"""


def save_scores(values: Iterable[Score]) -> None:
    """Write days of sources; counts only ever grow."""
    rows = [dataclasses.astuple(value) for value in values]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_SAVE, rows)


def scores(first: date, last: date) -> list[Score]:
    """The days from `first` to `last`, newest first."""
    rows = SourceDay.objects.filter(day__gte=first, day__lte=last).order_by("-day", "source")
    return [Score(**row) for row in rows.values(*_FIELDS)]
