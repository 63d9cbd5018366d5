"""The crowd: many sockets in one process that publish, count and time. Runs beside the server on another core.

`python -m goldensignals.benchmarks.crowd KIND PORT PID`; prints one JSON object.
"""

import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import django
import redis.asyncio
import uvloop
from django.conf import settings

from goldensignals.benchmarks.crowd_socket import Reader, connect, cpu_seconds, resident_bytes

SOCKETS, SYMBOLS, ROUNDS = 1000, ("AAPL", "GOOGL", "TSLA", "SPY", "QQQ", "NVDA", "META", "AMZN", "MSFT"), 3
TICKS = {"hub": 60, "fastapi": 6, "channels": 1}
"""Ticks of nine quotes per round: enough to measure, few enough to wait for."""

TIMED_TICKS, TICK_EVERY = 50, 0.1
READING, STALLED_TICKS = 50, 500
PATIENCE = 60.0


class Crowd:
    """Connected readers, and the way to publish a tick to them."""

    def __init__(self, readers: list[Reader], publish: Callable[[int], Awaitable[None]]) -> None:
        self.readers, self.publish = readers, publish

    async def tick(self, times: int = 1) -> None:
        """Publish, and wait until every reader has every quote."""
        goals = [(reader, reader.frames + times * len(SYMBOLS)) for reader in self.readers]
        await self.publish(times)
        await arrived(goals)

    async def rate(self, pid: int, ticks: int) -> float:
        """Quote deliveries per CPU-second of the server."""
        before = cpu_seconds(pid)
        for _ in range(ticks):
            await self.tick()
        return ticks * len(SYMBOLS) * len(self.readers) / (cpu_seconds(pid) - before)

    async def latencies(self, ticks: int) -> list[float]:
        """Milliseconds from publish to the last quote of the tick, for each reader and tick at a normal rate."""
        found = []
        for _ in range(ticks):
            started = time.perf_counter()
            await self.tick()
            found += [1000 * (reader.last - started) for reader in self.readers]
            await asyncio.sleep(max(0.0, TICK_EVERY - (time.perf_counter() - started)))
        return found


async def arrived(goals: list[tuple[Reader, int]]) -> None:
    """Wait until each reader has so many frames."""
    async with asyncio.timeout(PATIENCE):
        while any(reader.frames < goal for reader, goal in goals):  # noqa: ASYNC110 - an event per frame would cost
            await asyncio.sleep(0.001)


async def gather(port: int, count: int, receive_buffer: int = 0) -> list[Reader]:
    """Open sockets that have all been told that they are subscribed."""
    readers = []
    said = {"type": "subscribe", "id": 1, "data": {"channel": "market_data", "symbols": SYMBOLS}}
    for _ in range(count // 50):
        some = await asyncio.gather(*[connect("127.0.0.1", port, receive_buffer) for _ in range(50)])
        async with asyncio.timeout(PATIENCE):
            while not all(reader.open for reader in some):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        for reader in some:
            reader.say(json.dumps(said).encode())
        await arrived([(reader, 1) for reader in some])
        readers += some
    return readers


def events(times: int) -> list[Any]:
    """A tick of nine quotes, so many times over."""
    from marketdata.domain import Quote, Session
    from marketdata.wire import market_data

    now = datetime.now(UTC)
    quotes = [
        Quote(symbol=symbol, vendor="simulated", as_of=now, received_at=now, price=175.5, bid=175.48, ask=175.52,
              volume=45678900.0, previous_close=173.0, session=Session.ALWAYS, simulated=True)
        for symbol in SYMBOLS
    ]  # fmt: skip
    return [market_data(quote) for _ in range(times) for quote in quotes]


async def by_hub(times: int) -> None:
    """As ingest publishes."""
    from marketdata.live.publish import publish

    await asyncio.to_thread(publish, events(times))


async def by_groups(times: int) -> None:
    """One group message per quote."""
    from channels.layers import get_channel_layer

    for event in events(times):
        message = {"type": "market_data", "data": event.data, "timestamp": event.timestamp.isoformat()}
        group = f"quotes.{event.data['symbol']}"
        await get_channel_layer().group_send(group, {"type": "quote", "message": message})


async def by_redis(times: int) -> None:
    """One Redis message per quote."""
    from goldensignals.benchmarks.peers_fastapi import CHANNEL

    async with redis.asyncio.from_url(settings.REDIS_URL) as client:
        for event in events(times):
            said = {"type": "market_data", "data": event.data, "timestamp": event.timestamp.isoformat()}
            await client.publish(CHANNEL, json.dumps(said))


async def run(kind: str, port: int, pid: int) -> dict[str, Any]:
    """The figures of one server."""
    publish = {"hub": by_hub, "channels": by_groups, "fastapi": by_redis}[kind]
    crowd = Crowd(await gather(port, SOCKETS), publish)
    if kind != "channels":
        await crowd.tick()
    rates = [await crowd.rate(pid, TICKS[kind]) for _ in range(ROUNDS)]
    figures: dict[str, Any] = {"rates": rates, "rate": statistics.median(rates)}
    if kind == "hub":
        figures["latency_ms"] = await crowd.latencies(TIMED_TICKS)
        figures |= await stalled(crowd, port, pid)
    for reader in crowd.readers:
        reader.transport.abort()
    return figures


async def stalled(crowd: Crowd, port: int, pid: int) -> dict[str, Any]:
    """The same server with clients that never read, beside fewer that do."""
    silent = await gather(port, 50, receive_buffer=4096)
    for reader in silent:
        reader.transport.pause_reading()
    for reader in crowd.readers[READING:]:
        reader.transport.abort()
    crowd.readers = crowd.readers[:READING]
    for _ in range(10):
        await crowd.tick(10)
    before = resident_bytes(pid)
    for _ in range(STALLED_TICKS // 10):
        await crowd.tick(10)
    grown = resident_bytes(pid) - before
    timed = await crowd.latencies(TIMED_TICKS)
    for reader in silent:
        reader.transport.abort()
    return {"stalled": len(silent), "stalled_growth_bytes": grown, "stalled_latency_ms": timed}


if __name__ == "__main__":
    django.setup()
    uvloop.install()
    # A full collection here takes 70 ms, which would be read as the server's.
    gc.disable()
    print(json.dumps(asyncio.run(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
