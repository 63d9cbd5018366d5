"""What the clock does: each task once at a time, and never against a vendor's patience."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
import redis
from celery import current_app
from django.conf import LazySettings
from django.db import connection

from goldensignals.celery import PERIODS, app
from marketdata import counters, store, tasks
from marketdata.domain import Interval
from marketdata.live import topics
from marketdata.live.retained import retained
from marketdata.lock import first, lock
from marketdata.tests.another import service_environment
from marketdata.tests.values import NOON, quote

pytestmark = pytest.mark.django_db(transaction=True)
SATURDAY = datetime(2024, 1, 20, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def simulated(settings: LazySettings) -> None:
    settings.MARKET = "simulated"
    store.set_watchlist(["AAPL", "MSFT"])
    store.drop_partitions(date.max)


def test_every_task_of_the_table_exists_and_expires_before_its_next_turn() -> None:
    assert current_app is app or current_app.main == app.main
    app.loader.import_default_modules()  # as a worker does: the tasks of the upper floors too
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] < entry["schedule"] == PERIODS[name]


def test_a_poll_brings_the_watchlist_and_what_somebody_looks_at(redis_connection: redis.Redis) -> None:
    now = time.time()
    redis_connection.zadd(topics.WANTED, {"IBM": now + 60, "OLD": now - 1, "AAPL": now + 60})
    tasks.poll_quotes()
    assert set(retained(["AAPL", "MSFT", "IBM", "OLD"])) == {"AAPL", "MSFT", "IBM"}
    assert store.latest(["IBM"], "simulated")["IBM"].simulated
    assert redis_connection.zscore(topics.WANTED, "OLD") is None
    assert counters.sources()["simulated"]["last_success"] <= time.time()


def test_two_polls_in_a_row_store_no_quote_twice() -> None:
    tasks.poll_quotes()
    tasks.poll_quotes()
    stored = store.quotes("AAPL", datetime.now(UTC) - timedelta(minutes=5), datetime.now(UTC), "simulated")
    assert len(stored) == len({one.as_of for one in stored})
    assert counters.read()["quotes_fetched"] == 4


def test_a_poll_that_runs_already_is_left_alone() -> None:
    with lock("poll:quotes:AAPL:2", 30) as mine:
        assert mine
        tasks.poll_quotes()
    assert counters.read() == {}
    tasks.poll_quotes()
    assert counters.read()["quotes_fetched"] == 2


def test_a_long_watchlist_is_spread_over_the_workers(redis_connection: redis.Redis) -> None:
    store.set_watchlist([f"S{i}" for i in range(600)])
    tasks.poll_quotes()
    waiting = [msgspec.json.decode(text) for text in redis_connection.lrange("celery", 0, -1)]
    assert [message["headers"]["task"] for message in waiting] == ["marketdata.tasks.poll_quotes_of"] * 3
    assert all(message["headers"]["expires"] for message in waiting)


def test_an_empty_watchlist_asks_nobody(redis_connection: redis.Redis) -> None:
    store.set_watchlist([])
    tasks.poll_quotes()
    tasks.poll_bars()
    assert redis_connection.llen("celery") == 0
    assert counters.sources() == {}


def test_a_recorded_market_is_not_polled(settings: LazySettings) -> None:
    settings.MARKET = "recorded"
    tasks.poll_quotes()
    assert counters.read() == {}


def test_a_closed_market_is_asked_now_and_then() -> None:
    assert [tasks._may_ask(SATURDAY, "live") for _ in range(3)] == [True, False, False]
    assert [tasks._may_ask(NOON, "live") for _ in range(3)] == [True] * 3


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOON, True),
        (datetime(2024, 1, 16, 21, 5, tzinfo=UTC), True),
        (datetime(2024, 1, 16, 21, 15, tzinfo=UTC), False),
        (datetime(2024, 1, 16, 14, 0, tzinfo=UTC), False),
        (SATURDAY, False),
        (datetime.min.replace(tzinfo=UTC), False),
    ],
)
def test_bars_are_asked_for_while_there_are_new_ones(at: datetime, expected: bool) -> None:
    assert tasks._has_new_bars(at, "live") is expected


def test_bars_are_polled_into_the_store_and_the_ledger() -> None:
    tasks.poll_bars()
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = store.bars("AAPL", Interval.MINUTE, midnight, now, "simulated")
    expected = int((now - midnight).total_seconds()) // 60
    assert expected - 1 <= len(minutes) <= expected + 1
    assert store.coverage("AAPL", Interval.MINUTE, midnight, now, "simulated").count("missing") == 0
    days = store.bars("MSFT", Interval.DAY, now - timedelta(days=20), now, "simulated")
    assert len(days) == tasks.DAILY_SPAN.days
    assert days.last_is_partial
    tasks.poll_bars()
    assert store.coverage("AAPL", Interval.MINUTE, midnight, now, "simulated").count("missing") == 0


def test_partitions_are_made_ahead() -> None:
    tasks.make_partitions()
    today = datetime.now(UTC).date()
    assert store.partition_days() == [today + timedelta(days=i) for i in range(-1, 4)]


def test_retention_counts_back_from_today(settings: LazySettings) -> None:
    settings.MARKETDATA_RETENTION_DAYS = 5
    now = datetime.now(UTC)
    store.save_quotes([quote(as_of=now - timedelta(days=age)) for age in (1, 4, 6, 400)], "live")
    store.save_quotes([quote(as_of=NOON, vendor="recorded")], "recorded")
    tasks.retention()
    assert store.partition_days() == [NOON.date(), *((now - timedelta(days=age)).date() for age in (4, 1))]


def test_a_lock_is_given_back_by_its_holder_only(redis_connection: redis.Redis) -> None:
    with lock("one", 30) as mine, lock("one", 30) as yours:
        assert (mine, yours) == (True, False)
    with lock("one", 30) as mine:
        assert mine
        redis_connection.set(f"{topics.LEASE}one", "somebody else's by now")
    assert redis_connection.get(f"{topics.LEASE}one") == b"somebody else's by now"


def test_a_lock_frees_itself_when_its_holder_dies(redis_connection: redis.Redis) -> None:
    with lock("one", 30):
        assert 29_000 < redis_connection.pttl(f"{topics.LEASE}one") <= 30_000
    assert first("two", 0.001)


@contextmanager
def worker() -> Iterator[None]:
    """A real Celery worker as the service runs it, one task at a time."""
    command = [sys.executable, "-m", "celery", "-A", "goldensignals", "worker", "--pool", "threads"]
    options = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    process = subprocess.Popen([*command, *options], env=service_environment("simulated"))
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0


def until(done: Callable[[], bool], patience: float = 180) -> None:
    """Wait for the worker's deed."""
    end = time.monotonic() + patience
    while not done():
        assert time.monotonic() < end, "the worker did not come to it in time"
        time.sleep(0.05)


def test_a_worker_polls_once_however_often_it_is_told() -> None:
    today = datetime.now(UTC).date()
    with worker():
        with lock("poll:quotes:AAPL:2", 120) as mine:
            assert mine
            tasks.poll_quotes.delay()
            tasks.poll_quotes.delay()
            tasks.make_partitions.delay()
            until(lambda: today in store.partition_days())
            assert counters.read() == {}
        tasks.poll_quotes.delay()
        until(lambda: len(retained(["AAPL", "MSFT"])) == 2)
        until(lambda: counters.read().get("quotes_stored") == 2)
    connection.close()
