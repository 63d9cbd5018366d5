"""Two live sources: the one that nobody needs is asked now and then, and who disagrees is told."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from marketdata import alarms, cache, said, scores, store, tasks, wiring, witnesses
from marketdata.contest import Contest
from marketdata.domain import Quote, Session
from marketdata.live import topics
from marketdata.tests.sources import Told

pytestmark = pytest.mark.django_db(transaction=True)
BITCOIN = "BTC-USD"


def price(vendor: str, value: float, **fields: Any) -> Quote:
    now = datetime.now(UTC)
    return Quote(
        symbol=BITCOIN, vendor=vendor, as_of=now, received_at=now, price=value, session=Session.ALWAYS, delayed_by=0,
        **fields,
    )  # fmt: skip


@pytest.fixture
def live(settings: Any) -> Iterator[Callable[[str], Told]]:
    """Two sources of a live market, by name; each says its price of bitcoin."""
    prices = {"polygon": 100.0, "alpaca": 100.01}

    def says(vendor: str) -> Callable[[Any], Any]:
        return lambda symbols: {symbol: replace(price(vendor, prices[vendor]), symbol=symbol) for symbol in symbols}

    settings.MARKET = "live"
    settings.MARKETDATA_SOURCES = {
        name: {"BACKEND": "marketdata.tests.sources.Told", "OPTIONS": {"name": name, "answer": says(name)}}
        for name in prices
    }
    wiring._built.cache_clear()
    store.set_watchlist([BITCOIN, "VOD.L"])
    yield lambda name: next(source for source in wiring.sources() if source.name == name)  # type: ignore[misc,return-value]
    wiring._built.cache_clear()


def contest_of_long(first: float, second: float) -> None:
    """Eleven seconds ago they disagreed."""
    then = datetime.now(UTC).timestamp() - 11
    found = Contest(
        vendors=("polygon", "alpaca"),
        prices=(first, second),
        difference=0.02,
        since=then,
        seen=then,
        times=(then, then),
    )
    cache.client().hset(topics.CONTESTED, BITCOIN, msgspec.json.encode(found))  # type: ignore[arg-type]


def disagreements() -> dict[str, int]:
    return {name: score.disagreements for name, score in scores.of(datetime.now(UTC).date()).items()}


def test_only_who_has_not_spoken_of_late_is_asked(live: Callable[[str], Told]) -> None:
    said.note([price("polygon", 100.0)], said.Channel.PUSH)
    tasks.compare_sources()
    assert (live("polygon").calls, live("alpaca").calls) == (0, 1)
    tasks.compare_sources()
    assert (live("polygon").calls, live("alpaca").calls) == (0, 1)
    assert {one.vendor for one in said.last(["polygon", "alpaca"], [BITCOIN])[BITCOIN]} == {"polygon", "alpaca"}
    # London's hours are not known here, and nobody is asked about it.
    assert said.last(["alpaca"], ["VOD.L"]) == {"VOD.L": []}


def test_what_a_witness_says_is_not_shown(live: Callable[[str], Told]) -> None:
    tasks.compare_sources()
    assert store.latest([BITCOIN], "live") == {}


def test_one_source_alone_needs_no_witness(live: Callable[[str], Told]) -> None:
    store.set_source("alpaca", False)
    tasks.compare_sources()
    assert live("polygon").calls == 0


def test_a_lasting_difference_is_one_alarm_and_a_mark_on_both(live: Callable[[str], Told]) -> None:
    contest_of_long(100.0, 102.0)
    for _ in range(3):
        said.note([price("polygon", 100.0), price("alpaca", 102.0)], said.Channel.ANSWER)
        witnesses.compare(["polygon", "alpaca"], [BITCOIN])
    assert list(alarms.sounding()) == [f"disagree {BITCOIN}"]
    assert "polygon says 100, alpaca 102" in alarms.sounding()[f"disagree {BITCOIN}"]["message"]
    assert disagreements() == {"polygon": 1, "alpaca": 1}
    assert witnesses.of(BITCOIN) is not None
    said.note([price("alpaca", 100.0), price("polygon", 100.0)], said.Channel.ANSWER)
    witnesses.compare(["polygon", "alpaca"], [BITCOIN])
    assert alarms.sounding() == {}
    assert witnesses.contested() == {}


def test_a_contest_that_nobody_can_judge_any_more_is_over(live: Callable[[str], Told]) -> None:
    contest_of_long(100.0, 102.0)
    said.note([price("polygon", 100.0), price("alpaca", 102.0)], said.Channel.ANSWER)
    witnesses.compare(["polygon", "alpaca"], [BITCOIN])
    store.set_source("alpaca", False)
    tasks.compare_sources()
    assert list(alarms.sounding()) == [f"disagree {BITCOIN}"]
    old = replace(witnesses.contested()[BITCOIN], seen=datetime.now(UTC).timestamp() - 601)
    cache.client().hset(topics.CONTESTED, BITCOIN, msgspec.json.encode(old))  # type: ignore[arg-type]
    tasks.compare_sources()
    assert alarms.sounding() == {}


def test_a_difference_of_a_moment_is_no_alarm(live: Callable[[str], Told]) -> None:
    said.note([price("polygon", 100.0), price("alpaca", 102.0)], said.Channel.ANSWER)
    assert BITCOIN in witnesses.compare(["polygon", "alpaca"], [BITCOIN])
    assert alarms.sounding() == {}
    assert witnesses.of(BITCOIN) is None


def test_a_wild_market_is_no_contest(live: Callable[[str], Told]) -> None:
    from marketdata.tests.values import bars

    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=20)
    closes = [100.0 * (1.02 if i % 2 else 1.0) for i in range(19)]
    store.save_bars(bars(minute, closes, symbol=BITCOIN, vendor="polygon"), "live")
    said.note([price("polygon", 100.0), price("alpaca", 102.0)], said.Channel.ANSWER)
    assert witnesses.compare(["polygon", "alpaca"], [BITCOIN]) == {}


def test_a_witness_that_fails_is_an_error_of_its_own(live: Callable[[str], Told]) -> None:
    from marketdata.sources.base import Unavailable

    live("alpaca").answer = Unavailable("down")
    tasks.compare_sources()
    day: date = datetime.now(UTC).date()
    assert scores.of(day)["alpaca"].errors == 1
    assert scores.of(day)["polygon"].errors == 0
