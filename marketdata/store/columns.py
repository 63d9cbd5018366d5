"""Columns between Python and Postgres: whole arrays in Postgres' binary format, which no per-value conversion slows."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
ABSENT_INSTANT = -(2**63)
"""Postgres' '-infinity': stands for None on the way in, because a fixed width has no room for NULL."""
_HEADER = struct.Struct(">iiIii")
_LENGTH = struct.Struct(">i")
_NULL = _LENGTH.pack(-1)


class Floats(bytes):
    """A float8[]; NaN stands for None."""


class Integers(bytes):
    """An int8[]."""


class Instants(bytes):
    """A timestamptz[]; '-infinity' stands for None."""


class Booleans(bytes):
    """A bool[]."""


class Texts(bytes):
    """A text[] that may hold NULL."""


_KINDS: dict[type[bytes], tuple[int, int, str]] = {
    Floats: (1022, 701, ">f8"),
    Integers: (1016, 20, ">i8"),
    Instants: (1185, 1184, ">i8"),
    Booleans: (1000, 16, "?"),
    Texts: (1009, 25, ""),
}


def floats(values: Iterable[float | None] | NDArray[np.float64]) -> Floats:
    """A column of floats; None becomes NaN."""
    given = values if isinstance(values, np.ndarray) else np.array(list(values), np.float64)
    return Floats(_fixed(Floats, given))


def integers(values: Sequence[int] | NDArray[np.int64]) -> Integers:
    """A column of 64-bit integers."""
    return Integers(_fixed(Integers, np.asarray(values, np.int64)))


def instants(values: Iterable[datetime | None]) -> Instants:
    """A column of aware times, to the microsecond."""
    return Instants(_fixed(Instants, np.array([_microseconds(value) for value in values], np.int64)))


def seconds(values: NDArray[np.int64]) -> Instants:
    """A column of times from epoch seconds (UTC)."""
    return Instants(_fixed(Instants, (values - int(EPOCH.timestamp())) * 1_000_000))


def booleans(values: Sequence[bool] | NDArray[np.bool_]) -> Booleans:
    """A column of truth values."""
    return Booleans(_fixed(Booleans, np.asarray(values, np.uint8)))


def texts(values: Sequence[str | None]) -> Texts:
    """A column of texts; None becomes NULL."""
    packed = {value: _text(value) for value in set(values)}
    return Texts(_header(Texts, len(values)) + b"".join([packed[value] for value in values]))


@contextmanager
def cursor() -> Iterator[psycopg.Cursor[Any]]:
    """A cursor on Django's connection (and in its transaction) that speaks binary and numpy."""
    with connection.cursor() as outer, connection.wrap_database_errors, psycopg.Cursor(outer.connection) as inner:
        for kind, dumper in _DUMPERS.items():
            inner.adapters.register_dumper(kind, dumper)
        for kind in (Floats, Integers, Booleans):
            inner.adapters.register_loader(_KINDS[kind][0], _LOADERS[kind])
        inner.format = Format.BINARY
        yield inner


def _microseconds(value: datetime | None) -> int:
    if value is None:
        return ABSENT_INSTANT
    since = value - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    # Postgres' text has no room for NUL, and UTF-8 none for half a surrogate pair.
    encoded = value.replace("\0", "").encode(errors="replace")
    return _LENGTH.pack(len(encoded)) + encoded


def _header(kind: type[bytes], count: int) -> bytes:
    return _HEADER.pack(1, int(kind is Texts), _KINDS[kind][1], count, 1)


def _fixed(kind: type[bytes], values: NDArray[Any]) -> bytes:
    item = np.dtype(_KINDS[kind][2])
    cells = np.empty(len(values), [("length", ">i4"), ("value", item)])
    cells["length"] = item.itemsize
    cells["value"] = values
    return _header(kind, len(values)) + cells.tobytes()


class _Packed(Dumper):
    format = Format.BINARY

    def dump(self, obj: bytes) -> Buffer:
        return bytes(obj)


class _Unpacked(Loader):
    """Arrays without NULL only: the queries coalesce."""

    format = Format.BINARY
    item: ClassVar[np.dtype[Any]]

    def load(self, data: Buffer) -> NDArray[Any]:
        cells = np.dtype([("length", ">i4"), ("value", self.item)])
        if len(data) < _HEADER.size:
            return np.empty(0, self.item.newbyteorder("="))
        return np.frombuffer(data, cells, offset=_HEADER.size)["value"].astype(self.item.newbyteorder("="))


_DUMPERS: dict[type[bytes], type[_Packed]] = {
    kind: type(f"{kind.__name__}Dumper", (_Packed,), {"oid": array}) for kind, (array, _, _) in _KINDS.items()
}
_LOADERS: dict[type[bytes], type[_Unpacked]] = {
    kind: type(f"{kind.__name__}Loader", (_Unpacked,), {"item": np.dtype(item)})
    for kind, (_, _, item) in _KINDS.items()
    if item
}
