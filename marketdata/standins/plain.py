"""A plain HTTP server on this machine whose answers a function makes."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from marketdata.standins.proxy import Response

DRIP = 0.05
"""Seconds between the bytes of an answer that only drips."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asked: the header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


class PlainServer:
    """A context manager that runs it in a thread; `drips` makes answers arrive a byte at a time."""

    def __init__(self, answer: Callable[[Asked], Response], port: int = 0) -> None:
        self._answer, self._port = answer, port
        self.drips = False
        self.stopping = threading.Event()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._server = _Server(self._port, self._answer, self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Asked], Response], owner: PlainServer) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer, self.owner = answer, owner

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is an everyday event here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for headers and body
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        response = self.server.answer(self._asked())
        if response.delay and self.server.owner.stopping.wait(response.delay):
            self.close_connection = True
            return
        if response.drop:
            reset(self.connection)
            self.close_connection = True
            return
        self.send_response_only(response.status)
        for name, value in {**response.headers, "Content-Length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self._write(response.body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet: requests are counted, not printed."""

    def _write(self, body: bytes) -> None:
        if not self.server.owner.drips:
            self.wfile.write(body)
            return
        for i in range(len(body)):
            self.wfile.write(body[i : i + 1])
            self.wfile.flush()
            if self.server.owner.stopping.wait(DRIP):
                return

    def _asked(self) -> Asked:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(self.command, unquote(parts.path), dict(parse_qsl(parts.query)), headers)


def reset(connection: socket.socket) -> None:
    """End a connection the hard way, as a failing machine in between does; one that has ended is left as it is."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
