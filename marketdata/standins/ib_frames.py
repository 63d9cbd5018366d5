"""Messages of TWS' protocol: a length in four bytes, then fields that each end with NUL."""

import asyncio
import struct
from collections.abc import Iterable

Fields = list[str]


def frame(*fields: object) -> bytes:
    """One message."""
    body = "".join(f"{_text(field)}\0" for field in fields).encode()
    return struct.pack(">I", len(body)) + body


def recorded(text: str) -> Fields:
    """The fields of a message as it was written down, "|" for NUL."""
    return text.strip("\n").split("|")[:-1]


async def read(reader: asyncio.StreamReader) -> Fields:
    """The next message; raises IncompleteReadError at the end."""
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    return (await reader.readexactly(length)).decode().split("\0")[:-1]


def contract(fields: Fields) -> dict[str, str]:
    """The twelve fields of a contract in a request."""
    names = (
        "conId", "symbol", "secType", "expiry", "strike", "right", "multiplier", "exchange", "primary", "currency",
        "localSymbol", "tradingClass",
    )  # fmt: skip
    return dict(zip(names, fields, strict=False))


def joined(frames: Iterable[bytes]) -> bytes:
    """Several messages in one packet."""
    return b"".join(frames)


def _text(field: object) -> str:
    return "1" if field is True else "0" if field is False else str(field)
