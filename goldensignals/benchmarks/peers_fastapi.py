"""The peer of the async tutorials: FastAPI, and for each quote a loop that awaits `send_text` on every socket."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

CHANNEL = "bench.quotes"
sockets: set[WebSocket] = set()


async def fan_out() -> None:
    """Every quote that is published goes to every socket."""
    async with redis.asyncio.from_url(os.environ["REDIS_URL"], socket_timeout=None).pubsub() as channel:
        await channel.subscribe(CHANNEL)
        async for message in channel.listen():
            if message["type"] == "message":
                text = message["data"].decode()
                for socket in tuple(sockets):
                    await socket.send_text(text)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """The fan-out runs as long as the server."""
    task = asyncio.create_task(fan_out())
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)


@app.websocket("/ws")
async def quotes(socket: WebSocket) -> None:
    """Everyone gets everything: the nine symbols of the benchmark."""
    await socket.accept()
    try:
        await socket.receive_text()
        sockets.add(socket)
        await socket.send_text('{"type":"ack"}')
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        sockets.discard(socket)
