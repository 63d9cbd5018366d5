"""Starts, watches and stops the processes of `up`.

Children have their own process groups: Ctrl-C reaches only us, and we stop them in order. The second Ctrl-C kills.
"""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from goldensignals.child import Child
from goldensignals.guard import Guard

GRACE = 8.0
"""Seconds that a child has to stop when asked, before it is killed."""
IMPATIENT = 2
"""So many requests to stop mean: at once."""
TICK = 0.05
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Ctrl-C, or a signal that means the same."""


class Crashed(RuntimeError):
    """A child has ended by itself."""

    def __init__(self, child: Child) -> None:
        super().__init__(f"{child.name} ended with code {child.ended()}")
        self.child = child


class Supervisor:
    """The children, in the order of their start; they stop in the opposite order."""

    def __init__(self, guard: Guard, keep: Sequence[int] = (), grace: float = GRACE) -> None:
        self.guard, self.keep, self.grace = guard, keep, grace
        self.children: list[Child] = []
        self.asked = 0

    def start(
        self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None, **options: Any
    ) -> Child:
        child = Child(name, log, self.guard, keep=self.keep)
        self.children.append(child)
        child.spawn(command, env=env, **options)
        return child

    @contextmanager
    def signals(self) -> Iterator[None]:
        """While this is open, the signals that ask us to stop are counted."""
        before = {which: signal.signal(which, self._count) for which in SIGNALS}
        try:
            yield
        finally:
            for which, handler in before.items():
                signal.signal(which, handler)

    def _count(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1

    def check(self) -> None:
        """Raise Stopped or Crashed when it is time to end."""
        if self.asked:
            raise Stopped
        for child in self.children:
            if child.ended() is not None:
                raise Crashed(child)

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Return when `until` is true; raises Stopped and Crashed."""
        while not until():
            self.check()
            time.sleep(TICK)

    def stop(self) -> None:
        """Ask one after the other; those who do not listen, or all at a second Ctrl-C, are killed."""
        for child in reversed(self.children):
            child.ask_to_stop()
            deadline = time.monotonic() + self.grace
            while child.ended() is None and time.monotonic() < deadline and self.asked < IMPATIENT:
                time.sleep(TICK)
            # Whatever it may have left behind.
            child.send(signal.SIGKILL)
            child.stop(seconds=1)
