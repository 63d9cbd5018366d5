"""Whether Postgres and Redis answer, told within seconds even when they hang."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from threading import Lock
from typing import Any, Generic, TypeVar

import psycopg
import redis
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

DEADLINE = 3.0
"""Seconds a server has to answer: on a busy machine one that is well takes more than one."""
KEPT = 1.0

T = TypeVar("T")


class NoAnswer(Exception):
    """The server did not answer in time."""


class Probe(Generic[T]):
    """One question to one server, asked by one thread at most, however many want to know.

    An answer is good for `kept` seconds.
    """

    def __init__(self, ask: Callable[[], T], kept: float = KEPT) -> None:
        self._ask, self._kept = ask, kept
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(1, "probe")
        self._asked: Future[T] | None = None
        self._asked_at = 0.0

    def answer(self) -> T:
        """What the server says, now or `kept` seconds ago; raises what the question raised, or NoAnswer."""
        asked = self._current()
        try:
            return asked.result(max(0.0, self._asked_at + DEADLINE - time.monotonic()))
        except OutOfTime:
            raise NoAnswer(f"no answer within {DEADLINE:g} s") from None

    def failure(self) -> str | None:
        """Why the server is not well; None when it is."""
        try:
            self.answer()
        except NoAnswer as error:
            return str(error)
        except Exception as error:
            # Only the kind: the message of a driver may name hosts and users.
            return type(error).__name__
        return None

    def _current(self) -> Future[T]:
        with self._lock:
            old = time.monotonic() > self._asked_at + self._kept
            if self._asked is None or (old and self._asked.done()):
                self._asked, self._asked_at = self._threads.submit(self._ask), time.monotonic()
            return self._asked


def _ask_database() -> None:
    wanted: dict[str, Any] = {**connection.get_connection_params(), "connect_timeout": 2}
    wanted.pop("pool", None)
    with psycopg.connect(**wanted) as fresh:
        fresh.execute("SELECT 1")


def _ask_redis() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=DEADLINE, socket_timeout=DEADLINE, retry=Retry(NoBackoff(), 0)
    ) as fresh:
        fresh.ping()


database = Probe(_ask_database)
redis_server = Probe(_ask_redis)
