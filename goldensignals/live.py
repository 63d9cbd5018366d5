"""The promised Python facade: thin calls into the house, for shells, notebooks and other programs of this machine."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import redis
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError

from goldensignals import metrics
from marketdata import reading, standing, store, tasks, wiring
from marketdata.domain import Quote
from marketdata.live.hub import Connection, hub
from marketdata.symbols import canonical
from options import asking
from options import tasks as chains
from options.domain import Analysis

__all__ = ["LiveDataConfig", "LiveDataService", "live_data_service", "ws_manager"]

log = logging.getLogger("live_data_service")


@dataclass(frozen=True, slots=True)
class LiveDataConfig:
    """What a LiveDataService is started with; seconds between polls. Sources and their order are settings."""

    primary_source: str = ""
    enable_polygon: bool = False
    symbols: list[str] = field(default_factory=list)
    update_interval: float = field(default_factory=lambda: settings.MARKETDATA_QUOTES_EVERY)
    options_update_interval: float = field(default_factory=lambda: settings.OPTIONS_EVERY)


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as its last call left it."""

    name: str
    status: str
    latency_ms: float | None

    @property
    def is_connected(self) -> bool:
        """Whether its last call succeeded, lately."""
        return self.status == "ok"


class DataFeed:
    """The sources of this market."""

    @property
    def sources(self) -> Mapping[str, SourceState]:
        """By name, in failover order, as they stand now; raises redis.RedisError."""
        return {one["name"]: SourceState(one["name"], one["status"], one["latency_ms"]) for one in standing.sources({})}


class LiveDataService:
    """Quotes, chains and figures of the running house. One that is started polls by itself where no worker does."""

    def __init__(self, config: LiveDataConfig | None = None) -> None:
        self.config = config or LiveDataConfig()
        self.data_feed = DataFeed()
        self._stopping = asyncio.Event()
        self._polling: list[asyncio.Task[None]] = []

    async def initialize(self) -> None:
        """Choose the market and watch the symbols of the configuration; raises InvalidSymbol."""
        decision = await database_sync_to_async(wiring.decide_market)()
        log.info("Market: %s (%s).", decision.market, decision.reason)
        for symbol in self.config.symbols:
            await database_sync_to_async(store.add_symbol)(symbol)

    async def start(self) -> None:
        """Poll now, and then quotes and chains at the intervals of the configuration until `stop`."""
        await database_sync_to_async(tasks.poll_quotes)()
        if not self._polling:
            self._stopping = asyncio.Event()
            self._polling = [
                asyncio.create_task(
                    self._poll(lambda: [tasks.poll_quotes], self.config.update_interval, at_once=False)
                ),
                asyncio.create_task(self._poll(_chains, self.config.options_update_interval, at_once=True)),
            ]

    async def stop(self) -> None:
        """End the polling of this service, after the answer that is on its way; the worker's goes on."""
        polling, self._polling = self._polling, []
        self._stopping.set()
        await asyncio.gather(*polling)

    async def get_quote(self, symbol: str) -> Quote:
        """The latest quote; raises InvalidSymbol, or a SourceError that says why there is none."""
        found = await database_sync_to_async(reading.fresh)(canonical(symbol))
        log.debug("%s: %s at %s from %s.", symbol, found.quote.price, found.quote.as_of, found.quote.vendor)
        return found.quote

    async def get_options_chain(self, symbol: str) -> Analysis:
        """The newest option chain with all that was computed from it, columns by contract.

        Raises InvalidSymbol, or a SourceError that says why there is none.
        """
        found = await database_sync_to_async(asking.fresh, thread_sensitive=False)(canonical(symbol))
        log.debug("%s: %d contracts at %s from %s.", symbol, len(found.chain), found.chain.taken_at, found.chain.vendor)
        return found

    def get_statistics(self) -> dict[str, Any]:
        """The figures of /metrics/live-data; raises redis.RedisError."""
        return metrics.statistics()

    async def _poll(self, polls: Callable[[], Iterable[Callable[[], None]]], every: float, at_once: bool) -> None:
        """Poll, piece by piece so that `stop` need not wait for all of it."""
        while at_once or not await self._stopped_within(every):
            at_once = False
            try:
                for poll in await database_sync_to_async(polls)():
                    if not self._stopping.is_set():
                        await database_sync_to_async(poll, thread_sensitive=False)()
            except (DatabaseError, redis.RedisError) as error:
                log.warning("This poll was lost: %s.", type(error).__name__)

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()


def _chains() -> list[Callable[[], None]]:
    return [partial(chains.poll_chains_of, [symbol]) for symbol in chains.due()]


class SocketManager:
    """The sockets of this process."""

    def get_active_connections(self) -> list[Connection]:
        """The open sockets, oldest first: who, what they listen to, what was delivered and dropped."""
        return hub().connections()


live_data_service = LiveDataService()
ws_manager = SocketManager()
