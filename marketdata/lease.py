"""One owner among many processes: a key in Redis that expires unless its owner renews it."""

import asyncio
import time
from uuid import uuid4

import redis.exceptions

from marketdata.cache import aclient
from marketdata.live import topics

LASTS = 5.0
"""Seconds that a lease lasts after its last renewal: the longest time without any owner after a kill."""
RENEWED_EVERY = 1.5
"""Seconds."""

_RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class Lease:
    """The right to do `name`; nobody else has it while `held` is true (clocks need not agree, only run alike)."""

    def __init__(self, name: str, lasts: float = LASTS) -> None:
        self._key = topics.LEASE + name
        self._token = uuid4().hex
        self._lasts = lasts
        self._until = 0.0

    @property
    def held(self) -> bool:
        """Whether the lease has been won or renewed in time; false at once when it may have passed on."""
        return time.monotonic() < self._until

    async def acquire(self) -> bool:
        """Take the lease if it is free; raises RedisError."""
        asked = time.monotonic()
        if await aclient().set(self._key, self._token, nx=True, px=self._milliseconds):
            self._until = asked + self._lasts
        return self.held

    async def keep(self) -> None:
        """Renew until the lease is lost; a Redis that cannot be reached loses it when its time is over."""
        while self.held:
            await asyncio.sleep(RENEWED_EVERY)
            asked = time.monotonic()
            try:
                renewed = await aclient().eval(_RENEW, 1, self._key, self._token, self._milliseconds)
            except (redis.exceptions.RedisError, OSError):
                continue
            self._until = asked + self._lasts if renewed and self.held else 0.0

    async def release(self) -> None:
        """Give the lease back at once, if it is still ours."""
        self._until = 0.0
        try:
            await aclient().eval(_RELEASE, 1, self._key, self._token)
        except (redis.exceptions.RedisError, OSError):
            return  # it passes on by itself

    @property
    def _milliseconds(self) -> int:
        return int(self._lasts * 1000)
