"""The lightest WebSocket client that still counts frames: what it costs must not hide what the server costs."""

import asyncio
import os
import socket
import struct
import time
from typing import cast

HELLO = (
    "GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Reader(asyncio.Protocol):
    """One client; `frames` counts what came, `last` is when (perf_counter)."""

    def __init__(self, hello: bytes) -> None:
        self._hello = hello
        self._rest = b""
        self.frames = 0
        self.last = 0.0
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        """Count the whole frames."""
        data = self._rest + data
        if not self.open:
            head, found, data = data.partition(b"\r\n\r\n")
            self._rest = b"" if found else head
            if not found:
                return
            self.open = True
        self._rest = self._count(data)
        self.last = time.perf_counter()

    def say(self, text: bytes) -> None:
        """Send a text frame, masked as a client must."""
        mask = b"\0\0\0\0"
        size = struct.pack("!BBH", 0x81, 0x80 | 126, len(text))
        self.transport.write(size + mask + text)

    def _count(self, data: bytes) -> bytes:
        at, end = 0, len(data)
        while end - at >= 2:
            length, header = data[at + 1], 2
            if length == 126 and end - at >= 4:
                length, header = data[at + 2] << 8 | data[at + 3], 4
            elif length >= 126:
                break
            if end - at < header + length:
                break
            at += header + length
            self.frames += 1
        return data[at:]


async def connect(host: str, port: int, receive_buffer: int = 0) -> Reader:
    """An open client; a small receive buffer (bytes) makes a client that does not read felt at once."""
    loop = asyncio.get_running_loop()
    raw = socket.socket()
    raw.setblocking(False)
    if receive_buffer:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    await loop.sock_connect(raw, (host, port))
    hello = HELLO.format(host=f"{host}:{port}").encode()
    _, reader = await loop.create_connection(lambda: Reader(hello), sock=raw)
    return reader


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """The memory of a process that is really there."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:  # noqa: PTH123
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
