"""The stream's side of the Yahoo stand-in: base64 of protobuf in JSON, prices that move."""

import base64
import http
import json
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from marketdata.standins.plain import reset
from marketdata.standins.yahoo_instruments import Instrument

TICK = 0.05
"""Seconds between two prices of a subscribed symbol."""
QUOTE_TYPES = {"EQUITY": 8, "ETF": 20, "INDEX": 9, "CRYPTOCURRENCY": 41, "CURRENCY": 14}


class StreamFault(StrEnum):
    """What can be wrong with the stream."""

    CLEAN_CLOSE = "clean_close"
    RESET = "reset"
    NOISE = "noise"
    MUTE = "mute"
    SILENT = "silent"
    HANDSHAKE_LIMITED = "handshake_limited"
    NOT_PROTOBUF = "not_protobuf"


class YahooSocket:
    """`push` sends messages of a test's own, `fault` is what a test turns; `subscribed` holds the symbols of now."""

    def __init__(self, table: Mapping[str, Instrument], clock: Callable[[], float]) -> None:
        self._table, self._clock = table, clock
        self._open: dict[ServerConnection, set[str]] = {}
        self._stopping = threading.Event()
        self.fault: StreamFault | None = None
        self.connections = 0
        self.beats = 0
        self.changed = threading.Condition()

    @property
    def url(self) -> str:
        """YAHOO_STREAM_URL."""
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/?version=2"

    @property
    def subscribed(self) -> set[str]:
        """The symbols of all open connections."""
        with self.changed:
            return {symbol for symbols in self._open.values() for symbol in symbols}

    def wait_for(self, found: Callable[[Self], bool], seconds: float = 30.0) -> bool:
        """Wait until it is as `found` says."""
        with self.changed:
            return self.changed.wait_for(lambda: found(self), seconds)

    def push(self, message: Mapping[str, Any] | str) -> None:
        """One frame to every connection: a message, or a text as it is."""
        with self.changed:
            chosen = list(self._open)
        for connection in chosen:
            connection.send(message if isinstance(message, str) else frame(message))

    def __enter__(self) -> Self:
        self._server: Server = serve(self._serve, "127.0.0.1", 0, process_request=self._greeted, compression=None)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        with self.changed:
            open_now = list(self._open)
        for connection in open_now:
            connection.socket.close()
        self._thread.join(5)

    def _greeted(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.fault is StreamFault.SILENT:
            self._stopping.wait(30)
        if self.fault is StreamFault.HANDSHAKE_LIMITED:
            return connection.respond(http.HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests")
        return None

    def _serve(self, connection: ServerConnection) -> None:
        with self.changed:
            self._open[connection] = set()
            self.connections += 1
        try:
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

    def _talk(self, connection: ServerConnection) -> None:
        while True:
            try:
                self._listen(connection, json.loads(connection.recv(timeout=TICK)))
            except TimeoutError:
                match self.fault:
                    case StreamFault.CLEAN_CLOSE:
                        self._leave(connection)
                        return connection.close(1000)
                    case StreamFault.RESET:
                        self._leave(connection)
                        return reset(connection.socket)
                    case StreamFault.NOISE:
                        connection.send("\x00 <html>")
                    case StreamFault.NOT_PROTOBUF:
                        connection.send(json.dumps({"type": "pricing", "message": "/////w=="}))
                    case None:
                        self._tick(connection)

    def _listen(self, connection: ServerConnection, message: Mapping[str, list[str]]) -> None:
        with self.changed:
            self._open[connection] |= set(message.get("subscribe", ()))
            self._open[connection] -= set(message.get("unsubscribe", ()))
            self.beats += "subscribe" in message
            self.changed.notify_all()

    def _tick(self, connection: ServerConnection) -> None:
        for symbol in sorted(self._open[connection] & self._table.keys()):
            connection.send(frame(pricing(self._table[symbol], self._clock())))


def pricing(one: Instrument, now: float) -> dict[str, Any]:
    """The fields of a message as Yahoo fills them: no bid, no previous close."""
    last, before = one.price(now), one.price(now - 86400)
    return {
        "id": one.symbol, "price": last, "time": int(now * 1000), "exchange": one.exchange, "currency": one.currency,
        "quote_type": QUOTE_TYPES[one.quote_type], "market_hours": 1, "change": last - before,
        "change_percent": 100 * (last / before - 1), "day_volume": int(now % 86400) * 900, "price_hint": one.digits,
    }  # fmt: skip


def frame(message: Mapping[str, Any]) -> str:
    """A message as it goes over the wire."""
    # yfinance takes seconds to import: only who streams pays.
    from yfinance.pricing_pb2 import PricingData

    packed = base64.b64encode(PricingData(**message).SerializeToString()).decode()
    return json.dumps({"type": "pricing", "message": packed})
