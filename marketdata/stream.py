"""Sources that push, played by one process: whoever holds the lease. The others stand by."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

import redis.exceptions
from django.conf import settings
from django.db import DatabaseError, connections

from marketdata import counters, store, wiring
from marketdata.cache import aclient
from marketdata.lease import Lease
from marketdata.playback import Live, Played, Recording
from marketdata.sources.base import Capability, SourceError, StreamingSource, Unavailable

log = logging.getLogger(__name__)
STAND_BY = 1.0
"""Seconds between two attempts to become the owner."""
WATCH = 2.0
"""Seconds between two looks at the watchlist and the switches."""
LONGEST_PAUSE = 30.0
"""Seconds before a stream that failed is opened again, at most."""

P = ParamSpec("P")
T = TypeVar("T")
Plan = Mapping[StreamingSource, tuple[str, ...]]
_PASSING = (SourceError, DatabaseError, redis.exceptions.RedisError, OSError)


async def run(stop: asyncio.Event) -> None:
    """Own the streams whenever nobody else does, until `stop` is set."""
    lease, waiting = Lease("stream"), False
    try:
        await _in_thread(_read_ahead)
        while not stop.is_set():
            if await _acquired(lease):
                log.info("this process owns the streams")
                await _first_of(lease.keep(), _serve(lease), stop.wait())
                log.info("this process owns the streams no more")
                await lease.release()
                waiting = False
            else:
                if not waiting:
                    log.info("another process owns the streams, this one stands by")
                waiting = True
                await _first_of(asyncio.sleep(STAND_BY), stop.wait())
    finally:
        await aclient().aclose()


async def _acquired(lease: Lease) -> bool:
    try:
        return await lease.acquire()
    except (redis.exceptions.RedisError, OSError) as error:
        log.warning("no lease without Redis", extra={"error": type(error).__name__})
        return False


async def _serve(lease: Lease) -> None:
    """Play every pushing source, and start over when the watchlist or a switch changes."""
    while True:
        plan = await _planned()
        playing = [asyncio.create_task(_follow(source, symbols, lease)) for source, symbols in plan.items()]
        try:
            await _changed(plan)
        finally:
            await _end(playing)


async def _changed(plan: Plan) -> None:
    while True:
        await asyncio.sleep(WATCH)
        if await _planned() != plan:
            return


async def _planned() -> Plan:
    attempt = 0
    while True:
        try:
            return await _in_thread(_plan)
        except _PASSING as error:
            attempt += 1
            log.error("no stream: %s", error, extra={"remedy": getattr(error, "remedy", "")})
            await asyncio.sleep(_pause(attempt))


def _read_ahead() -> None:
    """Read what a recording holds before it is our turn: who takes over has no time for it."""
    try:
        for source, symbols in _plan().items():
            if isinstance(source, Recording):
                source.problems(symbols)
    except _PASSING as error:
        log.debug("not read ahead: %s", error)


def _plan() -> Plan:
    pushing = (source for source in wiring.sources() if Capability.STREAM in source.capabilities)
    return {source: tuple(_symbols(source)) for source in pushing if isinstance(source, StreamingSource)}


def _symbols(source: StreamingSource) -> Sequence[str]:
    """A recording is played whole, unless the settings choose from it."""
    if not isinstance(source, Recording):
        return sorted(store.watchlist())
    chosen = {*settings.MARKETDATA_SYMBOLS, *store.watchlist()} if settings.MARKETDATA_SYMBOLS else None
    return [symbol for symbol in source.symbols() if chosen is None or symbol in chosen]


async def _follow(source: StreamingSource, symbols: Sequence[str], lease: Lease) -> None:
    """One source for ever: opened again after each failure, later and later; a recording ends with its last row."""
    player = Played(source) if isinstance(source, Recording) else Live(source)
    attempt = 0
    while True:
        opened = time.monotonic()
        try:
            await _play(player, symbols, lease)
            log.info("%s has ended", source.name)
            if isinstance(player, Played):
                await asyncio.Event().wait()
        except _PASSING as error:
            log.warning("%s stopped: %s", source.name, error, extra={"remedy": getattr(error, "remedy", "")})
            await _in_thread(_note_failure, source.name, error)
        attempt = 1 if time.monotonic() - opened > LONGEST_PAUSE else attempt + 1
        await asyncio.sleep(_pause(attempt))


async def _play(player: Live | Played, symbols: Sequence[str], lease: Lease) -> None:
    """One connection, or one playback, from its start to its end."""
    place = await _in_thread(player.open, symbols)
    log.info("%s plays", player.source.name, extra={"symbols": len(symbols), "after": str(place)})
    batches = player.source.stream(symbols)
    async for batch in batches:
        if not lease.held:
            return
        began = time.monotonic()
        await _in_thread(player.take, batch)
        await _in_thread(counters.source_ok, player.source.name, time.monotonic() - began)
    await _in_thread(player.finish)


def _note_failure(name: str, error: Exception) -> None:
    counters.source_failed(name, error if isinstance(error, SourceError) else Unavailable(type(error).__name__))


def _pause(attempt: int) -> float:
    """Seconds before the next attempt: doubling, at most half a minute, never two processes in step."""
    return min(LONGEST_PAUSE, 2.0 ** min(attempt, 10) / 2) * random.uniform(0.5, 1.0)


async def _in_thread(ask: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    def call() -> T:
        try:
            return ask(*arguments, **named)
        finally:
            connections.close_all()

    return await asyncio.to_thread(call)


async def _first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    """Until the first of them ends; the others are ended with it. An error of any of them is raised."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(tasks)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            raise error


async def _end(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
