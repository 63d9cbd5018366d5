"""Vendors that push, in the live market: one connection by one owner, made again and again, and missed when mute."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from goldensignals.tests.waiting import until
from marketdata import alarms, cache, counters, said, scores, store, stream, tasks, wiring
from marketdata.domain import Quote, Session
from marketdata.live import topics
from marketdata.live.retained import retained
from marketdata.mute import Habit
from marketdata.playback import whole
from marketdata.standins.polygon import KEY, Fault, PolygonStandin
from marketdata.tests.test_stream import LEASE, STARTED, Start, count, handed_over_within, log_of
from marketdata.tests.test_stream import start as start
from marketdata.tests.test_stream_inside import aside, happens

pytestmark = pytest.mark.django_db(transaction=True)
BITCOIN, ETHER = {"XT.BTC-USD", "XQ.BTC-USD"}, {"XT.ETH-USD", "XQ.ETH-USD"}
Play = Callable[[], "asyncio.Task[None]"]


@pytest.fixture
def polygon(settings: Any) -> Iterator[PolygonStandin]:
    """A live market with Polygon's stand-in alone, whose crypto pairs move at any hour."""
    with PolygonStandin() as server:
        options = {"key": KEY, "base_url": server.base_url, "stream_host": server.stream_host}
        settings.MARKETDATA_SOURCES = {
            "polygon": {
                "BACKEND": "marketdata.sources.polygon.Polygon", "MARKET": "live", "NEEDS": ("key",),
                "OPTIONS": options, "LIMITS": "100/second",
            }
        }  # fmt: skip
        settings.MARKET = "live"
        wiring._built.cache_clear()
        store.set_watchlist(["BTC-USD"])
        yield server
        wiring._built.cache_clear()


@pytest_asyncio.fixture
async def play(polygon: PolygonStandin) -> AsyncIterator[Play]:
    stop = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    def begin() -> "asyncio.Task[None]":
        tasks.append(asyncio.create_task(stream.run(stop)))
        return tasks[0]

    yield begin
    stop.set()
    await asyncio.wait_for(asyncio.gather(*tasks), 30)


def failure() -> str:
    return str(counters.sources().get("polygon", {}).get("last_failure", {}).get("error", ""))


def today() -> scores.Score | None:
    return scores.of(datetime.now(UTC).date()).get("polygon")


async def test_what_is_pushed_is_stored_shown_and_scored(play: Play, polygon: PolygonStandin) -> None:
    play()
    assert await happens(lambda: count() > 10)
    assert b'"vendor":"polygon"' in retained(["BTC-USD"])["BTC-USD"]
    assert await happens(lambda: (score := today()) and score.pushes > 10)
    score = today()
    assert score is not None
    assert score.push_p95_ms is not None
    assert polygon.socket.connections == {"/crypto": 1}


async def test_another_watchlist_is_another_subscription_on_one_connection(play: Play, polygon: PolygonStandin) -> None:
    play()
    assert await aside(polygon.socket.await_topics, BITCOIN)
    await aside(store.add_symbol, "ETH-USD")
    assert await aside(polygon.socket.await_topics, BITCOIN | ETHER)
    assert await happens(lambda: b"ETH-USD" in retained(["ETH-USD"]).get("ETH-USD", b""))
    await aside(store.remove_symbol, "BTC-USD")
    assert await aside(polygon.socket.await_topics, ETHER)
    # The stand-in refuses a second connection while the first is open.
    assert failure() == ""
    assert polygon.socket.connections == {"/crypto": 3}


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.CLEAN_CLOSE])
async def test_a_connection_that_ends_is_made_again(play: Play, polygon: PolygonStandin, fault: Fault) -> None:
    play()
    assert await happens(lambda: count() > 0)
    polygon.fault = fault
    assert await happens(lambda: polygon.socket.connections["/crypto"] >= 3)
    assert failure() == "Unavailable"
    polygon.fault = None
    stored = await aside(count)
    assert await happens(lambda: count() > stored)
    assert await happens(lambda: "polygon stream" not in alarms.sounding())


async def test_a_refused_key_is_one_alarm_and_no_storm(play: Play, polygon: PolygonStandin) -> None:
    polygon.fault = Fault.UNAUTHORIZED
    play()
    assert await happens(lambda: "polygon AuthFailed" in alarms.sounding())
    asked = polygon.requests.total()
    await aside(tasks.poll_quotes_of, ["BTC-USD"])
    assert not await happens(lambda: (score := today()) is not None and score.errors > 1, 4)
    assert polygon.requests.total() == asked
    assert KEY not in str(alarms.sounding())


