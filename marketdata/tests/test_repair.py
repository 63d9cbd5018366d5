"""The repair of holes: what an outage left out is found and fetched, and no vendor is asked in vain all day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis

from marketdata import ingest, repair, store, tasks
from marketdata.domain import Interval
from marketdata.live import topics
from marketdata.lock import lock
from marketdata.sources.base import NoData, Unavailable
from marketdata.tests.doors import Vendor, minutes_ago, vendor
from marketdata.tests.values import bars

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def market(settings: Any) -> Iterator[Vendor]:
    """A simulated market of one vendor that began to trade two days ago; one symbol is watched."""
    with vendor(settings) as found:
        store.set_watchlist(["AAPL"])
        yield found


def midnight(days: int) -> datetime:
    return minutes_ago(days * 24 * 60).replace(hour=0, minute=0, second=0, microsecond=0)


def minutes(days: int) -> store.Coverage:
    """The ledger of one whole day, so many days ago."""
    return store.coverage("AAPL", Interval.MINUTE, midnight(days), midnight(days - 1), "simulated")


def known_but_for(hole: tuple[datetime, datetime]) -> None:
    """A week in which everything was polled but for one hole."""
    spans = ((midnight(8), hole[0]), (hole[1], minutes_ago(0)))
    for start, end in spans:
        count = int((end - start).total_seconds()) // 60
        ingest.bars(bars(start, [50.0] * count), start=start, end=start + timedelta(minutes=count))
    ingest.bars(bars(midnight(370), [50.0] * 371, Interval.DAY, last_is_partial=True))


def test_a_hole_is_found_and_filled(market: Vendor) -> None:
    hole = midnight(2) + timedelta(hours=3), midnight(2) + timedelta(hours=5)
    known_but_for(hole)
    assert minutes(2).count("complete") == 22 * 60
    assert repair.repair(["AAPL"]) == repair.Repaired(asked=1, written=120)
    assert minutes(2).count("complete") == 24 * 60
    assert repair.repair(["AAPL"]) == repair.Repaired()


def test_what_nobody_ever_looked_for_is_a_hole_too(market: Vendor) -> None:
    """A service that was down did not look."""
    tasks.repair_gaps()
    assert minutes(1).count("complete") == minutes(6).count("complete") == 24 * 60
    year = store.coverage("AAPL", Interval.DAY, midnight(365), midnight(0), "simulated")
    assert year.count("complete") == 365


def test_a_hole_that_nobody_can_fill_is_left_for_hours(market: Vendor, redis_connection: redis.Redis) -> None:
    hole = midnight(2) + timedelta(hours=3), midnight(2) + timedelta(hours=5)
    known_but_for(hole)
    market.error = NoData("AAPL did not trade")
    assert [repair.repair(["AAPL"]).asked for _ in range(3)] == [1, 0, 0]
    assert minutes(2).missing == (hole,)
    (mark,) = redis_connection.keys(f"{topics.ASKED}repair:*")
    assert repair.AGAIN[Interval.MINUTE] - 60 < redis_connection.ttl(mark) <= repair.AGAIN[Interval.MINUTE]


def test_a_vendor_that_is_away_is_asked_once_a_turn(market: Vendor) -> None:
    store.set_watchlist(["AAPL", "MSFT", "IBM"])
    market.error = Unavailable("the line is dead")
    assert [repair.repair(store.watchlist()) for _ in range(2)] == [repair.Repaired(1, 0, busy=True)] * 2
    market.error = None
    assert repair.repair(store.watchlist()).asked == 6


def test_a_turn_is_short_and_the_next_one_goes_on(market: Vendor) -> None:
    symbols = ["AAPL", "MSFT"]
    assert repair.repair(symbols, spend=0.0).asked == 0
    assert repair.repair(symbols).asked == 4


def test_one_repairer_at_a_time_and_none_in_a_recording(market: Vendor, settings: Any) -> None:
    with lock("repair_gaps", 60) as mine:
        assert mine
        tasks.repair_gaps()
    settings.MARKET = "recorded"
    tasks.repair_gaps()
    assert not market.asked
