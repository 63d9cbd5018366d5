"""Splits and dividends, as told, each with its factor."""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from marketdata.actions import Action, Kind
from marketdata.models import CorporateAction


def save_actions(actions: Iterable[Action], market: str) -> int:
    """Note actions; one that is known is corrected. Returns how many rows were new or changed."""
    rows = [
        (one.symbol, market, one.ex_date, one.kind.value, one.value, one.factor, one.vendor)
        for one in sorted(actions, key=lambda one: (one.symbol, one.ex_date, one.kind))
    ]
    changed = 0
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(_SAVE, row)
            changed += cursor.rowcount
    return changed


def actions(symbol: str, market: str) -> list[Action]:
    """All actions of a symbol, by date."""
    return _read(CorporateAction.objects.filter(symbol=symbol, market=market).order_by("ex_date", "kind"))


def splits(market: str, since: date) -> dict[str, list[Action]]:
    """The splits of all symbols from a date on."""
    found: dict[str, list[Action]] = {}
    chosen = CorporateAction.objects.filter(market=market, kind=Kind.SPLIT.value, ex_date__gte=since)
    for one in _read(chosen.order_by("ex_date")):
        found.setdefault(one.symbol, []).append(one)
    return found


def _read(rows: Iterable[CorporateAction]) -> list[Action]:
    return [
        Action(
            symbol=row.symbol, kind=Kind(row.kind), ex_date=row.ex_date, value=row.value, factor=row.factor,
            vendor=row.vendor,
        )
        for row in rows
    ]  # fmt: skip


_SAVE = """
INSERT INTO corporate_action AS kept (symbol, market, ex_date, kind, value, factor, vendor)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (symbol, market, ex_date, kind) DO UPDATE
SET value = excluded.value, factor = coalesce(excluded.factor, kept.factor), vendor = excluded.vendor
WHERE (kept.value, kept.factor, kept.vendor)
    IS DISTINCT FROM (excluded.value, coalesce(excluded.factor, kept.factor), excluded.vendor)
"""
