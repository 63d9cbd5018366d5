"""One owner among many: won, renewed, lost, given back."""

import asyncio
from typing import Any

import redis

from goldensignals.tests.waiting import until
from marketdata import cache
from marketdata.lease import Lease
from marketdata.live import topics


def ends() -> int:
    """When the lease passes on, in milliseconds of Redis' clock."""
    found: Any = cache.client().pexpiretime(topics.LEASE + "test")
    return int(found)


async def test_a_lease_has_one_owner() -> None:
    one, other = Lease("test"), Lease("test")
    assert await one.acquire()
    assert not await other.acquire()
    assert (one.held, other.held) == (True, False)
    await other.release()
    assert not await other.acquire()
    await one.release()
    assert not one.held
    assert await other.acquire()
    await cache.aclient().aclose()


async def test_a_lease_that_is_not_renewed_passes_on() -> None:
    one, other = Lease("test", 3), Lease("test", 3)
    assert await one.acquire()
    assert await asyncio.to_thread(until, lambda: not cache.client().exists(topics.LEASE + "test"))
    assert await other.acquire()
    assert not one.held
    await cache.aclient().aclose()


async def test_a_renewed_lease_outlives_its_time_and_ends_with_its_key() -> None:
    lease = Lease("test")
    assert await lease.acquire()
    first = ends()
    kept = asyncio.create_task(lease.keep())
    assert await asyncio.to_thread(until, lambda: ends() > first)
    assert lease.held
    await cache.aclient().delete(topics.LEASE + "test")
    async with asyncio.timeout(30):
        await kept
    assert not lease.held
    await cache.aclient().aclose()


async def test_a_lease_ends_when_redis_is_gone(redis_connection: redis.Redis) -> None:
    lease = Lease("test", 3.0)
    assert await lease.acquire()
    redis_connection.client_pause(6000)
    async with asyncio.timeout(30):
        await lease.keep()
    assert not lease.held
    redis_connection.client_unpause()
    await cache.aclient().aclose()
