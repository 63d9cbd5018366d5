"""A wire before a stand-in that can be cut and mended: to its clients the vendor is then dead, and there again."""

import socket
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Self

PIECE = 65_536


class Line:
    """A context manager that passes on what comes to its `address` (host and port), and the answers back."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = host, int(port)
        self._port = 0

    @property
    def address(self) -> str:
        """Host and port: the same after a cut."""
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def mend(self) -> None:
        """Listen (again)."""
        self._relay = _Relay(("127.0.0.1", self._port), _Handler)
        self._relay.target = self._target
        self._port = self._relay.server_address[1]
        Thread(target=self._relay.serve_forever, args=(0.05,), daemon=True).start()

    def cut(self) -> None:
        """End every connection and refuse new ones."""
        self._relay.shutdown()
        self._relay.server_close()
        self._relay.is_cut = True
        for end in list(self._relay.ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class _Relay(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128
    target: tuple[str, int]

    def __init__(self, address: tuple[str, int], handler: type[BaseRequestHandler]) -> None:
        super().__init__(address, handler)
        self.ends: set[socket.socket] = set()
        self.is_cut = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A stand-in that ends first is an everyday event here."""


class _Handler(BaseRequestHandler):
    server: _Relay

    def handle(self) -> None:
        with socket.create_connection(self.server.target) as there:
            both = {self.request, there}
            for end in both:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.server.ends |= both
            # A connection that is made during the cut: either the cut sees its ends, or it sees the cut.
            if self.server.is_cut:
                return
            answers = Thread(target=_pass_on, args=(there, self.request), daemon=True)
            answers.start()
            _pass_on(self.request, there)
            answers.join()
            self.server.ends -= both


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while piece := one.recv(PIECE):
            other.sendall(piece)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
