"""Sources that push, played by one process: whoever holds the lease. The others stand by."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, ParamSpec, TypeVar

import redis.exceptions
from django.conf import settings
from django.db import DatabaseError, connections

from marketdata import counters, store, trouble, wiring
from marketdata.cache import aclient
from marketdata.lease import Lease
from marketdata.playback import Live, Played, Recording
from marketdata.reconnecting import KEY_PAUSE, Reconnecting, ceiling
from marketdata.sources.base import Capability, SourceError, StreamingSource
from marketdata.sources.runs import end

log = logging.getLogger(__name__)
STAND_BY = 1.0
"""Seconds between two attempts to become the owner."""
WATCH = 2.0
"""Seconds between two looks at the watchlist and the switches."""

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
    """Play every pushing source; one whose symbols or switch change is ended, then opened with its new symbols."""
    playing: dict[StreamingSource, tuple[tuple[str, ...], asyncio.Task[None]]] = {}
    try:
        while True:
            plan = await _planned()
            gone = [source for source, (symbols, _) in playing.items() if plan.get(source) != symbols]
            await end([playing.pop(source)[1] for source in gone])
            for source in gone:
                if source not in plan:
                    await _switched_off(source.name)
            for source in plan.keys() - playing.keys():
                playing[source] = plan[source], asyncio.create_task(_follow(source, plan[source], lease))
            await asyncio.sleep(WATCH)
    finally:
        await end([task for _, task in playing.values()])


async def _planned() -> Plan:
    attempt = 0
    while True:
        try:
            return await _in_thread(_plan)
        except _PASSING as error:
            attempt += 1
            log.error("no stream: %s", error, extra={"remedy": getattr(error, "remedy", "")})
            await asyncio.sleep(random.uniform(0.0, ceiling(attempt)))


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
    """One source for ever: opened again after each failure, without limit; a recording ends with its last row."""
    player = Played(source) if isinstance(source, Recording) else Live(source)
    reconnecting = Reconnecting()
    while True:
        await _admitted(source.name)
        opened = time.monotonic()
        ended: Exception | None = None
        try:
            await _play(player, symbols, lease)
            log.info("%s has ended", source.name)
            if isinstance(player, Played):
                await asyncio.Event().wait()
        except _PASSING as error:
            ended = error
            log.warning("%s stopped: %s", source.name, error, extra={"remedy": getattr(error, "remedy", "")})
        pause = reconnecting.pause(ended, time.monotonic() - opened)
        if ended is not None:
            await _told(source.name, ended, reconnecting.attempt)
        await asyncio.sleep(pause)


async def _play(player: Live | Played, symbols: Sequence[str], lease: Lease) -> None:
    """One connection, or one playback, from its start to its end."""
    place = await _in_thread(player.open, symbols)
    log.info("%s plays", player.source.name, extra={"symbols": len(symbols), "after": str(place)})
    if isinstance(player, Played):
        await _take_all(player, symbols, lease)
        await _in_thread(player.finish)
        return
    try:
        await _first_of(_take_all(player, symbols, lease), _listen(player))
    finally:
        with suppress(redis.exceptions.RedisError, OSError):
            await _in_thread(player.finish)


async def _admitted(name: str) -> None:
    """Wait while the vendor is known to refuse our key: each of our processes would be refused again."""
    while True:
        if not await _in_thread(trouble.refused, name):
            return
        await asyncio.sleep(KEY_PAUSE)


async def _take_all(player: Live | Played, symbols: Sequence[str], lease: Lease) -> None:
    """Every batch, one after the other. The connection is closed when this ends, however it ends."""
    is_first = True
    async with aclosing(player.source.stream(symbols)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            if not lease.held:
                return
            seconds = await _in_thread(player.take, batch)
            await _in_thread(counters.source_ok, player.source.name, seconds)
            if is_first:
                await _in_thread(trouble.over, player.source.name)
            is_first = False


async def _listen(player: Live) -> None:
    """Raises Mute when nothing is heard although the market moves."""
    while True:
        await asyncio.sleep(WATCH)
        if mute := await _in_thread(player.missed):
            raise mute


async def _switched_off(name: str) -> None:
    """Nobody listens to it any more: its alarms are over."""
    with suppress(redis.exceptions.RedisError, OSError):
        await _in_thread(trouble.over, name)


async def _told(name: str, error: Exception, attempt: int) -> None:
    """Tell the operator; without Redis the log has to do."""
    with suppress(redis.exceptions.RedisError, OSError):
        await _in_thread(trouble.note, name, error, attempt)


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
        await end(tasks)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            raise error
