"""An embedded Postgres 16: it listens on a unix socket only and asks for a password."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from goldensignals.binaries import NAME, ServerFailed, programs
from goldensignals.child import Child, last_words
from goldensignals.guard import Guard
from goldensignals.identity import CLEAN, Identity

START_DEADLINE = 60.0
"""Seconds; recovery after a hard stop can take a while."""


class Postgres(Child):
    """A Postgres 16 on a unix socket."""

    settings: tuple[str, ...] = (
        "listen_addresses=",
        "max_connections=200",
        "timezone=UTC",
        "jit=off",
        "log_min_messages=fatal",
    )

    def __init__(self, folder: Path, guard: Guard, secret: str, durable: bool, keep: Sequence[int]) -> None:
        super().__init__("postgres", folder / "postgres.log", guard, signal.SIGINT if durable else signal.SIGQUIT, keep)
        self.data, self.secret, self.programs = folder / "postgres", secret, programs()[0]
        if not durable:
            self.settings += ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
        # A unix socket's path may have 107 bytes, which a deep clone exceeds.
        self.identity = Identity(folder)
        self.sockets = self.identity.make_folder(Path(tempfile.mkdtemp(prefix="gs-", dir="/tmp")))
        guard.remove(self.sockets)

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}:{quote(self.secret)}@{quote(str(self.sockets), safe='')}/{NAME}"

    def initialise(self) -> None:
        """Make the cluster; a half-made one of a start that was killed is made anew."""
        fresh = self.data.with_name("postgres.new")
        if self.data.exists():
            return
        if fresh.exists():
            shutil.rmtree(fresh)
        self.identity.make_folder(fresh)
        secret = fresh.with_name("postgres.secret")
        secret.touch(0o600)
        self.identity.give(secret).write_text(self.secret)
        command: list[str | Path] = [
            self.programs / "initdb",
            "-D",
            fresh,
            "-U",
            NAME,
            "--pwfile",
            secret,
            "-A",
            "scram-sha-256",
        ]
        options = ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, env={**os.environ, **CLEAN}, **self.identity.options
        )
        secret.unlink()
        if done.returncode:
            raise ServerFailed(f"Postgres could not make its folder {self.data}:\n{done.stderr.strip()}")
        fresh.rename(self.data)

    def start(self) -> None:
        self.initialise()
        # Whoever holds the lock knows that no postmaster is left, so a pid file is a dead one's.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = [f"--{setting}" for setting in (*self.settings, f"unix_socket_directories={self.sockets}")]
        self.spawn([self.programs / "postgres", "-D", self.data, *settings], env=CLEAN, **self.identity.options)

    def ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def await_ready(self) -> None:
        if not self.wait(self.ready, START_DEADLINE):
            raise ServerFailed(f"Postgres did not start. Its log {self.log} ends:\n{last_words(self.log)}")

    def create_database(self) -> None:
        """The database of this project, unless it is there."""
        import psycopg

        with psycopg.connect(self.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {NAME}")
