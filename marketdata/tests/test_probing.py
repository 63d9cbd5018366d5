"""The way back of a source, and how often each is polled: through the tasks, with real stand-ins and servers."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.conf import LazySettings

from marketdata import breaker, counters, pace, probing, store, tasks, wiring
from marketdata.live import topics
from marketdata.sources.base import Capability, Unavailable
from marketdata.standins.polygon import KEY, Fault, PolygonStandin

pytestmark = pytest.mark.django_db(transaction=True)
QUOTES = Capability.QUOTES


@pytest.fixture
def standin(settings: LazySettings) -> Iterator[PolygonStandin]:
    """A live market of two vendors: Polygon, and behind it one that never fails."""
    settings.MARKET = "live"
    with PolygonStandin() as server:
        entry = settings.MARKETDATA_SOURCES["polygon"]
        settings.MARKETDATA_SOURCES = {
            "polygon": {**entry, "OPTIONS": {"key": KEY, "base_url": server.base_url, "timeout": 30}},
            "spare": {"BACKEND": "marketdata.tests.sources.Told", "OPTIONS": {"name": "spare"}},
        }
        settings.MARKETDATA_DEADLINE = 30
        wiring._built.cache_clear()
        yield server
        for source in wiring.all_sources():
            source.close()
        wiring._built.cache_clear()


def name() -> str:
    (one,) = breaker.tripped()
    return one.name


def pause_is_over(redis_connection: redis.Redis) -> None:
    redis_connection.hset(topics.BREAKER + name(), "until", time.time() - 0.001)


def a_minute_passes(redis_connection: redis.Redis) -> None:
    redis_connection.hset(topics.BREAKER + name(), "cleaned_at", time.time() - 60)


def asked(standin: PolygonStandin) -> int:
    return sum(standin.requests.values())


def test_a_source_is_probed_apart_from_the_polls_and_comes_back_with_a_new_minute(
    standin: PolygonStandin, redis_connection: redis.Redis
) -> None:
    standin.fault = Fault.SERVER_ERROR
    served = [ask() for _ in range(4)]
    assert served == ["spare"] * 4
    assert asked(standin) == 3, "the fourth time it is left alone"
    tasks.probe_sources()
    assert asked(standin) == 3, "its pause is not over"
    standin.fault = None
    pause_is_over(redis_connection)
    assert ask() == "spare"
    tasks.probe_sources()
    tasks.probe_sources()
    assert [one.clean for one in breaker.tripped()] == [2]
    redis_connection.hset(topics.BREAKER + name(), "cleaned_at", time.time())
    if time.time() % 60 < 55:
        tasks.probe_sources()
        assert ask() == "spare", "not in the middle of a minute"
    a_minute_passes(redis_connection)
    tasks.probe_sources()
    assert breaker.tripped() == []
    assert ask() == "polygon"


def ask() -> str:
    found = wiring.feed().quotes(["BTC-USD"]).value["BTC-USD"]
    return found.vendor


def test_a_probe_that_fails_begins_the_pause_anew(standin: PolygonStandin, redis_connection: redis.Redis) -> None:
    standin.fault = Fault.SERVER_ERROR
    for _ in range(3):
        ask()
    pause_is_over(redis_connection)
    tasks.probe_sources()
    tasks.probe_sources()
    assert asked(standin) == 4
    assert counters.sources()["polygon"]["last_failure"]["error"] == "Unavailable"


@pytest.mark.parametrize("what", sorted(set(Capability) - {Capability.STREAM}))
def test_there_is_a_question_for_every_capability(standin: PolygonStandin, what: Capability) -> None:
    symbol = "BTC-USD" if what is Capability.BOOK else "AAPL"
    assert wiring.feed().probe("polygon", what, symbol, probing.question(what, symbol)) is None


def test_a_probe_is_due_after_the_pause_and_the_last_one_in_another_minute() -> None:
    now = 1_000_000 * 60.0
    open_until = breaker.Condition("x", "open", now + 1)
    assert [probing.is_due(open_until, at) for at in (now, now + 2)] == [False, True]
    nearly = breaker.Condition("x", "half-open", now - 9, clean=2, cleaned_at=now + 50)
    assert [probing.is_due(nearly, at) for at in (now + 55, now + 59.9, now + 60)] == [False, False, True]


def test_a_probe_asks_for_watched_symbols_of_the_kind_that_failed() -> None:
    watchlist = ["AAPL", "BTC-USD", "MSFT"]
    failed = [breaker.Condition("x", symbol=symbol, clean=clean) for symbol in ("OTCM", "ETH-USD") for clean in (0, 1)]
    assert [probing.like(one, watchlist) for one in failed] == ["AAPL", "MSFT", "BTC-USD", "BTC-USD"]
    assert probing.like(breaker.Condition("x", symbol="^GSPC"), watchlist) == "^GSPC"
    assert [probing.like(breaker.Condition("x"), names) for names in (watchlist, [])] == ["AAPL", "SPY"]


def test_a_source_rests_between_polls_from_what_it_gave(redis_connection: redis.Redis) -> None:
    every = {"yahoo": 15.0}
    pace.note(QUOTES, [("yahoo", "AAPL"), ("polygon", "MSFT")], every)
    resting = pace.resting(QUOTES, ["AAPL", "MSFT"], every)
    assert (resting("yahoo"), resting("polygon")) == ({"AAPL"}, set())
    redis_connection.hset(f"{topics.PACE}yahoo:quotes", "AAPL", time.time() - 14.1)
    assert resting("yahoo") == set()


def test_a_poll_leaves_a_resting_source_alone_and_counts_no_error(
    standin: PolygonStandin, settings: LazySettings
) -> None:
    sources = settings.MARKETDATA_SOURCES
    settings.MARKETDATA_SOURCES = {name: {**entry, "EVERY": {"quotes": 15}} for name, entry in sources.items()}
    store.set_watchlist(["BTC-USD"])
    for _ in range(3):
        tasks.poll_quotes_of(["BTC-USD"])
    assert asked(standin) == 1
    assert counters.read().get("errors", 0) == 0
    assert counters.read()["quotes_fetched"] == 1


def test_a_source_that_is_left_alone_is_not_counted_as_an_error_again(standin: PolygonStandin) -> None:
    standin.fault = Fault.SERVER_ERROR
    for _ in range(6):
        tasks.poll_quotes_of(["BTC-USD"])
    assert counters.read()["errors"] == 3
    now = datetime.now(UTC)
    bars = wiring.feed().bars("BTC-USD", probing.Interval.DAY, now - timedelta(days=3), now)
    assert bars.value is not None
    assert isinstance(bars.failures[0].error, Unavailable)
