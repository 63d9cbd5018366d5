"""The processes that make the service: `up` runs this table, docker-compose.yml is compared with it."""

import sys
from dataclasses import dataclass

from marketdata.live.frames import UVICORN

BEAT_FILE = ".local/beat"
ANALYSIS = "analysis"
"""The queue of what may take seconds: a process of its own works it off, so that no quote ever waits for a chain."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process: the module Python runs, its arguments, and what it does."""

    name: str
    arguments: tuple[str, ...]
    purpose: str

    @property
    def command(self) -> list[str]:
        """The command line with this very interpreter."""
        return [sys.executable, *self.arguments]


def table(host: str, port: int) -> tuple[Process, ...]:
    """All processes in the order of their start; they stop in the opposite one, the page last."""
    web = ("-m", "uvicorn", "goldensignals.asgi:application", "--host", host, "--port", str(port))
    celery = ("-m", "celery", "-A", "goldensignals")
    # No pid file: after a hard kill it would keep beat from starting again.
    beat = ("beat", "--schedule", BEAT_FILE, "--pidfile", "", "--loglevel", "INFO")
    # Threads: tasks wait for vendors and for Postgres, and one process loads faster than three.
    worker = ("worker", "--pool", "threads", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
    quick, slow = ("--hostname", "worker@%h"), ("--hostname", "analyst@%h", "--queues", ANALYSIS)
    return (
        Process("web", (*web, *UVICORN, "--timeout-graceful-shutdown", "3"), "page, REST, sockets"),
        Process("worker", (*celery, *worker, *quick), "polls quotes and bars"),
        Process("analyst", (*celery, *worker, *slow), "option chains, signals, tidying up"),
        Process("beat", (*celery, *beat), "the clock of the tasks"),
        Process("stream", ("manage.py", "stream"), "vendors that push"),
    )
