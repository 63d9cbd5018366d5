"""Outcomes: one for each signal, written once, numbered in the order in which they were known."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec
from django.db import connection

from signals.domain import Outcome

_FIELDS = list(Outcome.__dataclass_fields__)
_LIST = ", ".join(f'"{name}"' for name in _FIELDS)


def write(outcomes: Sequence[Outcome], now: datetime) -> list[Outcome]:
    """Write outcomes; returns those whose signal had none before."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [now, msgspec.json.encode(outcomes).decode()])
        fresh = {str(id_) for (id_,) in cursor.fetchall()}
    return [one for one in outcomes if one.signal in fresh]


def outcome(signal: str) -> Outcome | None:
    """What became of a signal; None while nobody knows."""
    return next(iter(_read("WHERE signal = %s", [signal])), None)


def outcomes_of(signals: Sequence[str]) -> dict[str, Outcome]:
    """What became of these signals, as far as it is known."""
    return {one.signal: one for one in _read("WHERE signal = ANY(%s::uuid[])", [list(signals)])}


def outcomes(
    market: str,
    horizon: str | None = None,
    *,
    symbols: Sequence[str] | None = None,
    since: datetime | None = None,
    after: int = 0,
    upto: int | None = None,
    agent_set: str | None = None,
    actions: Sequence[str] | None = None,
    last: int | None = None,
) -> list[Outcome]:
    """The outcomes in the order in which they were known: those that left since `since`, with a number behind `after`
    and up to `upto`; `last`: the last so many of them."""
    where: list[tuple[str, list[Any]]] = [("market = %s AND seq > %s", [market, after])]
    where += [("horizon = %s", [horizon])] if horizon else []
    where += [("symbol = ANY(%s)", [list(symbols)])] if symbols is not None else []
    where += [("exited_at >= %s", [since])] if since else []
    where += [("seq <= %s", [upto])] if upto is not None else []
    where += [("agent_set = %s", [agent_set])] if agent_set else []
    where += [("action = ANY(%s)", [list(actions)])] if actions is not None else []
    said = " AND ".join(words for words, _ in where)
    values = [*chain.from_iterable(values for _, values in where)]
    if last is None:
        return _read(f"WHERE {said} ORDER BY seq", values)
    return _read(f"WHERE {said} ORDER BY seq DESC LIMIT %s", [*values, last])[::-1]


def numbered_outcomes(market: str, horizon: str, agent_set: str, after: int) -> list[tuple[int, Outcome]]:
    """The outcomes with a number behind `after`, each with its number, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERED, [market, horizon, agent_set, after])
        return [(int(seq), _OUTCOME.decode(text)) for seq, text in cursor.fetchall()]


def note(signals: Sequence[str]) -> int:
    """Note that everybody is to be told what became of these, as far as they were told of the signal; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [list(signals)])
        return int(cursor.rowcount)


def untold(market: str, limit: int = 1000) -> list[Outcome]:
    """The outcomes of this market that everybody is still to be told of, in the order in which they were known."""
    noted = "WHERE signal IN (SELECT signal FROM outcome_notice WHERE market = %s) ORDER BY seq LIMIT %s"
    return _read(noted, [market, limit])


def mark_told(signals: Sequence[str]) -> None:
    """Note that everybody has been told what became of these."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM outcome_notice WHERE signal = ANY(%s::uuid[])", [list(signals)])


def agent_sets(market: str, horizon: str, symbol: str = "") -> dict[str, int]:
    """The agent sets that have outcomes (of a symbol), the one with the last first, with how many they have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT agent_set, count(*) FROM outcome WHERE market = %s AND horizon = %s AND %s IN ('', symbol)"
            " GROUP BY agent_set ORDER BY max(seq) DESC",
            [market, horizon, symbol],
        )
        return {str(name): int(count) for name, count in cursor.fetchall()}


def last_outcome(market: str, horizon: str) -> int:
    """The number of the last outcome; 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq FROM outcome WHERE market = %s AND horizon = %s ORDER BY seq DESC LIMIT 1", [market, horizon]
        )
        return int((cursor.fetchone() or [0])[0])


def _read(tail: str, values: Sequence[Any]) -> list[Outcome]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row_to_json(one)::text FROM (SELECT {_LIST} FROM outcome {tail}) one", values)
        return [_OUTCOME.decode(text) for (text,) in cursor.fetchall()]


_OUTCOME = msgspec.json.Decoder(Outcome)
_NUMBERED = f"""
SELECT seq, row_to_json(one)::text FROM (
    SELECT seq, {_LIST} FROM outcome WHERE market = %s AND horizon = %s AND agent_set = %s AND seq > %s ORDER BY seq
) one
"""
_NOTE = """
INSERT INTO outcome_notice (signal, market) SELECT id, market FROM signal WHERE id = ANY(%s::uuid[]) AND announces
ON CONFLICT (signal) DO NOTHING
"""
_WRITE = f"""
INSERT INTO outcome ({_LIST}, scored_at)
SELECT {_LIST}, %s::timestamptz FROM json_populate_recordset(NULL::outcome, %s::json)
ON CONFLICT (signal) DO NOTHING RETURNING signal
"""
