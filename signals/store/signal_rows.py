"""Decisions: written once, all of a turn by one statement."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import msgspec
from django.db import connection

from signals.domain import Decision, Knowledge, Signal

_FIELDS = [*Signal.__dataclass_fields__, "judged_at", "knowledge", "announces"]
_LIST = ", ".join(f'"{name}"' for name in _FIELDS)


def write(decisions: Sequence[Decision]) -> list[Decision]:
    """Write decisions; returns those that were not known by their id before."""
    rows = msgspec.json.encode([_row(one) for one in decisions]).decode()
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [rows])
        fresh = {str(id_) for (id_,) in cursor.fetchall()}
    return [one for one in decisions if one.signal.id in fresh]


def decision(id_: str) -> Decision | None:
    """The decision of this id."""
    return next(iter(_read("WHERE id = %s", [id_])), None)


def decisions_of(ids: Sequence[str]) -> dict[str, Decision]:
    """The decisions of these ids."""
    return {one.signal.id: one for one in _read("WHERE id = ANY(%s::uuid[])", [list(ids)])}


def decisions(
    market: str,
    *,
    symbol: str | None = None,
    horizon: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    actions: Sequence[str] | None = None,
    lean: str | None = None,
    announced: bool | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[Decision]:
    """The decisions with `at` in [start, end), newest first; `before`: behind this (at, id) of an earlier page."""
    where: list[tuple[str, list[Any]]] = [("market = %s", [market])]
    where += [("symbol = %s", [symbol])] if symbol else []
    where += [("horizon = %s", [horizon])] if horizon else []
    where += [("at >= %s", [start])] if start else []
    where += [("at < %s", [end])] if end else []
    where += [("action = ANY(%s)", [list(actions)])] if actions is not None else []
    where += [("lean = %s", [lean])] if lean else []
    where += [("announces = %s", [announced])] if announced is not None else []
    where += [("(at, id) < (%s, %s)", [*before])] if before else []
    said = " AND ".join(words for words, _ in where)
    return list(
        _read(f"WHERE {said} ORDER BY at DESC, id DESC LIMIT %s", [*chain.from_iterable(v for _, v in where), limit])
    )


def last_judged(market: str, horizon: str, symbols: Sequence[str]) -> dict[str, datetime]:
    """The end of the last bar of each symbol that was judged."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_JUDGED, [list(symbols), market, horizon])
        return {symbol: at.astimezone(UTC) for symbol, at in cursor.fetchall()}


def first_judged(market: str, horizon: str, agent_set: str) -> datetime | None:
    """The end of the first bar that this agent set judged."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(at) FROM signal WHERE market = %s AND horizon = %s AND agent_set = %s",
            [market, horizon, agent_set],
        )
        found = cursor.fetchone()[0]
    return None if found is None else found.astimezone(UTC)


def last_announced(
    market: str, horizon: str, symbols: Sequence[str], before: datetime | None = None
) -> dict[str, tuple[datetime, str, str]]:
    """Of each symbol the (at, action, lean) of the last decision (before `before`) that everybody was to be told."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_ANNOUNCED, [list(symbols), market, horizon, before or datetime.max.replace(tzinfo=UTC)])
        return {symbol: (at.astimezone(UTC), action, lean) for symbol, at, action, lean in cursor.fetchall()}


def unannounced(market: str, limit: int = 1000) -> list[Decision]:
    """What was stored to be announced and was not yet, oldest first."""
    return list(
        _read("WHERE announces AND announced_at IS NULL AND market = %s ORDER BY judged_at, symbol LIMIT %s",
              [market, limit])
    )  # fmt: skip


def mark_announced(ids: Sequence[str], now: datetime) -> None:
    """Note that these have been announced; who was first stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE signal SET announced_at = %s WHERE id = ANY(%s::uuid[]) AND announced_at IS NULL", [now, list(ids)]
        )


def unresolved(market: str, horizon: str, start: datetime, end: datetime, limit: int = 5000) -> list[Decision]:
    """The decisions with `at` in [start, end] that have no outcome yet, oldest first."""
    return list(
        _read("WHERE market = %s AND horizon = %s AND at >= %s AND at <= %s"
              " AND NOT EXISTS (SELECT FROM outcome WHERE outcome.signal = signal.id) ORDER BY at, symbol LIMIT %s",
              [market, horizon, start, end, limit])
    )  # fmt: skip


def judged_ids(market: str, start: datetime, end: datetime, symbol: str = "", horizon: str = "") -> list[str]:
    """The ids of all decisions (or those of a symbol, a horizon) with `at` in [start, end), in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM signal WHERE market = %s AND at >= %s AND at < %s AND %s IN ('', symbol)"
            " AND %s IN ('', horizon) ORDER BY at, symbol, horizon",
            [market, start, end, symbol, horizon],
        )
        return [str(id_) for (id_,) in cursor.fetchall()]


class _Rest(msgspec.Struct):
    judged_at: datetime
    knowledge: Knowledge
    announces: bool


def _row(one: Decision) -> dict[str, Any]:
    told = {name: getattr(one.signal, name) for name in Signal.__dataclass_fields__}
    return told | {"judged_at": one.judged_at, "knowledge": one.knowledge, "announces": one.announces}


def _read(tail: str, values: Sequence[Any]) -> Iterable[Decision]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row_to_json(one)::text FROM (SELECT {_LIST} FROM signal {tail}) one", values)
        texts = [text for (text,) in cursor.fetchall()]
    for text in texts:
        rest = _REST.decode(text)
        yield Decision(
            signal=_SIGNAL.decode(text), judged_at=rest.judged_at, knowledge=rest.knowledge, announces=rest.announces
        )


_SIGNAL = msgspec.json.Decoder(Signal)
_REST = msgspec.json.Decoder(_Rest)
_WRITE = f"""
INSERT INTO signal ({_LIST}) SELECT {_LIST} FROM json_populate_recordset(NULL::signal, %s::json)
ON CONFLICT (id) DO NOTHING RETURNING id
"""
_NEWEST = """
FROM unnest(%s::text[]) AS wanted(symbol) CROSS JOIN LATERAL (
    SELECT at, action, lean FROM signal
    WHERE market = %s AND signal.symbol = wanted.symbol AND horizon = %s{} ORDER BY at DESC LIMIT 1
) one
"""
_LAST_JUDGED = f"SELECT symbol, at {_NEWEST.format('')}"
_LAST_ANNOUNCED = f"SELECT symbol, at, action, lean {_NEWEST.format(' AND announces AND at < %s')}"
