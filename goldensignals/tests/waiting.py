"""Waiting for an event instead of sleeping, with a deadline."""

import os
import time
from collections.abc import Callable, Iterable


def until(happened: Callable[[], object], seconds: float = 30.0) -> bool:
    """Whether it happened before the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.01)
    return bool(happened())


def alive(pid: int) -> bool:
    """Whether this process still runs; one that has ended and was not yet collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return os.name == "posix" and not os.path.isdir("/proc")  # noqa: PTH112


def all_gone(pids: Iterable[int]) -> bool:
    return not any(alive(pid) for pid in pids)
