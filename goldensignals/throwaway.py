"""Servers for the time of one command: nothing that they hold outlives it, and nothing that is kept is touched."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goldensignals.embedded import Servers
from goldensignals.guard import Guard


@contextmanager
def servers(name: str) -> Iterator[dict[str, str]]:
    """A Postgres and a Valkey of our own, and the environment that names them; ended even after `kill -9`."""
    guard = Guard()
    folder = Path(tempfile.mkdtemp(prefix=f"gs-{name}-", dir="/tmp"))
    # The servers' user passes through; what lies in it is closed to others.
    folder.chmod(0o711)
    guard.remove(folder)
    own = Servers(folder, guard, durable=False)
    try:
        urls = own.start()
        own.await_ready()
        yield urls
    finally:
        own.stop()
        guard.close()
