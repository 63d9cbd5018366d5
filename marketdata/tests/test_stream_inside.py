"""The owner of the streams, inside this process: the lease, the watchlist, what is broken, and when to be quiet."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from django.db import connections

from goldensignals.tests.waiting import until
from marketdata import cache, counters, store, stream, wiring
from marketdata.domain import Interval
from marketdata.live import topics
from marketdata.live.retained import retained
from marketdata.tests.test_stream import FIRST, LAST, LEASE, count, stored, write

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")
Play = Callable[..., "asyncio.Task[None]"]


@pytest_asyncio.fixture
async def play(settings: Any) -> AsyncIterator[Play]:
    """Run the owner over a folder; it is stopped, cleanly, when the test ends."""
    stop = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    def begin(folder: Path, speed: float = 1e6, market: str = "recorded") -> "asyncio.Task[None]":
        backend = "marketdata.sources.recorded.Recorded"
        entry = {"BACKEND": backend, "MARKET": "recorded", "OPTIONS": {"folder": str(folder), "speed": speed}}
        settings.MARKETDATA_SOURCES = {"recorded": entry}
        settings.MARKET = market
        wiring._built.cache_clear()
        tasks.append(asyncio.create_task(stream.run(stop)))
        return tasks[0]

    yield begin
    stop.set()
    await asyncio.wait_for(asyncio.gather(*tasks), 30)
    wiring._built.cache_clear()


async def aside(ask: Callable[..., T], *arguments: Any) -> T:
    """Ask in a thread that gives its database connection back."""

    def call() -> T:
        try:
            return ask(*arguments)
        finally:
            connections.close_all()

    return await asyncio.to_thread(call)


async def happens(event: Callable[[], object], seconds: float = 60) -> bool:
    return await aside(until, event, seconds)


async def test_only_the_owner_plays(play: Play, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "marketdata")
    write(tmp_path, "AAPL", 100)
    cache.client().set(LEASE, "somebody else", px=60_000)
    play(tmp_path)
    assert await happens(lambda: "stands by" in caplog.text)
    assert await aside(count) == 0
    cache.client().delete(LEASE)
    assert await happens(lambda: count() == 100)


async def test_an_owner_that_lost_its_lease_stops_at_once(
    play: Play, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "marketdata")
    write(tmp_path, "AAPL", 3000)
    play(tmp_path, 300)
    assert await happens(lambda: count() > 0)
    cache.client().set(LEASE, "a thief", px=60_000)
    assert await happens(lambda: "owns the streams no more" in caplog.text)
    assert await happens(lambda: "stands by" in caplog.text)
    assert cache.client().get(LEASE) == b"a thief"


async def test_every_process_can_tell_how_far_the_recording_is(play: Play, tmp_path: Path) -> None:
    times = write(tmp_path, "AAPL", 50)
    play(tmp_path)
    assert await happens(lambda: wiring.clock()() == times[-1] + timedelta(minutes=1))
    key = f"recorded:{wiring.all_sources()[0].fingerprint(['AAPL'])}"  # type: ignore[attr-defined]
    assert await aside(store.cursor, key) == times[-1]
    assert b'"ask":20' in retained(["AAPL"])["AAPL"]
    assert counters.sources()["recorded"]["last_success"]


async def test_a_played_minute_is_a_stored_bar(play: Play, tmp_path: Path) -> None:
    lines = "".join(f"2014-06-06 09:{minute}:00,10,11,9,{10 + minute / 100},100\n" for minute in range(30, 50))
    (tmp_path / "MSFT_1min_trades.csv").write_text("time_et,open,high,low,close,volume\n" + lines)
    play(tmp_path)

    def closes() -> list[float]:
        return store.bars("MSFT", Interval.MINUTE, FIRST, LAST, "recorded").close.tolist()

    assert await happens(lambda: len(closes()) == 20)
    assert await aside(closes) == [10 + minute / 100 for minute in range(30, 50)]
    assert await aside(count) == 20


async def test_a_symbol_added_to_the_watchlist_is_played_from_its_start(
    play: Play, tmp_path: Path, settings: Any
) -> None:
    write(tmp_path, "AAPL", 3000)
    times = write(tmp_path, "IBM", 5)
    settings.MARKETDATA_SYMBOLS = ["AAPL"]
    play(tmp_path, 600)
    assert await happens(lambda: count() > 20)
    assert await aside(stored, "IBM") == []
    await aside(store.add_symbol, "IBM")
    assert await happens(lambda: len(stored("IBM")) == 5)
    assert [row[0] for row in await aside(stored, "IBM")] == times
    seen = await aside(count)
    assert await happens(lambda: count() > seen)
    aapl = [row[0] for row in await aside(stored, "AAPL")]
    assert aapl == sorted(set(aapl))


async def test_a_bad_line_is_told_and_stops_nothing(
    play: Play, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "AAPL", 5)
    with (tmp_path / "AAPL_1min_quotes.csv").open("a") as text:
        text.write("2014-06-06 10:00:00,what,1,2,1\n2014-06-06 10:01:00,10,1,20,1\n")
    play(tmp_path)
    assert await happens(lambda: count() == 6)
    assert "AAPL_1min_quotes.csv line 7: 'what' is not a number" in caplog.text


async def test_a_folder_that_is_not_there_is_told_with_its_remedy(
    play: Play, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    play(tmp_path / "nowhere")
    assert await happens(lambda: "there is no such folder" in caplog.text)


async def test_a_market_without_pushing_sources_waits(play: Play, tmp_path: Path) -> None:
    task = play(tmp_path, market="simulated")
    assert await happens(lambda: cache.client().get(LEASE))
    assert not task.done()
    assert cache.client().get(topics.POSITION) is None
