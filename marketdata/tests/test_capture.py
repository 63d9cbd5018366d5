"""A capture: what live vendors said, on disk, and played again by the recorded market."""

import csv
import gzip
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from marketdata import ingest, tasks
from marketdata.capture import capture, tidy
from marketdata.domain import Interval, Quote
from marketdata.sources.recorded import Recorded
from marketdata.tests.values import NOON, quote

DAY, TODAY = NOON.date(), datetime.now(UTC).date()


def tick(seconds: float, price: float | None, volume: float | None = None, **fields: Any) -> Quote:
    given = {"bid": None, "ask": None, "bid_size": None, "ask_size": None} if price is None else {}
    return quote("AAPL", seconds, price=price, volume=volume, **{**given, **fields})


def rows(path: Path) -> list[dict[str, str]]:
    opened: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt") as text:
        return list(csv.DictReader(text))


def played(folder: Path) -> list[Quote]:
    source = Recorded(str(folder), clock=lambda: NOON + timedelta(days=365))
    assert source.problems(source.symbols()) == []
    return [one for _, batch in source.rows(source.symbols()) for one in batch]


def test_lines_are_those_of_a_recording(tmp_path: Path) -> None:
    ticks = [tick(0, 100.0, 1e6), tick(0.25, 100.5, 1_000_300.0), tick(1, 100.5, 1_000_300.0, bid=100.4, bid_size=None)]
    assert capture(str(tmp_path), ticks, {}, NOON) == 5
    assert rows(tmp_path / "2024-01-16" / "AAPL_1min_trades.csv") == [
        {
            "time_et": f"2024-01-16 12:00:0{at}",
            "open": price,
            "high": price,
            "low": price,
            "close": price,
            "volume": added,
        }
        for at, price, added in (("0", "100", "0"), ("0.250000", "100.5", "300"))
    ]
    quotes = rows(tmp_path / "2024-01-16" / "AAPL_1min_quotes.csv")
    assert [(row["bid"], row["bid_size"], row["ask"]) for row in quotes] == [
        ("185.49", "100", "185.51"), ("185.49", "100", "185.51"), ("100.4", "", "185.51"),
    ]  # fmt: skip


def test_a_recorded_market_plays_what_was_captured(tmp_path: Path) -> None:
    ticks = [tick(i * 20, 100.0 + i, 5000.0 + 10 * i) for i in range(10)]
    other = [quote("BRK.B", i * 30, price=400.0 + i, bid=None, ask=None, volume=None) for i in range(3)]
    for one in sorted([*ticks, *other], key=lambda one: one.as_of):
        capture(str(tmp_path), [one], {}, NOON)
    found = played(tmp_path)
    shown = [(one.as_of, one.price, one.bid, one.ask) for one in found if one.symbol == "AAPL"]
    assert shown == [(one.as_of, one.price, one.bid, one.ask) for one in ticks]
    assert [one.price for one in found if one.symbol == "BRK.B"] == [400.0, 401.0, 402.0]
    source = Recorded(str(tmp_path), clock=lambda: NOON + timedelta(hours=1))
    minutes = source.bars("AAPL", Interval.MINUTE, NOON, NOON + timedelta(minutes=3))
    assert minutes.open.tolist() == [100.0, 103.0, 106.0]
    assert minutes.close.tolist() == [102.0, 105.0, 108.0]


def test_volume_is_what_was_added_since_the_quote_before(tmp_path: Path) -> None:
    before = {"AAPL": tick(-10, 100.0, 900.0)}
    ticks = [
        tick(0, 100.0, 1000.0), tick(1, 100.0, 1000.0), tick(2, 100.0, 990.0), tick(3, 101.0, None),
        tick(4, 102.0, 50.0, vendor="polygon"), tick(5, 102.0, 70.0, vendor="polygon"),
    ]  # fmt: skip
    capture(str(tmp_path), ticks, before, NOON)
    trades = rows(tmp_path / f"{DAY}" / "AAPL_1min_trades.csv")
    assert [(row["close"], row["volume"]) for row in trades] == [
        ("100", "100"),
        ("101", "0"),
        ("102", "0"),
        ("102", "20"),
    ]
    yesterday = {"AAPL": tick(-86_400, 102.0, 1e9, vendor="polygon")}
    capture(str(tmp_path), [tick(6, 102.0, 80.0, vendor="polygon")], yesterday, NOON)
    assert rows(tmp_path / f"{DAY}" / "AAPL_1min_trades.csv")[-1]["volume"] == "0"


