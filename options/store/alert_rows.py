"""Alerts: raised once, told once, followed until the next open interest gives its verdict."""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from options import confirming
from options.domain import Alert, Condition, Confirmation, Part, Verdict
from options.models import OptionAlert as Row

_FIELDS = [field.name for field in dataclasses.fields(Alert)]
_JUDGED = ("verdict", "volume", "open_interest", "next_open_interest", "change", "confirmed_at")
Cursor = tuple[datetime, str]
"""Where a list of alerts goes on: when the last one was raised, and its id."""


def save_alerts(values: Iterable[Alert], told: Iterable[Alert]) -> list[str]:
    """Raise alerts, those of `told` for the world; a known one stays as it is. Returns the ids of the new ones."""
    loud = {one.id for one in told}
    rows = {one.id: Row(**_columns(one), announce=one.id in loud) for one in values}
    known = set(Row.objects.filter(id__in=list(rows)).values_list("id", flat=True))
    fresh = [row for id_, row in rows.items() if id_ not in known]
    Row.objects.bulk_create(fresh, ignore_conflicts=True)
    return [row.id for row in fresh]


def raised(underlying: str, market: str, session: date) -> list[tuple[str, str, bool]]:
    """Id, contract and whether it was for the world, of the alerts of an underlying and session."""
    rows = Row.objects.filter(underlying=underlying, market=market, session=session)
    return list(rows.values_list("id", "symbol", "announce"))


def alerts(
    market: str,
    *,
    symbol: str | None = None,
    rule: str | None = None,
    session: date | None = None,
    verdict: Verdict | None = None,
    min_score: float | None = None,
    limit: int = 100,
    after: Cursor | None = None,
) -> list[Alert]:
    """Alerts, newest first, after a place in the list; `symbol` is the underlying's."""
    wanted = {
        "underlying": symbol, "rule": rule, "session": session, "verdict": verdict and verdict.value,
        "score__gte": min_score,
    }  # fmt: skip
    rows = Row.objects.filter(market=market, **{name: one for name, one in wanted.items() if one is not None})
    if after:
        rows = rows.filter(Q(raised_at__lt=after[0]) | Q(raised_at=after[0], id__lt=after[1]))
    return [_value(row) for row in rows.order_by("-raised_at", "-id")[:limit]]


def alert(id_: str) -> Alert | None:
    """The alert of an id."""
    found = Row.objects.filter(id=id_).first()
    return None if found is None else _value(found)


def confirmations(market: str, *, symbol: str | None = None) -> list[Confirmation]:
    """For each rule and version, by name: how its alerts were judged; `symbol` is the underlying's."""
    rows = Row.objects.filter(market=market, **({"underlying": symbol} if symbol else {}))
    counts: dict[tuple[str, int], dict[Verdict, int]] = {}
    for rule, version, verdict, count in rows.values_list("rule", "version", "verdict").annotate(Count("id")):
        counts.setdefault((rule, version), {})[Verdict(verdict)] = count
    return [confirming.confirmation(*one, counts[one]) for one in sorted(counts)]


def pending(market: str, before: date, underlying: str | None = None) -> list[Alert]:
    """The alerts of sessions before a date that have no verdict yet."""
    rows = Row.objects.filter(market=market, verdict=Verdict.PENDING.value, session__lt=before)
    rows = rows.filter(underlying=underlying) if underlying else rows
    return [_value(row) for row in rows.order_by("session", "id")]


def followed(underlying: str, market: str, first: date, last: date) -> list[Alert]:
    """The alerts of an underlying from a session to another, both included."""
    rows = Row.objects.filter(underlying=underlying, market=market, session__gte=first, session__lte=last)
    return [_value(row) for row in rows]


def judge(values: Iterable[Alert]) -> list[Alert]:
    """Write the verdicts of alerts that had none, to be told where those were; returns the newly judged."""
    judged = []
    for one in values:
        fields = {name: getattr(one, name) for name in _JUDGED}
        fields["verdict"] = one.verdict.value
        if Row.objects.filter(id=one.id, verdict=Verdict.PENDING.value).update(**fields, verdict_waits=F("announce")):
            judged.append(one)
    return judged


def follow(values: Iterable[Alert]) -> None:
    """Write best and worst moves; they only ever widen."""
    rows = [(one.best, one.worst, one.id) for one in values]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_FOLLOW, rows)


def untold(market: str) -> list[Alert]:
    """The alerts for the world that it has not been told yet, oldest first."""
    rows = Row.objects.filter(market=market, announce=True, announced_at=None)
    return [_value(row) for row in rows.order_by("raised_at", "-score", "id")]


def note_told(ids: Sequence[str]) -> None:
    """They have been told."""
    Row.objects.filter(id__in=list(ids), announced_at=None).update(announced_at=Now())


def untold_verdicts(market: str) -> list[Alert]:
    """The alerts for the world of whose verdict it has not been told yet, oldest first."""
    rows = Row.objects.filter(market=market, verdict_waits=True)
    return [_value(row) for row in rows.order_by("confirmed_at", "raised_at", "id")]


def note_verdicts_told(ids: Sequence[str]) -> None:
    """Their verdicts have been told."""
    Row.objects.filter(id__in=list(ids)).update(verdict_waits=False)


def _columns(value: Alert) -> dict[str, Any]:
    plain = {name: getattr(value, name) for name in _FIELDS}
    evidence = {name: [dataclasses.asdict(one) for one in plain[name]] for name in ("conditions", "parts")}
    return plain | evidence | {"verdict": value.verdict.value}


def _value(row: Row) -> Alert:
    plain = {name: getattr(row, name) for name in _FIELDS}
    plain |= {
        "raised_at": row.raised_at.astimezone(UTC), "verdict": Verdict(row.verdict),
        "conditions": tuple(Condition(**one) for one in row.conditions),
        "parts": tuple(Part(**one) for one in row.parts),
    }  # fmt: skip
    return Alert(**plain)


_FOLLOW = """
UPDATE option_alert SET best = greatest(best, %s), worst = least(worst, %s) WHERE id = %s
"""
