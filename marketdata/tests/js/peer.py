"""A real socket server that a test steers: orders come as JSON lines on stdin, what it hears goes to stdout.

Unless told otherwise it behaves as marketdata/live/asyncapi.yaml says: pong, snapshot, ack.
Orders: {"send": message | [messages]}, {"close": code}, {"mute": bool}, {"refuse": code | 0}, {"down": true},
{"up": true}.
"""

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosedError

EPOCH = "e1"


class Peer:
    """The server, and what it was told."""

    def __init__(self) -> None:
        self.server: Server | None = None
        self.sockets: set[ServerConnection] = set()
        self.port = self.refuse = self.seq = 0
        self.mute = False

    async def up(self) -> None:
        """Listen, on the same port as before."""
        if self.server is None:
            self.server = await serve(self.talk, "127.0.0.1", self.port)
            self.port = next(iter(self.server.sockets)).getsockname()[1]
            tell({"event": "up", "port": self.port})

    async def down(self) -> None:
        """Close everything and listen no longer."""
        if self.server is not None:
            self.server.close(code=1012)
            await self.server.wait_closed()
            self.server = None
            tell({"event": "down"})

    async def talk(self, socket: ServerConnection) -> None:
        """One connection."""
        tell({"event": "open"})
        if self.refuse:
            await socket.close(self.refuse, "refused")
            return
        self.sockets.add(socket)
        try:
            async for text in socket:
                message = json.loads(text)
                tell({"event": "heard", "message": message})
                for answer in [] if self.mute else self.answers(message):
                    await socket.send(json.dumps(answer))
        except ConnectionClosedError:
            pass
        finally:
            self.sockets.discard(socket)
            tell({"event": "closed", "code": socket.close_code})

    def answers(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        """What the real server says to this."""
        kind, ident, data = message["type"], message.get("id"), message.get("data", {})
        if kind == "ping":
            return [{"type": "pong", "id": ident}]
        if kind == "subscribe" and "BAD" in data.get("symbols", []):
            return [{"type": "error", "id": ident, "code": "unknown_symbol", "title": "No BAD", "retryable": False}]
        if kind == "subscribe" and data["channel"] == "market_data":
            return [*(self.quote(one, True) for one in data["symbols"]), {"type": "ack", "id": ident}]
        return [{"type": "ack", "id": ident}]

    def quote(self, symbol: str, snapshot: bool) -> dict[str, Any]:
        """A quote whose price is its number."""
        self.seq += 1
        data = {"symbol": symbol, "price": float(self.seq)}
        message = {
            "type": "market_data",
            "topic": f"market_data:{symbol}",
            "epoch": EPOCH,
            "seq": self.seq,
            "data": data,
        }
        return {**message, "snapshot": True} if snapshot else message

    async def obey(self, order: dict[str, Any]) -> None:
        """Do what the test asks."""
        for name in ("mute", "refuse"):
            if name in order:
                setattr(self, name, order[name])
        if "send" in order:
            broadcast(self.sockets, json.dumps(order["send"]))
        if "close" in order:
            for socket in list(self.sockets):
                await socket.close(order["close"], "told to")
        if "down" in order:
            await self.down()
        if "up" in order:
            await self.up()
        tell({"event": "done"})


def tell(event: dict[str, Any]) -> None:
    """One line for the test."""
    print(json.dumps(event), flush=True)


async def main() -> None:
    """Obey until stdin ends."""
    peer, reader = Peer(), asyncio.StreamReader()
    await peer.up()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await peer.obey(json.loads(line))


if __name__ == "__main__":
    asyncio.run(main())
