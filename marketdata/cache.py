"""The clients of Redis: one for blocking code, one for each event loop."""

import asyncio
from functools import cache
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

_loops: "WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis]" = WeakKeyDictionary()


@cache
def client() -> redis.Redis:
    """The blocking client of this process; replies are bytes."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=3,
        # A connection that a restart of the server cut is made anew, once; who hangs is not waited for again.
        retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
    )  # fmt: skip


def aclient() -> redis.asyncio.Redis:
    """The asyncio client of the running loop; replies are bytes."""
    loop = asyncio.get_running_loop()
    if loop not in _loops:
        _loops[loop] = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=5)
    return _loops[loop]
