"""What a hub does by itself: listen to the channel layer, beat, look for lost messages, say what is wanted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from channels.layers import get_channel_layer
from django.conf import settings
from redis import RedisError

from marketdata.cache import aclient
from marketdata.live import topics
from marketdata.live.outbox import Message
from marketdata.live.problems import LATE

if TYPE_CHECKING:
    from marketdata.live.hub import Hub

CHECK_EVERY = 5.0
"""Seconds between two comparisons with Redis; a message lost between the processes is at most this late."""

MUTE_AFTER = 3 * CHECK_EVERY
"""Seconds without even our own probe after which the subscription is made anew."""

WANTED_FOR = 60
"""Seconds that a symbol stays wanted after the last time its listeners were counted."""

WANTED_AT_MOST = {topics.WANTED: 2000, topics.WANTED_CHAINS: 50}
"""Symbols outside the watchlist that one process asks the polls to fetch: quotes are cheap, chains are not."""

START_WITHIN = 4.0
"""Seconds that the first subscriber waits for the subscription to the channel layer."""

log = logging.getLogger("live_data_service")


class Rounds:
    """The background tasks of a hub; they end with its event loop."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._listening = asyncio.Event()
        self._tasks = [
            asyncio.ensure_future(self._listen()),
            asyncio.ensure_future(_every(lambda: settings.WS_HEARTBEAT_INTERVAL, self._beat)),
            asyncio.ensure_future(_every(lambda: settings.WS_HEARTBEAT_INTERVAL / 4, self._end_silent)),
            asyncio.ensure_future(_every(lambda: CHECK_EVERY, self._check)),
        ]

    async def listening(self) -> None:
        """Wait until the channel layer delivers to us; raises TimeoutError (an OSError)."""
        if not self._listening.is_set():
            async with asyncio.timeout(START_WITHIN):
                await self._listening.wait()

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (RedisError, OSError) as error:
                log.warning("the live channel is away (%s); trying again", type(error).__name__)
            except Exception:
                log.exception("the live channel failed; subscribing anew")
            self._listening.clear()
            await asyncio.sleep(1)

    async def _listen_once(self) -> None:
        layer = get_channel_layer()
        await layer.flush()
        channel = await layer.new_channel()
        await layer.group_add(topics.GROUP, channel)
        await self._probe()
        while True:
            async with asyncio.timeout(MUTE_AFTER):
                message = await layer.receive(channel)
            self._listening.set()
            if message["type"] == "live.batch":
                self._hub.receive(message)

    async def _probe(self) -> None:
        await get_channel_layer().group_send(topics.GROUP, {"type": "live.probe"})

    async def _beat(self) -> None:
        interval = settings.WS_HEARTBEAT_INTERVAL
        now = datetime.now(UTC)
        message = Message("", msgspec.json.encode({"type": "heartbeat", "timestamp": now, "interval": interval}), True)
        payloads = {}
        for client in list(self._hub.clients.values()):
            pack = client.pipe.pack
            if pack not in payloads:
                payloads[pack] = pack([message])
            client.give(payloads[pack], [message])

    async def _end_silent(self) -> None:
        for client in list(self._hub.clients.values()):
            if client.pipe.silent_for > 2 * settings.WS_HEARTBEAT_INTERVAL:
                client.end(LATE, "silent for two heartbeats")

    async def _check(self) -> None:
        try:
            await self._probe()
            await self._hub.resync()
            await want(self._hub.audiences.topics())
        except (RedisError, OSError) as error:
            log.warning("the live data store does not answer (%s); trying again", type(error).__name__)


async def want(names: Iterable[str]) -> None:
    """Ask the polls to fetch the symbols of these topics for the next minute; raises redis.RedisError."""
    found = sorted({topics.wanted(name) for name in names})
    until = time.time() + WANTED_FOR
    for key, most in WANTED_AT_MOST.items():
        if symbols := [symbol for asked, symbol in found if asked == key][:most]:
            await aclient().zadd(key, dict.fromkeys(symbols, until))


async def _every(seconds: Callable[[], float], work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds())
        try:
            await work()
        except Exception:
            log.exception("a round of the live hub failed; the next one follows")
