"""The application under a real uvicorn in the test's own event loop, and clients that read with a deadline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import uvicorn
from channels.db import database_sync_to_async
from websockets.asyncio.client import ClientConnection, connect

from marketdata.domain import Quote, Session
from marketdata.live.events import Event
from marketdata.live.frames import Protocol
from marketdata.live.hub import hub
from marketdata.live.publish import publish
from marketdata.tests import live_contract as contract
from marketdata.wire import market_data

DEADLINE = 30.0


def quote(symbol: str, price: float) -> Quote:
    """A simulated quote of this moment."""
    now = datetime.now(UTC)
    return Quote(
        symbol=symbol, vendor="simulated", as_of=now, received_at=now, price=price, bid=price - 0.01,
        ask=price + 0.01, previous_close=100.0, volume=1000.0, session=Session.ALWAYS, simulated=True,
    )  # fmt: skip


def signal(number: int) -> Event:
    """A signal event in the promised shape."""
    absent = (
        "base_rate", "confidence_low", "confidence_high", "edge_status", "edge_probability", "n", "n_eff",
        "expected_range", "record", "outcome",
    )  # fmt: skip
    data: dict[str, Any] = dict.fromkeys(absent) | {
        "signal_id": f"sig-{number}", "symbol": "AAPL", "signal_type": "BUY", "confidence": 0.85, "reasoning": "told",
        "lean": "up", "score": 0.3, "horizon": "5d", "at": "2026-01-15T21:00:00Z", "judged_at": "2026-01-15T21:00:03Z",
        "price": 185.5, "reasons": [], "opinions": [], "gates": [], "weights": {}, "agent_set": "1-a", "inputs": "i",
        "decision": "d", "market": "simulated", "simulated": True, "announced": True,
    }  # fmt: skip
    return Event(topic="signals", type="signal", data=data, timestamp=datetime.now(UTC), conflates=False)


async def announce(*quotes: Quote) -> None:
    """Publish quotes from a thread, as a worker does."""
    await announce_events(*[market_data(one) for one in quotes])


async def announce_events(*events: Event) -> None:
    """Publish any events from a thread, which gives its database connection back."""
    await database_sync_to_async(publish)(events)


@asynccontextmanager
async def serving(application: Any = None, ws: Any = Protocol) -> AsyncIterator[str]:
    """`ws://127.0.0.1:port` of a running server."""
    from goldensignals.asgi import application as ours

    config = uvicorn.Config(application or ours, port=0, ws=ws, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.ensure_future(server.serve())
    await until(lambda: server.started)
    try:
        yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        async with asyncio.timeout(DEADLINE):
            await task


async def until(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; raises TimeoutError after the deadline."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def joined(clients: int) -> None:
    """Return once so many clients listen to something."""
    await until(lambda: sum(bool(one.topics) for one in hub().connections()) == clients)


class Peer:
    """A client of the sockets."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, *messages: Any) -> None:
        """Send messages, each in its own frame."""
        for message in messages:
            await self.socket.send(
                message if isinstance(message, str | bytes) else msgspec.json.encode(message).decode()
            )

    async def hear(self, *types: str) -> dict[str, Any]:
        """The next message (of one of these types); heartbeats do not count unless asked for."""
        async with asyncio.timeout(DEADLINE):
            while True:
                message: dict[str, Any] = msgspec.json.decode(await self.socket.recv())
                contract.check(message)
                if message["type"] in types or (not types and message["type"] != "heartbeat"):
                    return message

    async def closed(self) -> int:
        """The code with which the server closed."""
        async with asyncio.timeout(DEADLINE):
            await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code


@asynccontextmanager
async def peer(url: str, **options: Any) -> AsyncIterator[Peer]:
    """A connected client."""
    async with connect(url, open_timeout=DEADLINE, **options) as socket:
        yield Peer(socket)


def subscription(*symbols: str, channel: str = "market_data", **more: Any) -> dict[str, Any]:
    """A subscribe message."""
    id_ = more.pop("id", None)
    named = {"symbol": symbols[0]} if len(symbols) == 1 else ({"symbols": list(symbols)} if symbols else {})
    said = {"type": "subscribe", "data": {"channel": channel, **named, **more}}
    return said if id_ is None else {**said, "id": id_}
