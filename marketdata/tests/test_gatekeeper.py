"""Breakers in Redis: whom all processes leave alone, for how long, and how a source comes back."""

import logging
import time

import pytest
import redis
from django.conf import LazySettings

from marketdata import alarms, breaker, cache, gatekeeper
from marketdata.feed import Feed
from marketdata.gate import Entry
from marketdata.gatekeeper import Gatekeeper
from marketdata.live import topics
from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    BudgetSpent,
    Capability,
    NoData,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)
from marketdata.standins.polygon import KEY, PolygonStandin
from marketdata.tests.sources import Told

QUOTES, BARS = Capability.QUOTES, Capability.BARS
KEYS = {"one": "one:key", "two": "two:key"}


@pytest.fixture
def gate() -> Gatekeeper:
    return Gatekeeper(KEYS, {})


def error(gate: Gatekeeper, what: Capability = QUOTES, source: str = "one") -> SourceError | None:
    return gate.enter(source, what, ["AAPL"]).error


def tell(gate: Gatekeeper, told: SourceError | None, times: int = 1, what: Capability = QUOTES) -> None:
    for _ in range(times):
        gate.tell("one", what, ["AAPL"], told)


def end_the_pause(redis_connection: redis.Redis, name: str = "one:key:quotes") -> None:
    """As if the time had passed."""
    redis_connection.hset(topics.BREAKER + name, "until", time.time() - 0.001)


@pytest.mark.parametrize("told", [Unavailable("out"), VendorTimeout("late"), BadPayload("?")])
def test_three_failures_in_a_minute_open_that_capability_for_every_process(
    gate: Gatekeeper, told: SourceError
) -> None:
    tell(gate, told, 2)
    assert error(gate) is None
    tell(gate, told)
    another = Gatekeeper(KEYS, {})
    assert (type(error(another)), str(error(another))) == (type(told), str(told))
    assert error(another, BARS) is None
    assert error(another, source="two") is None
    assert list(alarms.sounding()) == ["one quotes"]


def test_failures_that_lie_apart_do_not_count_together(gate: Gatekeeper, redis_connection: redis.Redis) -> None:
    tell(gate, Unavailable("out"), 2)
    failures = f"{topics.BREAKER}one:key:quotes:failures"
    for name, _ in redis_connection.zrange(failures, 0, -1, withscores=True):
        redis_connection.zadd(failures, {name: time.time() - 61})
    tell(gate, Unavailable("out"))
    assert error(gate) is None


def test_a_success_between_failures_does_not_excuse_them(gate: Gatekeeper) -> None:
    for told in (Unavailable("out"), Unavailable("out"), None, Unavailable("out")):
        tell(gate, told)
    assert isinstance(error(gate), Unavailable)


@pytest.mark.parametrize("told", [UnknownSymbol("?"), NoData("closed"), Unsupported("no"), BudgetSpent("ours")])
def test_what_is_no_fault_of_the_vendor_never_counts(gate: Gatekeeper, told: SourceError) -> None:
    tell(gate, told, 9)
    assert gate.enter("one", QUOTES, ["AAPL"]) == Entry()


