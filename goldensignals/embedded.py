"""Real Postgres and Valkey (it speaks Redis) as child processes, for machines where no URL names others."""

import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from goldensignals.binaries import reachable
from goldensignals.guard import Guard
from goldensignals.identity import password
from goldensignals.postgres import Postgres
from goldensignals.valkey import Valkey


class Servers:
    """Both servers of one clone (`durable`) or of one test run, or those of them that no URL names.

    `keep`: file descriptors (the lock) that each of them holds too.
    """

    def __init__(
        self, folder: Path, guard: Guard, durable: bool = True, keep: Sequence[int] = (), given: Collection[str] = ()
    ) -> None:
        home = reachable(folder)
        rest = (home, guard, password(folder), durable, keep)
        self.postgres = None if "DATABASE_URL" in given else Postgres(*rest)
        self.redis = None if "REDIS_URL" in given else Valkey(*rest)

    def start(self) -> dict[str, str]:
        """Start both and wait for Redis alone, Postgres takes longer; the environment that names them."""
        if self.postgres:
            self.postgres.start()
        if self.redis:
            self.redis.start()
            self.redis.await_ready()
        urls = {"DATABASE_URL": self.postgres, "REDIS_URL": self.redis}
        return {name: server.url for name, server in urls.items() if server}

    def await_ready(self) -> None:
        """Wait for Postgres and its database."""
        if self.postgres:
            self.postgres.await_ready()
            self.postgres.create_database()

    def stop(self) -> None:
        for server in (self.redis, self.postgres):
            if server:
                server.stop()
        if self.postgres:
            shutil.rmtree(self.postgres.sockets, ignore_errors=True)
