"""How often each source is asked for the same: some vendors' data are not fresher than so many seconds."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial

from marketdata.cache import client
from marketdata.live import topics
from marketdata.sources.base import Capability

EARLY = 1.0
"""Seconds that a poll may come early."""


def resting(what: Capability, symbols: Sequence[str], every: Mapping[str, float]) -> Callable[[str], Collection[str]]:
    """Which symbols a source gave less than `every[source]` seconds ago; sources without an entry never rest."""
    return partial(_resting, what, symbols, every)


def note(what: Capability, given: Iterable[tuple[str, str]], every: Mapping[str, float]) -> None:
    """Remember which (source, symbol) has just been given."""
    pipe = client().pipeline(transaction=False)
    for source, symbol in given:
        if source in every:
            pipe.hset(_key(source, what), symbol, repr(time.time()))
            pipe.expire(_key(source, what), round(every[source]) + 60)
    pipe.execute()


def _resting(what: Capability, symbols: Sequence[str], every: Mapping[str, float], source: str) -> set[str]:
    if source not in every or not symbols:
        return set()
    since = time.time() - every[source] + EARLY
    found: list[bytes | None] = client().hmget(_key(source, what), symbols)  # type: ignore[assignment,arg-type]
    return {symbol for symbol, at in zip(symbols, found, strict=True) if at and float(at) > since}


def _key(source: str, what: Capability) -> str:
    return f"{topics.PACE}{source}:{what}"