async def test_a_plan_without_the_stream_is_tried_once(play: Play, polygon: PolygonStandin) -> None:
    polygon.lacks = {"stream"}
    play()
    assert await happens(lambda: "polygon stream NotEntitled" in alarms.sounding())
    assert not await happens(lambda: (score := today()) is not None and score.errors > 1, 3)
    await aside(tasks.poll_quotes_of, ["BTC-USD"])
    assert b'"vendor":"polygon"' in retained(["BTC-USD"])["BTC-USD"]
    await aside(store.set_source, "polygon", False)
    assert await happens(lambda: alarms.sounding() == {})


async def test_a_mute_connection_is_dropped_while_a_witness_moves(play: Play, polygon: PolygonStandin) -> None:
    known = msgspec.json.encode(Habit(count=1000, exposure=1000, longest=2))
    cache.client().hset(topics.SILENCE + "polygon", f"BTC-USD {Session.ALWAYS}", known)  # type: ignore[arg-type]
    play()
    assert await happens(lambda: count() > 0)
    polygon.fault = Fault.MUTE

    def poll() -> bool:
        # The polls ask REST, which is not mute: they are the witness.
        tasks.poll_quotes_of(["BTC-USD"])
        return "polygon mute" in alarms.sounding()

    assert await happens(poll)
    assert failure() == "Mute"
    assert await happens(lambda: polygon.socket.connections["/crypto"] == 2)
    polygon.fault = None
    assert await happens(lambda: "polygon mute" not in alarms.sounding())


async def test_silence_without_a_witness_is_no_alarm(play: Play, polygon: PolygonStandin) -> None:
    known = msgspec.json.encode(Habit(count=1000, exposure=1000, longest=2))
    cache.client().hset(topics.SILENCE + "polygon", f"BTC-USD {Session.ALWAYS}", known)  # type: ignore[arg-type]
    play()
    assert await happens(lambda: count() > 0)
    polygon.fault = Fault.MUTE
    assert not await happens(alarms.sounding, 15)
    assert polygon.socket.connections == {"/crypto": 1}


def test_what_was_learned_is_there_for_the_next_owner(polygon: PolygonStandin) -> None:
    from marketdata.listening import Listener

    now = datetime.now(UTC)
    one = Listener("polygon")
    one.open(["BTC-USD"])
    one._hearing.habits["BTC-USD", Session.ALWAYS] = Habit(5, 10, 2)
    one.save()
    other = Listener("polygon")
    other.open(["BTC-USD"])
    assert other._hearing.habits == {("BTC-USD", Session.ALWAYS): Habit(5, 10, 2)}
    assert (
        other.hear([Quote(symbol="BTC-USD", vendor="polygon", as_of=now, received_at=now + timedelta(seconds=2))]) == 2
    )


def test_the_polls_complete_what_the_push_lacks(polygon: PolygonStandin) -> None:
    at = datetime.now(UTC)
    fields: dict[str, Any] = {"symbol": "BTC-USD", "vendor": "polygon", "received_at": at, "session": Session.ALWAYS}
    answer = Quote(**fields, as_of=at, price=10, high=12, low=9, previous_close=8, volume=50)
    said.note([answer], said.Channel.ANSWER)
    (found,) = whole([Quote(**fields, as_of=at + timedelta(seconds=3), price=11, volume=60)])
    assert (found.price, found.high, found.low, found.previous_close, found.volume) == (11, 12, 9, 8, 60)
    (above,) = whole([Quote(**fields, as_of=at + timedelta(seconds=3), price=13)])
    assert (above.high, above.low) == (None, 9)
    (later,) = whole([Quote(**fields, as_of=at + timedelta(minutes=3), price=11)])
    assert (later.high, later.previous_close) == (None, None)
    (other,) = whole([Quote(**{**fields, "vendor": "alpaca"}, as_of=at, price=11)])
    assert other.high is None


def test_two_processes_have_one_connection_and_hand_it_over_within_ten_seconds(
    polygon: PolygonStandin, start: Start, tmp_path: Path
) -> None:
    store.set_source("yahoo", False)
    given = {
        "POLYGON_API_KEY": KEY, "POLYGON_BASE_URL": polygon.base_url, "POLYGON_STREAM_HOST": polygon.stream_host,
        "MARKETDATA_SYMBOLS": "",
    }  # fmt: skip
    first = start("", 1, "live", **given)
    assert until(lambda: count() > 0, STARTED)
    second = start("", 1, "live", **given)
    assert until(lambda: "stands by" in log_of(tmp_path, 1), STARTED)
    assert polygon.socket.connections == {"/crypto": 1}
    first.kill()
    first.wait()
    before = count()
    assert handed_over_within(10)
    assert until(lambda: count() > before + 5)
    assert polygon.socket.connections == {"/crypto": 2}
    assert failure() == ""
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
    assert polygon.socket.await_topics(set())
    assert cache.client().get(LEASE) is None
