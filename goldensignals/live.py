"""The promised Python facade: thin calls into the house, for shells, notebooks and other programs of this machine."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

import redis
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError

from goldensignals import metrics
from marketdata import reading, standing, store, tasks, wiring
from marketdata.domain import Quote
from marketdata.live.hub import Connection, hub
from marketdata.sources.base import Unsupported
from marketdata.symbols import canonical

__all__ = ["LiveDataConfig", "LiveDataService", "live_data_service", "ws_manager"]

log = logging.getLogger("live_data_service")


@dataclass(frozen=True, slots=True)
class LiveDataConfig:
    """What a LiveDataService is started with; seconds between polls. Sources and their order are settings."""

    primary_source: str = ""
    enable_polygon: bool = False
    symbols: list[str] = field(default_factory=list)
    update_interval: float = field(default_factory=lambda: settings.MARKETDATA_QUOTES_EVERY)
    options_update_interval: float = 60.0


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
    """Quotes and figures of the running house. One that is started polls by itself where no worker does."""

    def __init__(self, config: LiveDataConfig | None = None) -> None:
        self.config = config or LiveDataConfig()
        self.data_feed = DataFeed()
        self._polling: asyncio.Task[None] | None = None

    async def initialize(self) -> None:
        """Choose the market and watch the symbols of the configuration; raises InvalidSymbol."""
        decision = await database_sync_to_async(wiring.decide_market)()
        log.info("Market: %s (%s).", decision.market, decision.reason)
        for symbol in self.config.symbols:
            await database_sync_to_async(store.add_symbol)(symbol)

    async def start(self) -> None:
        """Poll now, and then at the interval of the configuration until `stop`."""
        await database_sync_to_async(tasks.poll_quotes)()
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """End the polling of this service; the worker's goes on."""
        polling, self._polling = self._polling, None
        if polling is not None:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling

    async def get_quote(self, symbol: str) -> Quote:
        """The latest quote; raises InvalidSymbol, or a SourceError that says why there is none."""
        found = await database_sync_to_async(reading.fresh)(canonical(symbol))
        log.debug("%s: %s at %s from %s.", symbol, found.quote.price, found.quote.as_of, found.quote.vendor)
        return found.quote

    async def get_options_chain(self, symbol: str) -> NoReturn:
        """Raises Unsupported: no source of this version offers option chains."""
        raise Unsupported(f"No source of this version offers the option chain of {canonical(symbol)}")

    def get_statistics(self) -> dict[str, Any]:
        """The figures of /metrics/live-data; raises redis.RedisError."""
        return metrics.statistics()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self.config.update_interval)
            try:
                await database_sync_to_async(tasks.poll_quotes)()
            except (DatabaseError, redis.RedisError) as error:
                log.warning("This poll was lost: %s.", type(error).__name__)


class SocketManager:
    """The sockets of this process."""

    def get_active_connections(self) -> list[Connection]:
        """The open sockets, oldest first: who, what they listen to, what was delivered and dropped."""
        return hub().connections()


live_data_service = LiveDataService()
ws_manager = SocketManager()
