"""The whole service on one machine: prepared, started, shown, watched, stopped."""

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from redis.exceptions import ConnectionError as RedisAway
from rich.console import Console
from rich.table import Table

from goldensignals import processes
from goldensignals.child import Child, last_words
from goldensignals.front import Front
from goldensignals.local import Clone
from goldensignals.prepare import prepare
from goldensignals.supervisor import Crashed, Stopped
from marketdata.sources.base import SourceError
from marketdata.symbols import InvalidSymbol
from marketdata.wiring import Decision

READY_DEADLINE = 90.0
"""Seconds for the page to come up on a slow machine."""


class Trouble(RuntimeError):
    """Why the service did not start or had to stop, and what to do."""


class House:
    """What `up` runs, from the moment Django is loaded."""

    def __init__(self, clone: Clone, front: Front) -> None:
        self.clone, self.front, self.supervisor = clone, front, front.supervisor
        self.console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())

    def run(self, symbols: Sequence[str], opened: Callable[[str], object]) -> None:
        """Everything, until somebody stops it; raises Trouble. `opened` gets the URL once the page answers."""
        try:
            self.clone.await_ready()
            decision, watched = prepared(symbols)
            with self.supervisor.signals():
                self.start(decision)
                self.show(decision, watched)
                opened(self.front.url)
                self.supervisor.watch()
        except Stopped:
            self.console.print("Stopping (once more Ctrl-C: at once).")
            with self.supervisor.signals():
                self.supervisor.stop()
        except Crashed as crash:
            words = last_words(crash.child.log, 12)
            raise Trouble(f"{crash}. The end of {shortened(crash.child.log)}:\n{words}") from None

    def start(self, decision: Decision) -> None:
        """The others once the page answers, for it is waited for; they are told the market."""
        deadline = time.monotonic() + READY_DEADLINE
        self.supervisor.watch(until=lambda: self.answers() or time.monotonic() > deadline)
        if time.monotonic() > deadline:
            raise Trouble(f"{self.front.url}/readyz is not ready after {READY_DEADLINE:g} s. Look into .local/logs.")
        for process in processes.table(self.front.host, self.front.port)[1:]:
            self.front.spawn(process, decision.market)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.front.url}/readyz", timeout=3) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def show(self, decision: Decision, watched: Sequence[str]) -> None:
        """What runs where, and which market it shows."""
        purposes = {process.name: process.purpose for process in processes.table(self.front.host, self.front.port)}
        table = Table("process", "pid", "does", "log", box=None, pad_edge=False, header_style="bold")
        servers = [server for server in (self.clone.servers.postgres, self.clone.servers.redis) if server]
        for child in [*self.supervisor.children, *servers]:
            table.add_row(child.name, str(child.pid), purposes.get(child.name, where(child)), shortened(child.log))
        self.console.print(table)
        self.console.print(f"Market: {decision.market} ({decision.reason}); watching {len(watched)}: {some(watched)}")
        self.console.print(f"Ready:  {self.front.url}   (Ctrl-C stops everything)", style="bold")


def prepared(symbols: Sequence[str]) -> tuple[Decision, list[str]]:
    """Tables, market and watchlist; every way this can fail as one line."""
    try:
        return prepare(symbols)
    except OperationalError as error:
        raise Trouble(f"Postgres refuses us ({type(error.__cause__ or error).__name__}). Check DATABASE_URL.") from None
    except RedisAway:
        raise Trouble("Redis does not answer. Check REDIS_URL.") from None
    except SourceError as error:
        raise Trouble(f"{error}. {error.remedy}") from None
    except (InvalidSymbol, ImproperlyConfigured) as error:
        raise Trouble(str(error)) from None
    finally:
        connection.close()
        if connection.settings_dict["OPTIONS"].get("pool"):
            connection.close_pool()


def where(child: Child) -> str:
    port = getattr(child, "port", None)
    return f"127.0.0.1:{port}" if port else "unix socket"


def shortened(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def some(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
