"""Two vendors that push at once, each with its own connection, its own trouble, and its own score."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from marketdata import alarms, counters, said, scores, store, stream, wiring
from marketdata.standins.alpaca import KEY, SECRET, AlpacaStandin, Fault
from marketdata.standins.polygon import KEY as POLYGON_KEY
from marketdata.standins.polygon import PolygonStandin
from marketdata.tests.test_stream_inside import aside, happens

pytestmark = pytest.mark.django_db(transaction=True)
BITCOIN = "BTC-USD"
Play = Callable[[], None]


@pytest.fixture
def alpaca() -> Iterator[AlpacaStandin]:
    with AlpacaStandin() as server:
        yield server


@pytest.fixture
def polygon() -> Iterator[PolygonStandin]:
    with PolygonStandin() as server:
        yield server


@pytest_asyncio.fixture
async def play(settings: Any, polygon: PolygonStandin, alpaca: AlpacaStandin) -> AsyncIterator[Play]:
    options = {
        "polygon.Polygon": {
            "key": POLYGON_KEY, "base_url": polygon.base_url, "stream_host": polygon.stream_host,
        },
        "alpaca.Alpaca": {
            "key": KEY, "secret": SECRET, "data_url": alpaca.url, "trading_url": alpaca.url,
            "stream_url": alpaca.stream_url,
        },
    }  # fmt: skip
    settings.MARKETDATA_SOURCES = {
        name.partition(".")[0]: {"BACKEND": f"marketdata.sources.{name}", "MARKET": "live", "OPTIONS": given}
        for name, given in options.items()
    }
    settings.MARKET = "live"
    wiring._built.cache_clear()
    await aside(store.set_watchlist, [BITCOIN])
    stop, tasks = asyncio.Event(), list[asyncio.Task[None]]()

    def begin() -> None:
        tasks.append(asyncio.create_task(stream.run(stop)))

    yield begin
    stop.set()
    await asyncio.wait_for(asyncio.gather(*tasks), 30)
    wiring._built.cache_clear()


def heard() -> set[str]:
    return {one.vendor for one in said.last(["polygon", "alpaca"], [BITCOIN])[BITCOIN]}


def pushes(name: str) -> int:
    score = scores.of(datetime.now(UTC).date()).get(name)
    return score.pushes if score else 0


async def test_both_push_and_one_that_ends_does_not_hold_up_the_other(
    play: Play, polygon: PolygonStandin, alpaca: AlpacaStandin
) -> None:
    play()
    assert await happens(lambda: heard() == {"polygon", "alpaca"})
    assert (polygon.socket.connections.total(), alpaca.socket.connections.total()) == (1, 1)
    alpaca.fault = Fault.RESET
    assert await happens(lambda: "last_failure" in counters.sources().get("alpaca", {}))
    before = pushes("polygon")
    assert await happens(lambda: pushes("polygon") > before + 5)
    alpaca.fault = None
    before = pushes("alpaca")
    assert await happens(lambda: pushes("alpaca") > before)
    assert polygon.socket.connections.total() == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAUTHORIZED, "AuthFailed"), (Fault.NOT_ENTITLED, "NotEntitled"), (Fault.SLOT_TAKEN, "RateLimited"),
    ],
)  # fmt: skip
async def test_a_refusal_is_one_attempt_and_no_storm(
    play: Play, polygon: PolygonStandin, alpaca: AlpacaStandin, fault: Fault, error: str
) -> None:
    alpaca.fault = fault
    play()
    assert await happens(lambda: counters.sources().get("alpaca", {}).get("last_failure", {}).get("error") == error)
    assert not await happens(lambda: alpaca.socket.attempts > 1, 4)
    assert not any(SECRET in told["message"] for told in alarms.sounding().values())
    assert heard() == {"polygon"}
