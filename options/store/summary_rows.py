"""Summaries of chains: every one of the last days, then the last one of each session."""

import dataclasses
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from options.domain import ChainSummary
from options.models import ChainSummary as Row

_KEY = ("underlying", "market", "session", "taken_at", "vendor", "spot")
_DATES = ("open_interest_date", "forward_expiry", "max_pain_expiry", "expected_move_expiry")
_INSTANTS = ("oldest_at",)
_FIELDS = [field.name for field in dataclasses.fields(ChainSummary) if field.name not in (*_KEY, "reasons")]


def save_summary(value: ChainSummary) -> bool:
    """Keep a summary; one of that moment stays as it is, unless it knew fewer contracts. Whether anything changed."""
    fields = {name: _plain(getattr(value, name)) for name in _FIELDS if getattr(value, name) is not None}
    row = Row(
        **{name: getattr(value, name) for name in _KEY}, iv30=value.iv30, fields=fields, reasons=dict(value.reasons)
    )
    known = Row.objects.filter(**{name: getattr(value, name) for name in _KEY[:4]}).first()
    if known and known.fields.get("contracts", 0) >= value.contracts:
        return False
    row.pk = known.pk if known else None
    row.save()
    return True


def summary(underlying: str, market: str) -> ChainSummary | None:
    """The newest summary of an underlying."""
    found = Row.objects.filter(underlying=underlying, market=market).order_by("-session", "-taken_at").first()
    return None if found is None else _value(found)


def summaries(underlying: str, market: str, sessions: int = 252, before: date | None = None) -> list[ChainSummary]:
    """The last summary of each of the last so many sessions (before a date), oldest first."""
    rows = Row.objects.filter(underlying=underlying, market=market)
    rows = rows.filter(session__lt=before) if before else rows
    last = rows.order_by("-session", "-taken_at").distinct("session")[:sessions]
    return [_value(row) for row in reversed(last)]


def past_iv30(underlying: str, market: str, before: date, sessions: int = 252) -> list[float | None]:
    """The iv30 that each of the last so many sessions before a date ended with (None: without one), oldest first."""
    rows = Row.objects.filter(underlying=underlying, market=market, session__lt=before)
    last = rows.order_by("-session", "-taken_at").distinct("session").values_list("iv30", flat=True)[:sessions]
    return list(reversed(last))


def thin_summaries(before: date) -> int:
    """Of sessions before a date keep the last summary only; returns how many rows went."""
    with connection.cursor() as cursor:
        cursor.execute(_THIN, [before])
        return int(cursor.rowcount)


def _value(row: Row) -> ChainSummary:
    fields: dict[str, Any] = {name: row.fields.get(name) for name in _FIELDS if name in row.fields}
    fields |= {name: date.fromisoformat(fields[name]) for name in _DATES if fields.get(name)}
    fields |= {name: datetime.fromisoformat(fields[name]) for name in _INSTANTS if fields.get(name)}
    return ChainSummary(
        underlying=row.underlying, market=row.market, session=row.session, taken_at=row.taken_at.astimezone(UTC),
        vendor=row.vendor, spot=row.spot, **fields, reasons=_reasons(row.reasons.items()),
    )  # fmt: skip


def _reasons(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: str(reason) for name, reason in pairs}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


_THIN = """
DELETE FROM chain_summary one USING chain_summary later
WHERE one.session < %s AND (one.underlying, one.market, one.session) = (later.underlying, later.market, later.session)
AND one.taken_at < later.taken_at
"""