def test_a_wrong_key_closes_the_whole_source_until_the_configuration_changes(
    gate: Gatekeeper, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        for worker in (gate, Gatekeeper(KEYS, {}), Gatekeeper(KEYS, {})):
            tell(worker, AuthFailed("no"), 5)
    assert isinstance(error(gate, BARS), AuthFailed)
    assert [record.message for record in caplog.records] == [f"alarm one AuthFailed: no. {AuthFailed.remedy}"]
    assert list(alarms.sounding()) == ["one AuthFailed"]
    ((_, _, condition),) = gate.on_probation()
    assert condition.until > time.time() + 1e8
    mended = Gatekeeper({"one": "one:new"}, {})
    assert error(mended) is None
    tell(mended, None)
    assert alarms.sounding() == {}


def test_a_limit_pauses_the_whole_source_as_long_as_it_says_and_longer_each_time(
    gate: Gatekeeper, redis_connection: redis.Redis
) -> None:
    pauses = []
    for _ in range(6):
        tell(gate, RateLimited("slow down", 60), 3)
        found = error(gate, BARS)
        assert isinstance(found, RateLimited)
        pauses.append(round(found.retry_after, -1))
        end_the_pause(redis_connection, "one:key")
    assert pauses == [60, 120, 240, 480, 900, 900]
    tell(gate, RateLimited("slow down", 3000))
    found = error(gate)
    assert isinstance(found, RateLimited)
    assert found.retry_after > 2990


def test_the_plan_is_asked_again_in_a_day_and_only_that_kind_is_refused(gate: Gatekeeper) -> None:
    gate.tell("one", QUOTES, ["BTC-USD"], NotEntitled("no crypto"))
    entry = gate.enter("one", QUOTES, ["AAPL", "BTC-USD", "ETH-USD"])
    assert (entry.error, set(entry.refused)) == (None, {"BTC-USD", "ETH-USD"})
    assert gate.enter("one", BARS, ["BTC-USD"]) == Entry()
    ((source, part, condition),) = gate.on_probation()
    assert (source, part, condition.symbol) == ("one", "quotes:crypto", "BTC-USD")
    assert 86_000 < condition.until - time.time() <= 86_400


def test_one_symbol_that_the_plan_lacks_does_not_condemn_its_kind(gate: Gatekeeper) -> None:
    tell(gate, None)
    gate.tell("one", QUOTES, ["OTCM"], NotEntitled("not this one"))
    assert gate.enter("one", QUOTES, ["AAPL", "OTCM"]) == Entry()


def test_a_source_comes_back_after_clean_answers_in_a_row(gate: Gatekeeper, redis_connection: redis.Redis) -> None:
    tell(gate, Unavailable("out"), 3)
    tell(gate, None, breaker.CLEAN)
    assert isinstance(error(gate), Unavailable), "answers of calls that began before do not count"
    end_the_pause(redis_connection)
    assert gate.enter("one", QUOTES, ["AAPL"]) == Entry(probation=True)
    for told in (None, None, Unavailable("again")):
        tell(gate, told)
    assert isinstance(error(gate), Unavailable)
    end_the_pause(redis_connection)
    tell(gate, None, breaker.CLEAN - 1)
    assert gate.enter("one", QUOTES, ["AAPL"]).probation
    tell(gate, None)
    assert gate.enter("one", QUOTES, ["AAPL"]) == Entry()
    assert alarms.sounding() == {}


def test_a_source_that_answers_one_time_in_three_stays_away(gate: Gatekeeper, redis_connection: redis.Redis) -> None:
    tell(gate, Unavailable("out"), 3)
    for turn in range(12):
        end_the_pause(redis_connection)
        tell(gate, None if turn % 3 == 0 else Unavailable("out"))
        assert gate.enter("one", QUOTES, ["AAPL"]) != Entry()


def test_on_probation_the_other_source_is_asked_first(gate: Gatekeeper, redis_connection: redis.Redis) -> None:
    one, two = Told("one"), Told("two")
    feed = Feed([one, two], 2, gate=gate)
    tell(gate, Unavailable("out"), 3)
    end_the_pause(redis_connection)
    assert feed.quotes(["AAPL"]).value["AAPL"].vendor == "two"
    two.answer = Unavailable("out too")
    assert feed.quotes(["AAPL"]).value["AAPL"].vendor == "one"


def test_forgiven_is_asked_at_once(gate: Gatekeeper) -> None:
    tell(gate, AuthFailed("no"))
    gate.forgive("one")
    assert (error(gate), alarms.sounding()) == (None, {})


def test_a_bad_key_asks_the_vendor_once_in_all_processes(caplog: pytest.LogCaptureFixture) -> None:
    from marketdata.sources.polygon import Polygon

    with PolygonStandin() as standin, caplog.at_level(logging.ERROR):
        workers = []
        for _ in range(3):
            source = Polygon("not-" + KEY, standin.base_url, timeout=30)
            workers.append(Feed([source, Told("two")], 30, gate=Gatekeeper({"polygon": "polygon:bad"}, {})))
        for worker in workers * 5:
            assert worker.quotes(["AAPL", "SPY"]).value["SPY"].vendor == "two"
        assert sum(standin.requests.values()) == 1
        for worker in workers:
            worker.close()
    assert len([record for record in caplog.records if record.message.startswith("alarm")]) == 1


def test_without_redis_nobody_is_asked(gate: Gatekeeper, settings: LazySettings) -> None:
    address = settings.REDIS_URL
    cache.client.cache_clear()
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    try:
        assert str(error(gate)) == gatekeeper.WITHOUT_REDIS
        tell(gate, Unavailable("out"), 3)
    finally:
        settings.REDIS_URL = address
        cache.client.cache_clear()
    assert error(gate) is None
