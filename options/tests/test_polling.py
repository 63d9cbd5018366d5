"""Whose turn it is: through the tasks, in a market that never closes."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import LazySettings

from goldensignals.celery import PERIODS
from goldensignals.processes import ANALYSIS
from marketdata import calendar, counters, quotas, wiring
from marketdata import store as market_store
from marketdata.live import topics
from marketdata.live.retained import retained
from marketdata.lock import lock
from marketdata.sources.base import Unavailable
from marketdata.standins.polygon import KEY, PolygonStandin
from options import polling, rotation, store, tasks
from options.tests.listed import WEEKS, Listed

pytestmark = pytest.mark.django_db
shows = pytest.mark.django_db(transaction=True)
"""What is shown is shown when it is committed."""


def entry(name: str, **more: object) -> dict[str, Any]:
    return {"BACKEND": "options.tests.listed.Listed", "MARKET": "simulated", "OPTIONS": {"name": name}, **more}


@pytest.fixture
def sources(settings: LazySettings) -> Iterator[dict[str, Listed]]:
    """A source that pages through its expiries, and behind it one that takes a request for each."""
    settings.MARKET = "simulated"
    settings.MARKETDATA_SOURCES = {"pages": entry("pages"), "each": entry("each", EXPIRIES=1)}
    wiring._built.cache_clear()
    market_store.set_watchlist(["TEST"])
    yield {one.name: one for one in wiring.all_sources()}
    wiring._built.cache_clear()


def a_minute_passes(redis_connection: redis.Redis, seconds: float = 60) -> None:
    key = f"{topics.ROTATION}simulated:TEST"
    for expiry, at in redis_connection.hgetall(key).items():
        redis_connection.hset(key, expiry, repr(float(at) - seconds))


@shows
def test_the_watchlist_of_the_simulated_market_is_polled_stored_and_shown(settings: LazySettings) -> None:
    settings.MARKET = "simulated"
    market_store.set_watchlist(["AAPL", "BTC-USD"])
    tasks.poll_chains()
    found = store.latest("AAPL", "simulated")
    assert found.summary.simulated
    assert found.summary.expiries == len(wiring.all_sources()[0].option_expiries("AAPL")) > polling.EXPIRIES
    assert found.summary.iv30 is not None
    assert retained([topics.options("AAPL")])
    assert store.underlyings("simulated") == ["AAPL"]
    assert counters.read()["contracts_fetched"] == len(found.chain) > 500


def test_a_vendors_bytes_end_as_a_summary_in_the_live_market(settings: LazySettings) -> None:
    """At any hour: while the market is closed the chain is that of the close."""
    settings.MARKET = "live"
    with PolygonStandin() as standin:
        told = settings.MARKETDATA_SOURCES["polygon"]
        options = {"key": KEY, "base_url": standin.base_url, "timeout": 30}
        settings.MARKETDATA_SOURCES = {"polygon": told | {"OPTIONS": options}}
        wiring._built.cache_clear()
        found = polling.poll("AAPL")
        wiring._built.cache_clear()
    summary = store.summary("AAPL", "live")
    assert (summary.contracts, summary.expiries) in {(88, 4), (66, 3)}  # on a Friday after the close one has ended
    assert summary == found.analysis.summary
    assert summary.spot == pytest.approx(210, rel=0.02)
    assert summary.session == calendar.session_date(summary.taken_at, "live")
    assert summary.taken_at <= datetime.now(UTC)
    assert counters.sources()["polygon"]["last_success"] <= time.time()


def test_near_expiries_come_each_minute_and_far_ones_by_turns(
    sources: dict[str, Listed], redis_connection: redis.Redis
) -> None:
    pages = sources["pages"]
    near = rotation.near(pages.listed, pages.clock().date())
    turns = []
    for _ in range(3):
        before = len(pages.ranges)
        tasks.poll_chains()
        a_minute_passes(redis_connection)
        chosen = pages.ranges[before:]
        turns.append({one for one in pages.listed if any(first <= one <= last for first, last in chosen)})
    assert turns == [set(pages.listed[:12]), near | set(pages.listed[12:]), near]
    assert len(store.expiries("TEST", "simulated")) == WEEKS
    told = {one.expiry: one.taken_at for one in store.latest("TEST", "simulated").slices}
    assert min(told[one] for one in near) > max(told[one] for one in pages.listed if one not in near)
    assert pages.listings == 1


def test_what_was_asked_for_a_moment_ago_is_left_alone(sources: dict[str, Listed]) -> None:
    assert polling.poll("TEST")
    assert polling.poll("TEST")  # the three that the first poll left
    assert polling.poll("TEST") is None
    assert len(sources["pages"].ranges) == 2
    assert sources["each"].ranges == []


def test_the_next_source_is_asked_for_what_it_can_give(sources: dict[str, Listed]) -> None:
    sources["pages"].failure = Unavailable("away")
    found = polling.poll("TEST")
    assert found.analysis.chain.expiry[0].item() == sources["each"].listed[0]
    assert sources["each"].ranges == [(sources["each"].listed[0],) * 2]


def test_a_source_rests_between_polls_of_the_same_underlying(
    sources: dict[str, Listed], settings: LazySettings, redis_connection: redis.Redis
) -> None:
    settings.MARKETDATA_SOURCES = {"each": entry("each", EXPIRIES=1, EVERY={"options": 600})}
    wiring._built.cache_clear()
    (source,) = wiring.all_sources()
    for _ in range(3):
        polling.poll("TEST")
        a_minute_passes(redis_connection)
    assert len(source.ranges) == 1
    redis_connection.delete(f"{topics.PACE}each:options")
    polling.poll("TEST")
    assert source.ranges[1] == (source.listed[1],) * 2


def test_a_chain_that_somebody_looks_at_is_polled_without_being_watched(
    sources: dict[str, Listed], redis_connection: redis.Redis
) -> None:
    market_store.set_watchlist([])
    redis_connection.zadd(topics.WANTED_CHAINS, {"TEST": time.time() + 60, "OLD": time.time() - 1})
    tasks.poll_chains()
    assert store.underlyings("simulated") == ["TEST"]
    assert len(sources["pages"].ranges) == 1


def test_a_poll_that_runs_already_is_left_alone(sources: dict[str, Listed]) -> None:
    with lock("poll:chains:TEST", 30):
        tasks.poll_chains()
    assert sources["pages"].ranges == []


@shows
def test_a_chain_that_redis_has_lost_is_shown_before_a_new_one_comes(
    sources: dict[str, Listed], redis_connection: redis.Redis
) -> None:
    market_store.set_watchlist(["TEST", "BTC-USD"])
    tasks.poll_chains()
    redis_connection.flushdb()
    with lock("poll:chains:TEST", 30):
        tasks.poll_chains()
    assert list(retained([topics.options("TEST"), topics.options("BTC-USD")])) == [topics.options("TEST")]


def test_many_underlyings_are_spread_over_the_workers(
    sources: dict[str, Listed], redis_connection: redis.Redis
) -> None:
    market_store.set_watchlist([f"S{letter}" for letter in "ABCDEFG"])
    tasks.poll_chains()
    assert redis_connection.llen(ANALYSIS) == 3
    assert sources["pages"].ranges == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2024, 1, 16, 17, 0, tzinfo=UTC), True),
        (datetime(2024, 1, 16, 21, 30, tzinfo=UTC), True),
        (datetime(2024, 1, 16, 21, 40, tzinfo=UTC), False),
        (datetime(2024, 1, 16, 14, 0, tzinfo=UTC), False),
        (datetime.min.replace(tzinfo=UTC), False),
    ],
)
def test_chains_are_new_while_the_session_runs_and_a_while_after(at: datetime, expected: bool) -> None:
    assert polling.has_new(at, "live") is expected


def test_the_alerts_of_yesterday_are_judged_and_partitions_made(sources: dict[str, Listed]) -> None:
    tasks.keep_chains()
    tasks.confirm_alerts()
    today = datetime.now(UTC).date()
    made = market_store.partition_days("option_snapshot")
    assert made == [today + timedelta(days=day) for day in range(-1, 4)]
    assert PERIODS["options.tasks.poll_chains"] == 60


def test_the_planner_counts_chains_and_nine_symbols_fit_yahoos_limit(settings: LazySettings) -> None:
    (yahoo,) = (one for one in quotas.plans([f"S{letter}" for letter in "ABCDEFGHI"]) if one.source == "yahoo")
    assert yahoo.fits
    assert yahoo.lines[0].need == 180 + 9 * 12 + 9 * 6
    settings.OPTIONS_EVERY = 1800
    (slower,) = (one for one in quotas.plans(["SA"]) if one.source == "yahoo")
    assert slower.lines[0].need == 180 + 12 + 2
