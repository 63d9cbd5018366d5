"""What is let go of decisions on minutes, and the record of it: the only way to delete anything of this floor."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from signals.domain import LetGo


class NotLetGo(RuntimeError):
    """Fewer rows went than were to go: somebody else let them go at the same time."""


def due(market: str, before: datetime, limit: int) -> list[tuple[str, datetime]]:
    """The (id, at) of decisions on minutes from before then that nobody was to be told of, oldest first.

    The last one of a symbol is never among them: it says up to which bar the symbol was judged.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [market, before, limit])
        return [(str(id_), at.astimezone(UTC)) for id_, at in cursor.fetchall()]


def write(one: LetGo) -> None:
    """Write what is about to be let go; call it in the transaction that does."""
    firsts, lasts = [first for first, _ in one.entries], [last for _, last in one.entries]
    given = [one.id, one.market, one.at, one.before, one.days, one.first, one.last, one.count, firsts, lasts]
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO let_go ({_LIST}) VALUES (%s{', %s' * 9})", given)


def delete_decisions(one: LetGo, ids: Sequence[str]) -> None:
    """Let these decisions go; the database refuses any that `one`, which is written, does not name."""
    if (gone := _through_the_door(one, "DELETE FROM signal WHERE id = ANY(%s::uuid[])", [list(ids)])) != len(ids):
        raise NotLetGo(f"{len(ids)} decisions were to be let go, and {gone} went. The next turn tries again.")


def delete_bars(one: LetGo, window: int) -> int:
    """Let the minutes go that no view of a decision from `one.before` on has among its `window` bars; how many."""
    given = [one.market, one.market, one.before, one.market, one.before, window - 1, one.market]
    return _through_the_door(one, _DELETE_BARS, given)


def let_go(market: str | None = None, number: int | None = None) -> list[LetGo]:
    """All that was let go of a market (None: of all), the earliest first; `number`: what may name this entry."""
    with connection.cursor() as cursor:
        cursor.execute(_LET_GO, [market, market, number, number])
        return [_let_go(row) for row in cursor.fetchall()]


def let_go_before(market: str) -> datetime | None:
    """The instant before which decisions on minutes were let go; None where none was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(before) FROM let_go WHERE market = %s", [market])
        found = cursor.fetchone()[0]
    return None if found is None else found.astimezone(UTC)


def _through_the_door(one: LetGo, sql: str, given: list[Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('signals.let_go', %s, true)", [one.id])
        cursor.execute(sql, given)
        gone = cursor.rowcount
        cursor.execute("SELECT set_config('signals.let_go', '', true)")
    return gone


def _let_go(row: Sequence[Any]) -> LetGo:
    id_, market, at, before, days, first, last, count, firsts, lasts = row
    return LetGo(
        id=str(id_), market=market, at=at.astimezone(UTC), before=before.astimezone(UTC), days=days,
        first=first.astimezone(UTC), last=last.astimezone(UTC), count=count,
        entries=tuple(zip(firsts, lasts, strict=True)),
    )  # fmt: skip


_LIST = "id, market, at, before, days, first, last, count, entries_first, entries_last"
_LET_GO = f"""
SELECT {_LIST} FROM let_go WHERE (%s::text IS NULL OR market = %s)
   AND (%s::bigint IS NULL OR %s BETWEEN entries_first[1] AND entries_last[cardinality(entries_last)])
ORDER BY at, first
"""
_DUE = """
SELECT id, at FROM signal
WHERE market = %s AND at < %s AND NOT announces AND horizon LIKE '%%m' AND at < (
    SELECT max(later.at) FROM signal later
    WHERE (later.market, later.symbol, later.horizon) = (signal.market, signal.symbol, signal.horizon)
)
ORDER BY at, symbol, horizon LIMIT %s
"""
# A view has the bars that were known in its turn: of the first decision that stays, those of its turn.
_DELETE_BARS = """
DELETE FROM view_bar USING (
    SELECT listed.symbol, oldest.start
    FROM (SELECT DISTINCT symbol FROM view_bar WHERE "interval" = '1m' AND market = %s) listed
    LEFT JOIN LATERAL (
        SELECT knowledge FROM signal
        WHERE market = %s AND signal.symbol = listed.symbol AND horizon LIKE '%%m' AND at >= %s ORDER BY at LIMIT 1
    ) stays ON TRUE
    CROSS JOIN LATERAL (
        SELECT DISTINCT view_bar.start FROM view_bar
        WHERE view_bar.symbol = listed.symbol AND "interval" = '1m' AND market = %s AND view_bar.start < %s
          AND run <= coalesce((stays.knowledge ->> 'run')::bigint, run)
        ORDER BY view_bar.start DESC OFFSET %s LIMIT 1
    ) oldest
) bounds
WHERE view_bar.symbol = bounds.symbol AND "interval" = '1m' AND market = %s AND view_bar.start < bounds.start
"""
