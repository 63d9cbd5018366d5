"""Quotes: history and latest, written by one statement."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from marketdata.domain import Quote, Session
from marketdata.store import columns
from marketdata.store.partitions import day, ensure_days

_FIELDS = [field.name for field in dataclasses.fields(Quote)]
_FLOATS = {
    "price", "bid", "ask", "bid_size", "ask_size", "open", "high", "low", "previous_close", "volume", "ext_price",
    "delayed_by",
}  # fmt: skip
_INSTANTS = {"as_of", "received_at", "quote_as_of", "ext_as_of"}
_SESSIONS = {session.value: session for session in Session}


@dataclass(frozen=True, slots=True)
class Saved:
    """What a batch changed: `new` rows of the history, in time order, and those of them that move the latest on."""

    new: list[Quote]
    newest: list[Quote]


def save(quotes: Sequence[Quote], market: str, kept: Sequence[Quote] = ()) -> Saved:
    """Write quotes to history and latest, and those of `kept` to the history only; a known natural key stays as it is.

    The latest quote of a symbol only ever moves forward in (as_of, received_at). One statement, one round trip.
    """
    rows = _unique([(quote, True) for quote in quotes] + [(quote, False) for quote in kept])
    if not rows:
        return Saved([], [])
    ensure_days({day(quote.as_of) for quote, _ in rows})
    values = [quote for quote, _ in rows]
    packed = [_COLUMNS[name]([getattr(quote, name) for quote in values]) for name in _FIELDS]
    with columns.cursor() as cursor:
        cursor.execute(_SAVE, [*packed, columns.booleans([shown for _, shown in rows]), market, market])
        new, newest = cursor.fetchone() or (None, None)
    return Saved(_pick(values, new), _pick(values, newest))


def save_quotes(quotes: Sequence[Quote], market: str) -> list[Quote]:
    """Write quotes to history and latest; returns the new ones in time order."""
    return save(quotes, market).new


def latest(symbols: Sequence[str] | None, market: str) -> dict[str, Quote]:
    """The latest quote of each of these symbols (None: of all) that has one."""
    chosen = list(symbols) if symbols is not None else None
    with columns.cursor() as cursor:
        cursor.execute(
            f"SELECT {_LIST} FROM latest WHERE market = %s AND (%s::text[] IS NULL OR symbol = ANY(%s::text[]))",
            [market, chosen, chosen],
        )
        return {row[0]: _quote(row) for row in cursor}


def quotes(symbol: str, start: datetime, end: datetime, market: str) -> list[Quote]:
    """The history of one symbol with as_of in [start, end), oldest first."""
    with columns.cursor() as cursor:
        cursor.execute(
            f"SELECT {_LIST} FROM quote WHERE symbol = %s AND as_of >= %s AND as_of < %s AND market = %s"
            " ORDER BY as_of, received_at",
            [symbol, start, end, market],
        )
        return [_quote(row) for row in cursor]


def _unique(rows: Iterable[tuple[Quote, bool]]) -> list[tuple[Quote, bool]]:
    """In time order; all writers take their row locks in one order, so none waits for another in a circle."""
    first: dict[tuple[datetime, str, str], tuple[Quote, bool]] = {}
    for quote, shown in rows:
        first.setdefault((quote.as_of, quote.symbol, quote.vendor), (quote, shown))
    return [first[key] for key in sorted(first)]


def _pick(values: list[Quote], ordinals: Any) -> list[Quote]:
    return [] if ordinals is None else [values[i] for i in np.sort(ordinals - 1)]


def _flags(values: Sequence[frozenset[str]]) -> columns.Texts:
    literals = {flags: "{" + ",".join(_quoted(flag) for flag in sorted(flags)) + "}" for flags in set(values)}
    return columns.texts([literals[flags] for flags in values])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _packer(name: str) -> Callable[[Any], bytes]:
    if name == "flags":
        return _flags
    if name == "simulated":
        return columns.booleans
    return columns.floats if name in _FLOATS else columns.instants if name in _INSTANTS else columns.texts


def _expression(name: str) -> str:
    if name == "flags":
        return "flags::text[]"
    if name == "delayed_by":
        return "NULLIF(delayed_by, 'NaN')::int"
    if name in _FLOATS:
        return f"NULLIF({name}, 'NaN')"
    return f"NULLIF({name}, '-infinity')" if name in _INSTANTS else name


def _quote(row: Sequence[Any]) -> Quote:
    values = dict(zip(_FIELDS, row, strict=True))
    values["session"] = _SESSIONS[values["session"]]
    values["flags"] = frozenset(values["flags"])
    for name in _INSTANTS:
        if values[name] is not None:
            values[name] = values[name].astimezone(UTC)
    return Quote(**values)


_COLUMNS = {name: _packer(name) for name in _FIELDS}
_LIST = ", ".join(_FIELDS)
_SAVE = f"""
WITH given AS MATERIALIZED (
    SELECT * FROM unnest({", ".join(["%s"] * len(_FIELDS))}, %s) WITH ORDINALITY AS t({_LIST}, shown, ordinal)
), fresh AS (
    INSERT INTO quote ({_LIST}, market)
    SELECT {", ".join(map(_expression, _FIELDS))}, %s FROM given
    ON CONFLICT DO NOTHING
    RETURNING *
), stored AS MATERIALIZED (
    SELECT fresh.*, given.ordinal, given.shown FROM fresh JOIN given USING (symbol, as_of, vendor)
), moved AS (
    INSERT INTO latest ({_LIST}, market)
    SELECT DISTINCT ON (symbol) {_LIST}, market FROM stored WHERE shown
    ORDER BY symbol, as_of DESC, received_at DESC
    ON CONFLICT (symbol, market) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _FIELDS[1:])}
    WHERE (latest.as_of, latest.received_at) < (excluded.as_of, excluded.received_at)
    RETURNING symbol
)
SELECT array_agg(ordinal), array_agg(ordinal) FILTER (
    WHERE shown AND symbol IN (SELECT symbol FROM moved)
    AND (before.as_of IS NULL OR (stored.as_of, stored.received_at) > (before.as_of, before.received_at))
)
FROM stored LEFT JOIN (SELECT symbol, as_of, received_at FROM latest WHERE latest.market = %s) before USING (symbol)
"""
