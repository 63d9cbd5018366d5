"""Processes that crash, that do not listen, and whose parent is killed."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldensignals.child import last_words
from goldensignals.guard import Guard
from goldensignals.supervisor import GRACE, Crashed, Supervisor
from goldensignals.tests.waiting import all_gone, until

ROOT = Path(__file__).resolve().parents[2]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(99)",
]
QUIET = [sys.executable, "-c", "print('quiet', flush=True); import time; time.sleep(99)"]


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    guard = Guard()
    supervisor = Supervisor(guard)
    yield supervisor
    supervisor.stop()
    guard.close()


def says(log: Path, word: str) -> bool:
    return until(lambda: word in last_words(log))


def test_a_child_that_crashes_is_named_with_its_code_and_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    well = supervisor.start("well", QUIET, tmp_path / "well.log")
    supervisor.start("ill", ["sh", "-c", "echo out of paper; exit 3"], tmp_path / "ill.log")
    with pytest.raises(Crashed, match="ill ended with code 3") as crash:
        supervisor.watch()
    assert last_words(crash.value.child.log) == "out of paper"
    supervisor.stop()
    assert well.ended() is not None


def test_they_stop_in_the_opposite_order(supervisor: Supervisor, tmp_path: Path) -> None:
    told = "trap 'date +%s%N > {}; exit 0' TERM; echo up; while :; do sleep 0.02; done"
    for name in ("first", "second"):
        supervisor.start(name, ["sh", "-c", told.format(tmp_path / name)], tmp_path / f"{name}.log")
        assert says(tmp_path / f"{name}.log", "up")
    supervisor.stop()
    assert int((tmp_path / "first").read_text()) > int((tmp_path / "second").read_text())


def test_a_child_that_ignores_the_signal_is_killed_after_its_grace(tmp_path: Path) -> None:
    guard = Guard()
    supervisor = Supervisor(guard, grace=0.3)
    deaf = supervisor.start("deaf", DEAF, tmp_path / "deaf.log")
    assert says(deaf.log, "deaf")
    began = time.monotonic()
    supervisor.stop()
    assert deaf.ended() == -signal.SIGKILL
    assert time.monotonic() - began < GRACE
    guard.close()


DRIVER = """
import sys
from pathlib import Path
from goldensignals.guard import Guard
from goldensignals.supervisor import Stopped, Supervisor
guard = Guard()
supervisor = Supervisor(guard, grace=60)
log = Path(sys.argv[1])
with supervisor.signals():
    child = supervisor.start("child", sys.argv[2:], log)
    try:
        supervisor.watch(until=lambda: log.exists() and log.read_text())
        print(guard.pid, child.pid, flush=True)
        supervisor.watch()
    except Stopped:
        print("stopping", flush=True)
    finally:
        supervisor.stop()
        guard.close()
"""


def driver(log: Path, command: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(log), *command], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def pids_of(process: "subprocess.Popen[str]") -> list[int]:
    assert process.stdout
    return [int(pid) for pid in re.findall(r"\d+", process.stdout.readline())]


def test_the_second_interrupt_does_not_wait_for_the_grace(tmp_path: Path) -> None:
    with driver(tmp_path / "log", DEAF) as process:
        pids = pids_of(process)
        process.send_signal(signal.SIGINT)
        assert process.stdout
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert all_gone(pids)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_one_signal_stops_everything(tmp_path: Path, how: signal.Signals) -> None:
    with driver(tmp_path / "log", QUIET) as process:
        pids = pids_of(process)
        process.send_signal(how)
        assert process.wait(30) == 0
    assert all_gone(pids)


def test_a_hard_kill_of_the_parent_takes_children_and_grandchildren_along(tmp_path: Path) -> None:
    grand = tmp_path / "grand"
    command = ["sh", "-c", f"trap '' TERM; sleep 99 & echo $! > {grand}; echo up; wait"]
    with driver(tmp_path / "log", command) as process:
        pids = pids_of(process)
        assert until(lambda: grand.exists() and grand.read_text())
        pids.append(int(grand.read_text()))
        process.kill()
    assert until(lambda: all_gone(pids))


def test_a_parent_that_is_killed_before_it_can_name_its_child_leaves_none(tmp_path: Path) -> None:
    program = """
import os, pathlib, signal, sys
from goldensignals.child import Child
from goldensignals.guard import Guard

class Late(Guard):
    def watch(self, pid, how=signal.SIGTERM):
        print(pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

Child("quiet", pathlib.Path(sys.argv[1]), Late()).spawn(sys.argv[2:])
"""
    command = [sys.executable, "-c", program, str(tmp_path / "log"), *QUIET]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert until(lambda: all_gone([int(done.stdout)]))
