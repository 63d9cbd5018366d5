"""A pytest plugin (`-p goldensignals.tests.servers`): real Postgres and Valkey for one test run.

They start before Django reads its settings and end with the run, even if that is killed by `kill -9`. With xdist all
workers share the Postgres (pytest-django gives each its database), and each has its own Valkey: Redis' numbered
databases do not separate publish and subscribe.
"""

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import redis

from goldensignals.embedded import Servers
from goldensignals.guard import Guard

OF_THE_DEVELOPER = (
    "MARKET", "MARKETDATA_SYMBOLS", "RECORDED_DIR", "RECORDED_SPEED", "REDIS_HOST", "REDIS_PORT", "SECRET_KEY", "DEBUG",
    "LOG_FORMAT", "LOG_LEVEL", "ALLOWED_HOSTS", "YAHOO_STREAM",
)  # fmt: skip
"""Settings of the shell that starts the tests, which must not change what they find."""


class Run:
    """The servers of this process' run."""

    def __init__(self) -> None:
        self.guard = Guard()
        folder = Path(tempfile.mkdtemp(prefix="gs-test-", dir="/tmp"))
        # The servers' user passes through; what lies in it is closed to others.
        folder.chmod(0o711)
        self.guard.remove(folder)
        given = ["DATABASE_URL"] if "PYTEST_XDIST_WORKER" in os.environ else []
        self.servers = Servers(folder, self.guard, durable=False, given=given)

    def start(self) -> None:
        os.environ.update(self.servers.start())
        if self.servers.postgres:
            self.servers.postgres.await_ready()

    def stop(self) -> None:
        self.servers.stop()
        self.guard.close()


runs: list[Run] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    for name in OF_THE_DEVELOPER:
        os.environ.pop(name, None)
    # The one vendor besides Yahoo that needs no key: whether ccxt is installed must not change what the others find.
    os.environ["BINANCE"] = "0"
    runs.append(Run())
    early_config.add_cleanup(runs[0].stop)
    runs[0].start()
    return (yield)


@pytest.fixture(scope="session")
def servers() -> Servers:
    """The servers of this run; in an xdist worker only its Redis has been started by it."""
    return runs[0].servers


@pytest.fixture(scope="session")
def redis_connection() -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        yield client


@pytest.fixture(autouse=True)
def empty_redis(redis_connection: "redis.Redis") -> None:
    """Each test starts with an empty Redis."""
    redis_connection.flushall()
