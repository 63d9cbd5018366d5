"""TWS' side of the wire, for tests and for a developer without an account: its text protocol at server version 176."""

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Self

from marketdata.standins import ib_payloads as payloads
from marketdata.standins.ib_client import Client
from marketdata.standins.ib_faults import Fault
from marketdata.standins.ib_frames import Fields, frame, recorded


class IbStandin:
    """A context manager: `host` and `port` are what a client needs, the rest is what a test turns.

    `delayed`: the account sees delayed data only; `replays`: recorded messages ("|" for NUL) by kind of request
    (details, history, ticks), sent in place of made-up ones; `ids`: the client ids that are connected.
    """

    host = "127.0.0.1"

    def __init__(self, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        self._port, self.clock = port, clock
        self.table = [*payloads.TABLE, *payloads.options(payloads.TABLE, clock())]
        self.requests: Counter[str] = Counter()
        self.asked: list[Fields] = []
        self.fault: Fault | None = None
        self.delayed = self.quiet = False
        self.says_type = True
        self.replays: dict[str, list[str]] = {}
        self.clients: dict[int, Client] = {}
        self.most_lines = 100
        self.changed = threading.Condition()

    @property
    def port(self) -> int:
        """IB_PORT."""
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def lines(self) -> int:
        """Market data lines that are open."""
        return sum(len(client.lines) for client in list(self.clients.values()))

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, self.host, self._port))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._finish(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def say(self, code: int, text: str = "") -> None:
        """A message to everybody about the connection itself (1100, 1101, 1102, 2103 ...)."""
        self._send(frame(4, 2, -1, code, text, ""))

    def push(self, text: str) -> None:
        """A recorded message to every client, "|" for NUL; "REQ" stands for the number of the client's first line."""
        for client in list(self.clients.values()):
            number = next(iter(client.lines), "0")
            self._loop.call_soon_threadsafe(client.write, frame(*recorded(text.replace("REQ", number))))

    def drop(self) -> None:
        """End every connection the hard way."""
        for client in list(self.clients.values()):
            self._loop.call_soon_threadsafe(client.abort)

    def forget_lines(self) -> None:
        """End every subscription without a word, as a restored connection (1101) does."""
        for client in list(self.clients.values()):
            self._loop.call_soon_threadsafe(client.lines.clear)

    def await_(self, holds: Callable[[], bool], seconds: float = 30.0) -> bool:
        """Wait until something holds that requests change."""
        with self.changed:
            return self.changed.wait_for(holds, seconds)

    def note(self, kind: str, fields: Fields) -> None:
        """Count a request."""
        with self.changed:
            self.requests[kind] += 1
            if fields:
                self.asked.append(fields)
            self.changed.notify_all()

    def _send(self, message: bytes) -> None:
        for client in list(self.clients.values()):
            self._loop.call_soon_threadsafe(client.write, message)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(self, reader, writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await client.serve()
        client.end()
        with self.changed:
            if self.clients.get(client.number) is client:
                del self.clients[client.number]
            self.changed.notify_all()

    async def _finish(self) -> None:
        self._server.close()
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.sleep(0)
