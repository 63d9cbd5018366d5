"""One owner among many: won, renewed, lost, given back."""

import asyncio
import time

import redis

from goldensignals.tests.waiting import until
from marketdata import cache
from marketdata.lease import Lease
from marketdata.live import topics


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
    one, other = Lease("test", 0.2), Lease("test", 0.2)
    assert await one.acquire()
    assert await asyncio.to_thread(until, lambda: not cache.client().exists(topics.LEASE + "test"), 5)
    assert await other.acquire()
    assert not one.held
    await cache.aclient().aclose()


async def test_a_renewed_lease_outlives_its_time_and_ends_with_its_key() -> None:
    lease = Lease("test", 2.0)
    assert await lease.acquire()
    kept = asyncio.create_task(lease.keep())
    deadline = time.monotonic() + 2.5
    async with asyncio.timeout(10):
        while time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            assert lease.held
        await cache.aclient().delete(topics.LEASE + "test")
        await kept
    assert not lease.held
    await cache.aclient().aclose()


async def test_a_lease_ends_when_redis_is_gone(redis_connection: redis.Redis) -> None:
    lease = Lease("test", 2.0)
    assert await lease.acquire()
    redis_connection.client_pause(4000)
    async with asyncio.timeout(10):
        await lease.keep()
    assert not lease.held
    redis_connection.client_unpause()
    await cache.aclient().aclose()
