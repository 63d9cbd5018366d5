"""Real Postgres and Valkey (it speaks Redis) as child processes, for machines where no URL names others.

Postgres listens on a unix socket, Valkey on a random loopback port, both ask for a random password. Started by root
they run as `nobody`.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from goldensignals.binaries import NAME, ServerFailed, nobody, programs, reachable
from goldensignals.child import Child, last_words
from goldensignals.guard import Guard

START_DEADLINE = 60.0
"""Seconds; recovery after a hard stop can take a while."""
CLEAN = {"LC_ALL": "C", "TZ": "UTC", "PGTZ": "UTC"}


def as_whom() -> dict[str, Any]:
    user = nobody()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"} if user else {"cwd": "/"}


def make_folder(path: Path) -> Path:
    """A private folder of the user the servers run as."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user := nobody():
        os.chown(path, user.pw_uid, user.pw_gid)
    return path


def password(folder: Path) -> str:
    """The servers' password, made once and readable by its owner only."""
    path = folder / "password"
    if not path.exists():
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


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
        self.sockets = make_folder(Path(tempfile.mkdtemp(prefix="gs-", dir="/tmp")))
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
        make_folder(fresh)
        secret = fresh.with_name("postgres.secret")
        secret.touch(0o600)
        if user := nobody():
            os.chown(secret, user.pw_uid, user.pw_gid)
        secret.write_text(self.secret)
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
            [*command, *options], capture_output=True, text=True, env={**os.environ, **CLEAN}, **as_whom()
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
        self.spawn([self.programs / "postgres", "-D", self.data, *settings], env=CLEAN, **as_whom())

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


class Valkey(Child):
    """A Valkey on a random loopback port."""

    def __init__(self, folder: Path, guard: Guard, secret: str, durable: bool, keep: Sequence[int]) -> None:
        super().__init__("redis", folder / "redis.log", guard, signal.SIGTERM, keep)
        self.data, self.secret, self.durable, self.program = folder / "redis", secret, durable, programs()[1]
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.secret)}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        make_folder(self.data)
        lines = ("bind 127.0.0.1", f"port {self.port}", f"dir {self.data}", f"requirepass {self.secret}", 'save ""',
                 f"appendonly {'yes' if self.durable else 'no'}", "databases 64", "daemonize no")  # fmt: skip
        # The settings go through standard input, so that no password stands in a file or in `ps`.
        self.spawn([self.program, "-"], given="\n".join(lines).encode(), env=CLEAN, **as_whom())

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


class Servers:
    """Both servers of one clone (`durable`) or of one test run. `keep`: the lock that each of them holds too."""

    def __init__(self, folder: Path, guard: Guard, durable: bool = True, keep: Sequence[int] = ()) -> None:
        home = reachable(folder)
        home.mkdir(parents=True, exist_ok=True)
        secret = password(folder)
        self.postgres = Postgres(home, guard, secret, durable, keep)
        self.redis = Valkey(home, guard, secret, durable, keep)

    def start(self) -> None:
        self.redis.start()
        self.postgres.start()

    def await_ready(self) -> dict[str, str]:
        """Wait for both; the environment that names them."""
        self.redis.await_ready()
        self.postgres.await_ready()
        self.postgres.create_database()
        return {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.redis.url}

    def stop(self) -> None:
        for server in (self.redis, self.postgres):
            server.stop()
        shutil.rmtree(self.postgres.sockets, ignore_errors=True)
