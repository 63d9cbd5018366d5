"""`manage.py up` as somebody meets it: it runs, it is the only one, and nothing of it stays."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldensignals.tests.waiting import all_gone, until

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".local", "__pycache__", ".*_cache", "tests", "benchmarks")
START = 180.0
"""Seconds, on a machine that does other things too."""


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gs-up-", dir="/tmp"))
    folder.chmod(0o755)
    target = Path(shutil.copytree(ROOT, folder / "clone", ignore=LEFT_OUT))
    lock = target / "goldensignals" / "tests"
    lock.mkdir()
    shutil.copy(ROOT / "goldensignals/tests/requirements.txt", lock)
    yield target
    shutil.rmtree(folder)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def manage(clone: Path, *words: str) -> "subprocess.Popen[str]":
    ours = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=clone,
        env=ours,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def up(clone: Path, port: int) -> "subprocess.Popen[str]":
    return manage(clone, "up", "--no-browser", "--market", "simulated", "--symbols", "AAPL,MSFT", "--port", str(port))


def table_of(process: "subprocess.Popen[str]") -> str:
    """What it prints until it is ready."""
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if line.startswith("Ready:"):
            return said
    assert process.stderr
    raise AssertionError(said + process.stderr.read())


def pids_in(said: str) -> list[int]:
    names = "web|worker|analyst|beat|stream|postgres|redis"
    return [int(pid) for pid in re.findall(rf"^(?:{names}) +(\d+)", said, re.MULTILINE)]


def test_it_runs_is_alone_serves_other_commands_and_stops_in_order(clone: Path, port: int) -> None:
    with up(clone, port) as process:
        said = table_of(process)
        pids = pids_in(said)
        assert len(pids) == 7
        assert "Market: simulated (MARKET=simulated); watching 2: AAPL, MSFT" in said
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=START) as answer:
            assert answer.status == 200
        with up(clone, port) as second:
            assert second.wait(START) == 1
            assert second.stderr
            assert f"already running in this clone: `manage.py up`, process {process.pid}" in second.stderr.read()
        count = "from marketdata import store; print(store.watchlist())"
        with manage(clone, "shell", "--verbosity", "0", "-c", count) as joined:
            assert joined.stdout
            assert joined.stdout.read().strip() == "['AAPL', 'MSFT']"
        notes = clone / ".local" / "servers.json"
        assert notes.stat().st_mode & 0o077 == 0
        assert json.loads(notes.read_text())["pid"] == process.pid
        process.send_signal(signal.SIGINT)
        assert process.wait(START) == 0
    assert until(lambda: all_gone(pids))
    assert not notes.exists()
    secret = (clone / ".local" / "password").read_text()
    written = [path for path in (clone / ".local").rglob("*.log*") if secret in path.read_text(errors="replace")]
    assert written == []


def test_a_crash_ends_the_rest_and_is_named_and_a_hard_kill_leaves_nothing(clone: Path, port: int) -> None:
    with up(clone, port) as process:
        pids = pids_in(table_of(process))
        os.kill(pids[1], signal.SIGKILL)
        assert process.wait(START) == 1
        assert process.stderr
        assert "worker ended with code -9" in process.stderr.read()
    assert until(lambda: all_gone(pids))
    with up(clone, port) as process:
        pids = pids_in(table_of(process))
        process.kill()
        assert until(lambda: all_gone(pids))


def test_a_port_in_use_is_one_clear_line(clone: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)), up(clone, port) as process:
        assert process.wait(START) == 1
        assert process.stderr
        assert process.stderr.read() == (
            f"GoldenSignals: port {port} is in use by another program. End it, or choose another: "
            f"manage.py up --port {port + 1}\n"
        )


def test_a_symbol_that_is_none_is_named(clone: Path, port: int) -> None:
    with manage(
        clone, "up", "--no-browser", "--market", "simulated", "--symbols", "A,<b>", "--port", str(port)
    ) as process:
        assert process.wait(START) == 1
        assert process.stderr
        said = process.stderr.read()
        assert "<b>" in said
        assert "Traceback" not in said


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("MARKET", "foo", "MARKET='foo' is none of auto, live, simulated, recorded."),
        ("RECORDED_SPEED", "nan", "RECORDED_SPEED='nan' is not a number."),
        ("MARKETDATA_RETENTION_DAYS", "inf", "MARKETDATA_RETENTION_DAYS='inf' is not a number."),
        ("SIGNALS_MINUTE_DAYS", "7", "SIGNALS_MINUTE_DAYS=7 is below 8: for a week an outcome may still come."),
        ("THROTTLE_QUOTES", "5/fortnight", "THROTTLE_QUOTES='5/fortnight' is not a rate."),
        ("THROTTLE_QUOTES", "0/min", "THROTTLE_QUOTES='0/min' is not a rate."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL='loud' is none of debug, info, warning, error, critical."),
        ("DATABASE_URL", "mysql://me:pa55word@db/x", "DATABASE_URL does not begin with postgresql:// or "),
        ("REDIS_URL", "pa55word", "REDIS_URL does not begin with redis:// or rediss:// or unix://."),
    ],
)
def test_a_wrong_setting_is_one_clear_line(setting: str, value: str, said: str) -> None:
    environment = {**os.environ, setting: value}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"GoldenSignals: {said}")
    assert len(done.stderr.splitlines()) == 1
    assert "pa55word" not in done.stderr
