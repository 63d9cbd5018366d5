"""An HTTPS server for any name: a CONNECT proxy that ends TLS with a certificate of its own private authority."""

import ssl
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked; `host` is empty for a request to the proxy itself."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    cookies: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What to answer, after `delay` seconds; `drop` ends the connection instead."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False


Answer = Callable[[Request], Response]


class TlsProxy:
    """Answers requests to `names` (host patterns) that come by CONNECT; a context manager that runs it in a thread."""

    def __init__(self, answer: Answer, names: Sequence[str], port: int = 0) -> None:
        self._answer = answer
        self._names = names
        self._port = port
        self._stopping = threading.Event()

    def hang_up(self) -> None:
        """End every answer that is still being delayed, without answering."""
        self._stopping.set()
        self._stopping = self._server.stopping = threading.Event()

    @property
    def url(self) -> str:
        """The address to give to a client as its proxy."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def ca_file(self) -> str:
        """The certificate that a client must trust."""
        return str(Path(self._folder.name) / "ca.pem")

    def __enter__(self) -> Self:
        import trustme

        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*self._names).configure_cert(context)
        self._folder = tempfile.TemporaryDirectory(prefix="standin-")
        authority.cert_pem.write_to_path(self.ca_file)
        self._server = _Server(self._port, self._answer, context, self._stopping)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        self._folder.cleanup()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, answer: Answer, context: ssl.SSLContext, stopping: threading.Event) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer, self.context, self.stopping = answer, context, stopping

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is an everyday event here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    host = ""

    def do_CONNECT(self) -> None:
        self.host = self.path.partition(":")[0]
        self.send_response_only(200)
        self.end_headers()
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        response = self.server.answer(self._request(body))
        if response.drop or (response.delay and self.server.stopping.wait(response.delay)):
            self.close_connection = True
            return
        self.send_response_only(response.status)
        for name, value in {**response.headers, "Content-Length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet: requests are counted, not printed."""

    def _request(self, body: bytes) -> Request:
        parts = urlsplit(self.path)
        cookies = {name: morsel.value for name, morsel in SimpleCookie(self.headers.get("Cookie")).items()}
        return Request(self.command, self.host, parts.path, dict(parse_qsl(parts.query)), cookies, body)
