"""What each vendor said last about each symbol, by answer and by push: evidence for comparing and explaining."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from marketdata import wire
from marketdata.cache import client
from marketdata.domain import Quote
from marketdata.live import topics

KEPT = 86_400
"""Seconds after which a vendor that says nothing more is forgotten."""


class Channel(StrEnum):
    """How it came."""

    ANSWER = "answer"
    PUSH = "push"


def note(quotes: Iterable[Quote], channel: Channel) -> None:
    """Keep the last word of each vendor about each symbol; raises RedisError."""
    words: dict[str, dict[str, bytes]] = {}
    for quote in quotes:
        words.setdefault(quote.vendor, {})[quote.symbol] = msgspec.json.encode(wire.quote(quote))
    if not words:
        return
    pipe = client().pipeline(transaction=False)
    for vendor, mapping in words.items():
        pipe.hset(_key(vendor, channel), mapping=mapping)  # type: ignore[arg-type]
        pipe.expire(_key(vendor, channel), KEPT)
    pipe.execute()


def last(vendors: Sequence[str], symbols: Sequence[str]) -> dict[str, list[Quote]]:
    """By symbol, what the vendors said, each once: the later of its answer and its push; raises RedisError."""
    if not vendors or not symbols:
        return {symbol: [] for symbol in symbols}
    words = [_read(vendor, channel, symbols) for vendor in vendors for channel in Channel]
    pairs = list(zip(words[::2], words[1::2], strict=True))
    return {symbol: [one for pair in pairs if (one := _later(pair, symbol))] for symbol in symbols}


def everything(vendors: Sequence[str], symbol: str) -> list[tuple[Channel, Quote]]:
    """All that the vendors said last about a symbol, and how; raises RedisError."""
    words = ((channel, _read(vendor, channel, [symbol])) for vendor in vendors for channel in Channel)
    return [(channel, found[symbol]) for channel, found in words if symbol in found]


def answered(vendor: str, symbols: Sequence[str]) -> dict[str, Quote]:
    """What a vendor's last answers were; raises RedisError."""
    return _read(vendor, Channel.ANSWER, symbols) if symbols else {}


def _later(pair: Iterable[Mapping[str, Quote]], symbol: str) -> Quote | None:
    found = [words[symbol] for words in pair if symbol in words]
    return max(found, key=lambda quote: (quote.as_of, quote.received_at), default=None)


def _read(vendor: str, channel: Channel, symbols: Sequence[str]) -> dict[str, Quote]:
    found: list[bytes | None] = client().hmget(_key(vendor, channel), list(symbols))  # type: ignore[assignment]
    pairs = zip(symbols, found, strict=True)
    return {symbol: wire.read_quote(msgspec.json.decode(text)) for symbol, text in pairs if text}


def _key(vendor: str, channel: Channel) -> str:
    return f"{topics.SAID}{vendor}:{channel}"
