"""The stream's side of the Polygon stand-in: status frames, one connection per asset class, trades that move."""

import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.sync.server import Server, ServerConnection, serve

from marketdata.standins import polygon_payloads as payloads
from marketdata.standins.plain import reset

if TYPE_CHECKING:
    from marketdata.standins.polygon import PolygonStandin

TICK = 0.05
"""Seconds between two trades of a subscribed symbol."""


class PolygonSocket:
    """`push` sends frames of a test's own; `quiet` stops the made-up ones; `subscribed` holds the topics of now."""

    def __init__(self, owner: "PolygonStandin") -> None:
        self._owner = owner
        self._open: dict[ServerConnection, tuple[str, set[str]]] = {}
        self.connections: Counter[str] = Counter()
        self.quiet = False
        self.refused: set[str] = set()
        self.changed = threading.Condition()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.socket.getsockname()[1]}"

    @property
    def subscribed(self) -> set[str]:
        """The topics of all open connections."""
        with self.changed:
            return {topic for _, topics in self._open.values() for topic in topics}

    def await_topics(self, topics: set[str], seconds: float = 30.0) -> bool:
        """Wait until exactly these topics are subscribed."""
        with self.changed:
            return self.changed.wait_for(lambda: self.subscribed == topics, seconds)

    def push(self, messages: list[dict[str, Any]] | str, market: str = "stocks") -> None:
        """One frame to every connection of a market."""
        with self.changed:
            chosen = [one for one, (path, topics) in self._open.items() if path == f"/{market}" and topics]
        for connection in chosen:
            connection.send(messages if isinstance(messages, str) else json.dumps(messages))

    def __enter__(self) -> Self:
        self._server: Server = serve(self._serve, "127.0.0.1", 0, compression=None)
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
        owner = self._owner
        if owner.fault == "silent":
            connection.recv(timeout=owner.delay)
            return False
        self._say(connection, "connected", "Connected Successfully")
        asked = json.loads(connection.recv())
        if asked.get("params") != self._key() or owner.fault == "unauthorized":
            return self._say(connection, "auth_failed", "authentication failed")
        if "stream" in owner.lacks or owner.fault == "forbidden":
            return self._say(connection, "auth_failed", "Your plan doesn't include websocket access. Please upgrade")
        with self.changed:
            taken = self._is_taken(path) or owner.fault == "max_connections"
            if not taken:
                self._open[connection] = (path, set())
                self.connections[path] += 1
        if taken:
            return self._say(connection, "max_connections", "Maximum number of websocket connections exceeded.")
        self._say(connection, "auth_success", "authenticated")
        return True

    def _key(self) -> str:
        from marketdata.standins.polygon import KEY

        return KEY

    def _is_taken(self, path: str) -> bool:
        """Whether a connection stands there; one that says goodbye stands no more."""
        return any(other == path and one.protocol.state is State.OPEN for one, (other, _) in self._open.items())

    def _say(self, connection: ServerConnection, status: str, message: str) -> bool:
        connection.send(json.dumps([{"ev": "status", "status": status, "message": message}]))
        return False

    def _talk(self, connection: ServerConnection) -> None:
        topics = self._open[connection][1]
        while True:
            try:
                self._listen(connection, json.loads(connection.recv(timeout=TICK)), topics)
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
                    case None | "":
                        self._tick(connection, topics)

    def _listen(self, connection: ServerConnection, message: dict[str, str], topics: set[str]) -> None:
        named = set(message.get("params", "").split(","))
        for topic in sorted(named & self.refused):
            self._say(connection, "error", f"not authorized: {topic}")
        with self.changed:
            granted = named - self.refused
            if message.get("action") == "subscribe":
                topics |= granted
            else:
                topics -= named
            self.changed.notify_all()
        verb = f"{message.get('action')}d to"
        frame = [{"ev": "status", "status": "success", "message": f"{verb}: {topic}"} for topic in sorted(granted)]
        if frame:
            connection.send(json.dumps(frame))

    def _tick(self, connection: ServerConnection, topics: set[str]) -> None:
        found = [one for topic in sorted(topics) for one in self._messages(topic)]
        if found and not self.quiet:
            connection.send(json.dumps(found))

    def _messages(self, topic: str) -> list[dict[str, Any]]:
        event, _, name = topic.partition(".")
        prefix = {"X": "X:", "C": "C:"}.get(event[:1], "")
        ticker = prefix + name.replace("-", "").replace("/", "") if prefix else name
        if ticker not in self._owner.table:
            return []
        now = self._owner.now()
        last, at = payloads.price(ticker, self._owner.table[ticker], now), int(now * payloads.MILLI)
        sides = {"bp": last - 0.01, "bs": 200, "ap": last + 0.01, "as": 300}
        match event:
            case "T":
                return [{"ev": "T", "sym": name, "x": 4, "i": "1", "z": 3, "p": last, "s": 100, "c": [0], "t": at}]
            case "Q":
                return [{"ev": "Q", "sym": name, "bx": 4, "ax": 7, **sides, "c": 0, "t": at, "z": 3}]
            case "A":
                candle = {"o": last, "c": last, "h": last, "l": last, "vw": last, "a": last, "s": at - 1000, "e": at}
                return [
                    {"ev": "A", "sym": name, "v": 500, "av": 1000 * int(now % 86400), "op": last, "z": 50, **candle}
                ]
            case "XT":
                return [{"ev": "XT", "pair": name, "p": last, "t": at, "s": 0.5, "c": [0], "i": "1", "x": 1, "r": at}]
            case "XQ":
                return [{"ev": "XQ", "pair": name, **sides, "t": at, "x": 1, "r": at}]
            case "C":
                return [{"ev": "C", "p": name, "x": 44, "a": last * 1.0001, "b": last * 0.9999, "t": at}]
            case "V":
                return [{"ev": "V", "val": last, "T": name, "t": at}]
        return []
