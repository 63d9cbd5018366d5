"""The whole service on one machine: prepared, started, shown, watched, stopped."""

import errno
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from redis.exceptions import ConnectionError as RedisAway
from rich.console import Console
from rich.table import Table

from goldensignals import processes
from goldensignals.child import Child, last_words
from goldensignals.local import Clone
from goldensignals.prepare import prepare
from goldensignals.supervisor import Crashed, Stopped, Supervisor
from marketdata.symbols import InvalidSymbol
from marketdata.wiring import Decision

READY_DEADLINE = 90.0
"""Seconds for all processes to come up on a slow machine."""
LOG_LIMIT = 5_000_000
"""Bytes; a longer log starts anew at the next start, the old one is kept once."""


class Trouble(RuntimeError):
    """Why the service did not start or had to stop, and what to do."""


class House:
    """What `up` runs."""

    def __init__(self, clone: Clone, host: str, port: int) -> None:
        self.clone, self.host, self.port = clone, host, port
        self.console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
        self.supervisor = Supervisor(clone.guard, keep=[clone.lock.fileno()])
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
        self.url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"

    def run(self, symbols: Sequence[str], opened: Callable[[str], None]) -> None:
        """Everything, until somebody stops it; raises Trouble. `opened` gets the URL once the page answers."""
        claim(self.host, self.port)
        self.clone.await_ready()
        decision, watched = prepared(symbols)
        with self.supervisor.signals():
            try:
                self.start(decision)
                self.show(decision, watched)
                opened(self.url)
                self.supervisor.watch()
            except Stopped:
                self.console.print("Stopping (once more Ctrl-C: at once).")
            except Crashed as crash:
                words = last_words(crash.child.log, 12)
                raise Trouble(f"{crash}. The end of {shortened(crash.child.log)}:\n{words}") from None
            finally:
                self.supervisor.stop()

    def start(self, decision: Decision) -> None:
        """The page first, for it is waited for; all are told the market, so that none decides for itself."""
        web, *others = processes.table(self.host, self.port)
        self.spawn(web, decision)
        deadline = time.monotonic() + READY_DEADLINE
        self.supervisor.watch(until=lambda: self.answers() or time.monotonic() > deadline)
        if time.monotonic() > deadline:
            raise Trouble(f"{self.url}/readyz is not ready after {READY_DEADLINE:g} s. Look into .local/logs.")
        for process in others:
            self.spawn(process, decision)

    def spawn(self, process: processes.Process, decision: Decision) -> None:
        log = fresh_log(self.clone.folder / "logs" / f"{process.name}.log")
        environment = {"MARKET": decision.market}
        self.supervisor.start(process.name, process.command, log, env=environment, cwd=str(settings.BASE_DIR))

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=3) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def show(self, decision: Decision, watched: Sequence[str]) -> None:
        """What runs where, and which market it shows."""
        purposes = {process.name: process.purpose for process in processes.table(self.host, self.port)}
        table = Table("process", "pid", "does", "log", box=None, pad_edge=False, header_style="bold")
        servers = [server for server in (self.clone.servers.postgres, self.clone.servers.redis) if server]
        for child in [*self.supervisor.children, *servers]:
            table.add_row(child.name, str(child.pid), purposes.get(child.name, where(child)), shortened(child.log))
        self.console.print(table)
        self.console.print(f"Market: {decision.market} ({decision.reason}); watching {len(watched)}: {some(watched)}")
        self.console.print(f"Ready:  {self.url}   (Ctrl-C stops everything)", style="bold")


def prepared(symbols: Sequence[str]) -> tuple[Decision, list[str]]:
    """Tables, market and watchlist; every way this can fail as one line."""
    try:
        return prepare(symbols)
    except OperationalError as error:
        raise Trouble(f"Postgres refuses us ({type(error.__cause__ or error).__name__}). Check DATABASE_URL.") from None
    except RedisAway:
        raise Trouble("Redis does not answer. Check REDIS_URL.") from None
    except (InvalidSymbol, ImproperlyConfigured, FileNotFoundError) as error:
        raise Trouble(str(error)) from None
    finally:
        connection.close()
        if connection.settings_dict["OPTIONS"].get("pool"):
            connection.close_pool()


def claim(host: str, port: int) -> None:
    """Raise Trouble unless we can listen there."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except OverflowError:
        raise Trouble(f"There is no port {port}. Choose one up to 65535 with --port.") from None
    except OSError as error:
        raise Trouble(unavailable(host, port, error)) from None


def unavailable(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program. End it, or choose another: manage.py up --port {port + 1}"
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than we have. Choose one above 1023: manage.py up --port 8000"
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}. Check --host and --port."


def fresh_log(path: Path) -> Path:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path


def where(child: Child) -> str:
    port = getattr(child, "port", None)
    return f"127.0.0.1:{port}" if port else "unix socket"


def shortened(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def some(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
