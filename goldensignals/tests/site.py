"""The whole site on a port of its own, in the test's event loop; it can go away and come back."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import uvicorn
from channels.db import database_sync_to_async

from goldensignals.asgi import application
from marketdata import ingest, store, wiring
from marketdata.live.frames import Protocol

T = TypeVar("T")
SYMBOLS = ("AAPL", "MSFT", "NVDA", "BRK.B")


class Site:
    """Uvicorn with our application; the simulated market's quotes come when the test says so."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/"
        self.server: uvicorn.Server | None = None
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; returns when it does."""
        config = uvicorn.Config(application, port=self.port, ws=Protocol, log_level="warning", lifespan="off")
        self.server = uvicorn.Server(config)
        self.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self.task = asyncio.create_task(self.server.serve())
        async with asyncio.timeout(30):
            while not self.server.started:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Close every connection and listen no longer."""
        if self.server and self.task:
            self.server.should_exit = True
            async with asyncio.timeout(30):
                await self.task
            self.server = None

    async def watch(self, symbols: Sequence[str] = SYMBOLS) -> None:
        """Set the watchlist and take in one quote for each."""
        await away(store.set_watchlist, symbols)
        await self.poll()

    async def poll(self) -> None:
        """One poll of the simulated source, as the worker does it."""
        await away(_poll)


async def away(work: Callable[..., T], *given: Any) -> T:
    """What the work gives that a thread does for us; its connection goes back to the pool."""
    return await database_sync_to_async(work)(*given)


def _poll() -> None:
    answer = wiring.feed().quotes(store.watchlist())
    ingest.quotes(list(answer.value.values()))