def test_quotes_of_another_session_are_left_out(tmp_path: Path) -> None:
    assert capture(str(tmp_path), [tick(-86_400, 100.0), tick(0, 101.0)], {}, NOON) == 2
    assert [path.name for path in tmp_path.iterdir()] == [f"{DAY}"]


def test_several_days_play_as_one_and_packed_ones_too(tmp_path: Path) -> None:
    for ago in (4, 0):
        capture(str(tmp_path), [tick(-86_400 * ago, 100.0 + ago)], {}, NOON - timedelta(days=ago))
    (tmp_path / "notes").mkdir()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"2024-01-16", "2024-01-12", "notes"}
    tidy(str(tmp_path), DAY, keep=30)
    assert sorted(path.name for path in (tmp_path / "2024-01-12").iterdir()) == [
        "AAPL_1min_quotes.csv.gz", "AAPL_1min_trades.csv.gz",
    ]  # fmt: skip
    assert sorted(path.suffix for path in (tmp_path / f"{DAY}").iterdir()) == [".csv", ".csv"]
    assert [(one.as_of.day, one.price) for one in played(tmp_path)] == [(12, 104.0), (16, 100.0)]
    assert [one.price for one in played(tmp_path / "2024-01-12")] == [104.0]


def test_old_days_are_thrown_away(tmp_path: Path) -> None:
    for day in (DAY, DAY - timedelta(days=7), DAY - timedelta(days=8)):
        (tmp_path / f"{day}").mkdir()
    (tmp_path / "mine.txt").write_text("not ours")
    tidy(str(tmp_path), DAY, keep=7)
    assert {path.name for path in tmp_path.iterdir()} == {f"{DAY}", f"{DAY - timedelta(days=7)}", "mine.txt"}
    tidy(str(tmp_path / "nowhere"), DAY, keep=7)


def append(folder: str, first: int) -> None:
    for i in range(200):
        capture(folder, [tick(first + 2 * i, 100.0 + i)], {}, NOON)


def test_two_processes_write_whole_lines_and_one_heading(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=append, args=(str(tmp_path), first)) for first in (0, 1)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
    assert len(played(tmp_path)) == 400


def full(folder: str) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os._exit(capture(folder, [tick(0, 100.0)], {}, NOON))


def test_a_full_disk_costs_lines_and_nothing_else(tmp_path: Path) -> None:
    """A real EFBIG from the kernel."""
    process = multiprocessing.get_context("fork").Process(target=full, args=(str(tmp_path),))
    process.start()
    process.join(60)
    assert process.exitcode == 0


@pytest.mark.django_db(transaction=True)
class TestInTheHouse:
    """Ingest captures the live market, once, and the hourly task tidies up."""

    @pytest.fixture(autouse=True)
    def live(self, settings: LazySettings, tmp_path: Path) -> Path:
        settings.MARKET = "live"
        settings.CAPTURE_DIR = str(tmp_path / "captured")
        return tmp_path / "captured"

    def now(self, seconds: float, **fields: Any) -> Quote:
        at = datetime.now(UTC) - timedelta(seconds=3 - seconds)
        return quote("AAPL", as_of=at, received_at=at, **fields)

    def test_what_is_new_is_captured_as_it_came(self, live: Path) -> None:
        crossed = self.now(1, bid=186.0, ask=185.0)
        ingest.quotes([crossed])
        ingest.quotes([crossed])
        ingest.quotes([self.now(2)])
        (kept,) = live.glob("*/AAPL_1min_quotes.csv")
        assert [(row["bid"], row["ask"]) for row in rows(kept)] == [("186", "185"), ("185.49", "185.51")]

    def test_only_the_live_market_is_captured_and_only_if_asked_for(self, live: Path, settings: LazySettings) -> None:
        ingest.quotes([self.now(1)], market="simulated")
        settings.CAPTURE_DIR = ""
        ingest.quotes([self.now(2)])
        assert not live.exists()

    def test_the_hourly_task_tidies_up(self, live: Path, settings: LazySettings) -> None:
        settings.CAPTURE_DAYS = 5
        (live / "2020-01-02").mkdir(parents=True)
        (live / f"{TODAY - timedelta(days=4)}").mkdir()
        tasks.retention()
        assert [path.name for path in live.iterdir()] == [f"{TODAY - timedelta(days=4)}"]
