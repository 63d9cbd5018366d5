"""`manage.py stream` as real processes: one owner, exactly once, whatever is killed."""

import csv
import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from goldensignals.supervisor import GRACE
from goldensignals.tests.waiting import until
from marketdata import cache, store, stream
from marketdata.calendar import NEW_YORK
from marketdata.domain import Interval
from marketdata.live import topics

ROOT = Path(__file__).resolve().parents[2]
FIRST, LAST = datetime(2013, 1, 1, tzinfo=NEW_YORK), datetime(2015, 1, 1, tzinfo=NEW_YORK)
LEASE = topics.LEASE + "stream"
STARTED, STORED = 180.0, 300.0
"""Seconds for a process to begin its work, and for a month of minutes, on a machine that does much else."""
Start = Callable[..., "subprocess.Popen[bytes]"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start(tmp_path: Path, transactional_db: None) -> Iterator[Start]:
    """Start `manage.py stream` on the databases of this test; all are gone when it ends."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    running: list[subprocess.Popen[bytes]] = []

    def begin(folder: Path | str, speed: float, market: str = "recorded", **more: str) -> "subprocess.Popen[bytes]":
        given = {"DATABASE_URL": url, "MARKET": market, "RECORDED_DIR": str(folder), "RECORDED_SPEED": str(speed)}
        with (tmp_path / f"log{len(running)}").open("wb") as log:
            command = [sys.executable, "manage.py", "stream"]
            running.append(subprocess.Popen(command, cwd=ROOT, env=os.environ | given | more, stderr=log, stdout=log))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def minutes(shared: Path) -> Path:
    folder = shared / "data/minute"
    if not folder.is_dir():
        pytest.skip("no recorded minutes here")
    return folder


def log_of(folder: Path, number: int = 0) -> str:
    return (folder / f"log{number}").read_text()


def csv_rows(folder: Path, symbol: str, kind: str) -> list[tuple[Any, ...]]:
    with gzip.open(folder / f"{symbol}_1min_{kind}.csv.gz", "rt") as text:
        lines = list(csv.reader(text))[1:]
    return [(datetime.fromisoformat(at).replace(tzinfo=NEW_YORK), *map(float, values)) for at, *values in lines]


def stored(symbol: str) -> list[tuple[Any, ...]]:
    rows = store.quotes(symbol, FIRST, LAST, "recorded")
    return [(row.as_of, row.bid, row.bid_size, row.ask, row.ask_size) for row in rows]


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM quote")
        return int(cursor.fetchone()[0])


def handed_over_within(seconds: float) -> bool:
    """Whether who stands by owns the streams so soon after the owner's end: the rest is this machine's pace."""
    left: Any = cache.client().pttl(LEASE)
    return left != -1 and bool(left / 1000 + stream.STAND_BY < seconds)


def more_than(rows: float) -> bool:
    return count() > rows


def write(folder: Path, symbol: str, lines: int, first: str = "2014-06-06 09:30:00") -> list[datetime]:
    """A recording of `lines` minutes; returns their times."""
    times = [datetime.fromisoformat(first).replace(tzinfo=NEW_YORK) + timedelta(minutes=i) for i in range(lines)]
    rows = "".join(f"{at:%Y-%m-%d %H:%M:%S},{10 + i % 7},1,{20 + i % 7},1\n" for i, at in enumerate(times))
    (folder / f"{symbol}_1min_quotes.csv").write_text("time_et,bid,bid_size,ask,ask_size\n" + rows)
    return times


def test_a_recording_killed_and_started_again_is_stored_line_for_line(start: Start, minutes: Path) -> None:
    symbols = ("AIG", "BAC", "IBM", "SPY")
    total = sum(len(csv_rows(minutes, symbol, "quotes")) for symbol in symbols)
    for part in (0.15, 0.5):
        process = start(minutes, 20_000)
        assert until(partial(more_than, part * total), STORED)
        process.kill()
        process.wait()
        cache.client().delete(LEASE)
    assert count() < total
    start(minutes, 100_000)
    assert until(lambda: count() >= total, STORED)
    closing = csv_rows(minutes, "SPY", "trades")[-1]
    assert until(
        lambda: store.bars("SPY", Interval.MINUTE, closing[0], LAST, "recorded").close.tolist() == [closing[4]], 20
    )
    for symbol in symbols:
        assert stored(symbol) == csv_rows(minutes, symbol, "quotes")
        bars = store.bars(symbol, Interval.MINUTE, FIRST, LAST, "recorded")
        trades = csv_rows(minutes, symbol, "trades")
        assert bars.start.tolist() == [int(row[0].timestamp()) for row in trades]
        assert bars.close.tolist() == [row[4] for row in trades]
        assert bars.volume.tolist() == [row[5] for row in trades]
    assert count() == total


def test_a_second_process_takes_over_within_ten_seconds_of_a_kill(start: Start, tmp_path: Path) -> None:
    times = write(tmp_path, "AAPL", 3000)
    first = start(tmp_path, 600)
    assert until(lambda: count() > 0, STARTED)
    owner = cache.client().get(LEASE)
    start(tmp_path, 600)
    assert until(lambda: "stands by" in log_of(tmp_path, 1), STARTED)
    assert cache.client().get(LEASE) == owner
    first.kill()
    first.wait()
    before = count()
    assert handed_over_within(10)
    assert until(lambda: count() > before + 20)
    assert cache.client().get(LEASE) not in (owner, None)
    rows = stored("AAPL")
    assert [row[0] for row in rows] == times[: len(rows)]


def test_it_stops_cleanly_before_a_supervisor_loses_patience(start: Start, tmp_path: Path) -> None:
    write(tmp_path, "AAPL", 3000)
    process = start(tmp_path, 600)
    assert until(lambda: count() > 0, STARTED)
    process.send_signal(signal.SIGTERM)
    assert process.wait(GRACE) == 0
    assert cache.client().get(LEASE) is None
    assert "Traceback" not in log_of(tmp_path)
