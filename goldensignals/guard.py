"""A process that outlives its parent by a moment and ends what the parent left running.

Standard library only: it runs as a script. The parent writes lines to its standard input: `+PID SIGNAL` (lead this
process group, end it by this signal), `-PID` (it has ended), `rm FOLDER`. The end of the input means that the parent
is gone, however it went: kill -9 included.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

GRACE = 5.0
"""Seconds between the polite signal and SIGKILL."""


class Guard:
    """The parent's side: `watch` what must not outlive us, `forget` what has ended."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._lines = cast("IO[bytes]", self._process.stdin)
        self.pid = self._process.pid

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._lines.write(f"{line}\n".encode())
            self._lines.flush()

    def watch(self, pid: int, how: signal.Signals = signal.SIGTERM) -> None:
        self._tell(f"+{pid} {int(how)}")

    def joining(self, how: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
        """What a child does between fork and exec: it names itself, for we may be killed before `watch` can name it."""
        pipe = self._lines.fileno()

        def join() -> None:
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
            with contextlib.suppress(OSError):
                os.write(pipe, f"+{os.getpid()} {int(how)}\n".encode())
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)

        return join

    def forget(self, pid: int) -> None:
        self._tell(f"-{pid}")

    def remove(self, folder: Path) -> None:
        """Delete this folder at the end, after all processes are gone."""
        self._tell(f"rm {folder}")

    def close(self) -> None:
        """End what is still watched, delete what was named, and wait until that is done."""
        with contextlib.suppress(BrokenPipeError):
            self._lines.close()
        self._process.wait(GRACE * 2)


def send(group: int, how: int) -> bool:
    """Signal a process group; False if none of it is left."""
    try:
        os.killpg(group, how)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(groups: dict[int, int]) -> None:
    left = [group for group, how in groups.items() if send(group, how)]
    deadline = time.monotonic() + GRACE
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [group for group in left if send(group, 0)]
    for group in left:
        send(group, signal.SIGKILL)


def listen(lines: IO[str]) -> None:
    groups: dict[int, int] = {}
    folders: list[str] = []
    for line in lines:
        text = line.rstrip("\n")
        if text.startswith("+"):
            pid, how = text[1:].split()
            groups[int(pid)] = int(how)
        elif text.startswith("-"):
            groups.pop(int(text[1:]), None)
        else:
            folders.append(text.removeprefix("rm "))
    end(groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    listen(sys.stdin)
