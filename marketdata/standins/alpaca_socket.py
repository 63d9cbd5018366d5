"""The stream's side of the Alpaca stand-in: msgpack frames with the timestamp extension, one connection per feed."""

import http
import threading
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import msgpack
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.sync.server import Server, ServerConnection, serve

from marketdata.standins import alpaca_payloads as payloads
from marketdata.standins.plain import reset

if TYPE_CHECKING:
    from marketdata.standins.alpaca import AlpacaStandin

TICK = 0.05
"""Seconds between two trades of a subscribed symbol."""
CHANNELS = ("trades", "quotes", "dailyBars", "bars")
REFUSALS = {
    402: "auth failed", 404: "auth timeout", 405: "symbol limit exceeded", 406: "connection limit exceeded",
    409: "insufficient subscription",
}  # fmt: skip


class AlpacaSocket:
    """`push` sends frames of a test's own; `quiet` stops the made-up ones; `limit`: most symbols of a channel."""

    def __init__(self, owner: "AlpacaStandin", keys: tuple[str, str]) -> None:
        self._owner, self._keys = owner, keys
        self._open: dict[ServerConnection, tuple[str, dict[str, set[str]]]] = {}
        self.connections: Counter[str] = Counter()
        self.attempts = 0
        self.quiet = False
        self.limit = 30
        self.changed = threading.Condition()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.socket.getsockname()[1]}"

    def await_open(self, paths: set[str], seconds: float = 30.0) -> bool:
        """Wait until exactly these paths have a connection with a subscription."""
        with self.changed:
            return self.changed.wait_for(lambda: {path for path, on in self._open.values() if on} == paths, seconds)

    def push(self, messages: list[dict[str, Any]] | bytes | str, path: str = "/v2/iex") -> None:
        """One frame to every connection of a path."""
        with self.changed:
            chosen = [one for one, (other, _) in self._open.items() if other == path]
        for connection in chosen:
            connection.send(msgpack.packb(messages) if isinstance(messages, list) else messages)

    def __enter__(self) -> Self:
        self._server: Server = serve(self._serve, "127.0.0.1", 0, process_request=self._greeted)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        with self.changed:
            open_now = list(self._open)
        for connection in open_now:
            connection.socket.close()
        self._thread.join(5)

    def _greeted(self, connection: ServerConnection, request: Request) -> Response | None:
        self.attempts += 1
        if self._owner.fault == "handshake_limited":
            return connection.respond(http.HTTPStatus.TOO_MANY_REQUESTS, "too many requests")
        return None

    def _serve(self, connection: ServerConnection) -> None:
        path = connection.request.path if connection.request else "/"
        try:
            if self._admit(connection, path):
                self._talk(connection)
        except (ConnectionClosed, OSError):
            pass
        finally:
            self._leave(connection)

    def _leave(self, connection: ServerConnection) -> None:
        """Free its place: before the peer learns of the end, for it may be back at once."""
        with self.changed:
            self._open.pop(connection, None)
            self.changed.notify_all()

    def _admit(self, connection: ServerConnection, path: str) -> bool:
        if self._owner.fault == "silent":
            connection.recv(timeout=self._owner.delay)
            return False
        self._say(connection, {"T": "success", "msg": "connected"})
        asked = msgpack.unpackb(connection.recv())
        if (asked.get("key"), asked.get("secret")) != self._keys or self._owner.fault == "unauthorized":
            return self._refuse(connection, 402)
        if (path.endswith(("/sip", "/opra")) and self._owner.plan == "basic") or self._owner.fault == "not_entitled":
            return self._refuse(connection, 409)
        with self.changed:
            taken = self._is_taken(path) or self._owner.fault == "slot_taken"
            if not taken:
                self._open[connection] = (path, {})
                self.connections[path] += 1
        if taken:
            return self._refuse(connection, 406)
        self._say(connection, {"T": "success", "msg": "authenticated"})
        return True

    def _is_taken(self, path: str) -> bool:
        """Whether a connection stands there; one that says goodbye stands no more."""
        return any(other == path and one.protocol.state is State.OPEN for one, (other, _) in self._open.items())

    def _say(self, connection: ServerConnection, *messages: Mapping[str, Any]) -> None:
        connection.send(msgpack.packb(list(messages)))

    def _refuse(self, connection: ServerConnection, code: int) -> bool:
        self._say(connection, {"T": "error", "code": code, "msg": REFUSALS[code]})
        return False

    def _talk(self, connection: ServerConnection) -> None:
        path, on = self._open[connection]
        while True:
            try:
                self._listen(connection, msgpack.unpackb(connection.recv(timeout=TICK)), on)
            except TimeoutError:
                match self._owner.fault:
                    case "clean_close":
                        self._leave(connection)
                        return connection.close(1000)
                    case "reset":
                        self._leave(connection)
                        return reset(connection.socket)
                    case "noise":
                        connection.send("\x00 <html>")
                    case None:
                        self._tick(connection, path, on)

    def _listen(self, connection: ServerConnection, message: dict[str, Any], on: dict[str, set[str]]) -> None:
        named = {channel: set(message.get(channel, ())) for channel in CHANNELS}
        wanted = {channel: on.get(channel, set()) | named[channel] for channel in CHANNELS}
        if max(len(wanted["trades"]), len(wanted["quotes"])) > self.limit:
            self._refuse(connection, 405)
            return
        with self.changed:
            on |= wanted
            self.changed.notify_all()
        self._say(connection, {"T": "subscription", **{channel: sorted(names) for channel, names in on.items()}})

    def _tick(self, connection: ServerConnection, path: str, on: dict[str, set[str]]) -> None:
        found = [
            self._message(channel, symbol, path)
            for channel in ("trades", "quotes", "dailyBars")
            for symbol in sorted(on.get(channel, ())) if symbol in self._owner.table
        ]  # fmt: skip
        if found and not self.quiet:
            self._say(connection, *found)

    def _message(self, channel: str, symbol: str, path: str) -> dict[str, Any]:
        now = self._owner.now()
        part = payloads.IEX_SHARE if path.endswith("/iex") else 1.0
        row = payloads.snapshot(symbol, self._owner.table[symbol], now, part)
        letter, name = {"trades": ("t", "latestTrade"), "quotes": ("q", "latestQuote")}.get(channel, ("d", "dailyBar"))
        began = payloads.midnight(symbol, now) if letter == "d" else now
        return {**row[name], "T": letter, "S": symbol, "t": msgpack.Timestamp.from_unix(began)}
