"""One child process in its own process group, with its log, known to the guard."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from goldensignals.guard import Guard

STOP_DEADLINE = 10.0
"""Seconds between the polite signal and SIGKILL."""


def last_words(log: Path, lines: int = 8) -> str:
    """The end of a log file."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


class Child:
    """A process that we start, watch and stop. `keep`: file descriptors it holds open (the lock)."""

    def __init__(
        self, name: str, log: Path, guard: Guard, stop: signal.Signals = signal.SIGTERM, keep: Sequence[int] = ()
    ) -> None:
        self.name, self.log, self.guard, self.how, self.keep = name, log, guard, stop, tuple(keep)
        self.process: subprocess.Popen[bytes] | None = None
        self.stopped = False

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def spawn(
        self, command: Sequence[str | Path], given: bytes = b"", env: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        """Start it; `given` is its standard input, everything it says goes to the log."""
        environment = {**os.environ, **(env or {})}
        with self.log.open("ab") as log, tempfile.TemporaryFile() as stdin:
            stdin.write(given)
            stdin.seek(0)
            self.process = subprocess.Popen(
                command, stdin=stdin, stdout=log, stderr=log, env=environment,
                start_new_session=True, pass_fds=self.keep, preexec_fn=self.guard.joining(self.how), **options,
            )  # fmt: skip
        self.stopped = False
        self.guard.watch(self.process.pid, self.how)

    def ended(self) -> int | None:
        """The return code of a process that has ended."""
        return self.process.poll() if self.process else None

    def wait(self, ready: Callable[[], bool], seconds: float) -> bool:
        """True once `ready`; False if the process ended or the time is up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.ended() is None:
            if ready():
                return True
            time.sleep(0.01)
        return False

    def ask_to_stop(self) -> None:
        self.send(self.how)

    def send(self, how: int) -> None:
        """Signal the whole process group."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, how)

    def stop(self, seconds: float = STOP_DEADLINE) -> None:
        """Ask, wait, then kill; returns when it has ended."""
        if self.process is None or self.stopped:
            return
        self.stopped = True
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.send(signal.SIGKILL)
        self.process.wait()
        self.guard.forget(self.process.pid)
