"""A lock that all processes share, kept in Redis; it frees itself when its holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

from redis.commands.core import Script

from marketdata.cache import client
from marketdata.live import topics

# Only who holds the lock may free it: after an expiry it may be somebody else's.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


@contextmanager
def lock(name: str, seconds: float) -> Iterator[bool]:
    """Whether this process got the lock; it is given back at the end, or lost after so many seconds."""
    key, token = topics.LEASE + name, uuid4().hex
    mine = bool(client().set(key, token, nx=True, px=round(seconds * 1000)))
    try:
        yield mine
    finally:
        if mine:
            _release()(keys=[key], args=[token])


def first(name: str, seconds: float) -> bool:
    """Whether nobody asked this within the last so many seconds."""
    return bool(client().set(topics.LEASE + name, b"", nx=True, px=round(seconds * 1000)))


@cache
def _release() -> Script:
    return client().register_script(_RELEASE)
