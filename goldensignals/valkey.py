"""An embedded Valkey (it speaks Redis): it listens on a random loopback port and asks for a password."""

import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from goldensignals.binaries import ServerFailed, programs
from goldensignals.child import Child, last_words
from goldensignals.guard import Guard
from goldensignals.identity import CLEAN, Identity

START_DEADLINE = 60.0
"""Seconds; a long append-only file takes a while to read."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Valkey(Child):
    """A Valkey on a random loopback port."""

    def __init__(self, folder: Path, guard: Guard, secret: str, durable: bool, keep: Sequence[int]) -> None:
        super().__init__("redis", folder / "redis.log", guard, signal.SIGTERM, keep)
        self.data, self.secret, self.durable, self.program = folder / "redis", secret, durable, programs()[1]
        self.identity = Identity(folder)
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.secret)}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.identity.make_folder(self.data)
        lines = ("bind 127.0.0.1", f"port {self.port}", f"dir {self.data}", f"requirepass {self.secret}", 'save ""',
                 f"appendonly {'yes' if self.durable else 'no'}", "databases 64", "daemonize no")  # fmt: skip
        # The settings go through standard input, so that no password stands in a file or in `ps`.
        self.spawn([self.program, "-"], given="\n".join(lines).encode(), env=CLEAN, **self.identity.options)

    def ready(self) -> bool:
        """Whether it is ours that answers: it knows the password and has loaded its data."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                link.sendall(f"AUTH {self.secret}\r\nPING\r\n".encode())
                answers = link.makefile("rb")
                return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
        except OSError:
            return False

    def await_ready(self) -> None:
        for _ in range(5):
            if self.wait(self.ready, START_DEADLINE):
                return
            if "Address already in use" not in last_words(self.log):
                break
            self.port = free_port()
            self.start()
        raise ServerFailed(f"Valkey did not start. Its log {self.log} ends:\n{last_words(self.log)}")
