"""How splits and dividends are learned of: seldom, at once on suspicion, and never in a storm."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from marketdata import backfill, backfill_order, corporate, ingest, store, tasks
from marketdata.actions import Action, split
from marketdata.cache import client as redis_client
from marketdata.domain import Interval
from marketdata.live import topics
from marketdata.periods import FIRST
from marketdata.sources.base import SourceError, Unavailable, UnknownSymbol
from marketdata.tests.doors import HISTORY, Vendor, market_of, minutes_ago, show
from marketdata.tests.values import bars

pytestmark = pytest.mark.django_db(transaction=True)


class Informed(Vendor):
    """A vendor that knows of splits."""

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.known: dict[str, Action] = {}
        self.told: list[tuple[str, date]] = []
        self.wrong: dict[str, SourceError] = {}

    def actions(self, symbol: str, since: date) -> tuple[Action, ...]:
        self.told.append((symbol, since))
        if symbol in self.wrong:
            raise self.wrong[symbol]
        return tuple(one for one in self.known.values() if (one.symbol, one.ex_date >= since) == (symbol, True))


@contextmanager
def informed(settings: Any) -> Iterator[Informed]:
    entry = {"BACKEND": "marketdata.tests.test_corporate.Informed", "OPTIONS": {}}
    with market_of(settings, "simulated", "simulated", **entry) as source:
        assert isinstance(source, Informed)
        yield source


@pytest.fixture
def market(settings: Any) -> Iterator[Informed]:
    with informed(settings) as found:
        store.set_watchlist(["AAPL", "MSFT"])
        yield found


def today() -> date:
    return datetime.now(UTC).date()


def test_all_that_ever_was_is_learned_once_and_the_latest_daily(market: Informed) -> None:
    market.known["old"] = split("AAPL", date(2000, 6, 21), 2, "simulated")
    tasks.learn_actions()
    tasks.learn_actions()
    assert market.told == [("AAPL", FIRST), ("MSFT", FIRST)]
    assert store.actions("AAPL", "simulated") == [market.known["old"]]
    for key in redis_client().scan_iter(f"{topics.ASKED}actions:latest:*"):
        assert 0 < redis_client().ttl(key) <= corporate.DAILY
        redis_client().delete(key)
    tasks.learn_actions()
    assert {since for _, since in market.told[2:]} == {today() - corporate.LATEST}


def test_one_that_nobody_knows_holds_up_nobody(market: Informed) -> None:
    market.wrong["AAPL"] = UnknownSymbol("no such share")
    corporate.learn(["AAPL", "MSFT"])
    corporate.learn(["AAPL", "MSFT"])
    assert [symbol for symbol, _ in market.told] == ["AAPL", "MSFT"]


def test_a_vendor_that_is_away_is_asked_once_a_turn(market: Informed) -> None:
    market.wrong["AAPL"] = Unavailable("the line is dead")
    assert corporate.learn(["AAPL", "MSFT"]) == 0
    assert [symbol for symbol, _ in market.told] == ["AAPL"]
    market.wrong.clear()
    corporate.learn(["AAPL", "MSFT"])
    assert [symbol for symbol, _ in market.told] == ["AAPL", "AAPL", "MSFT"]


def test_what_looks_like_a_split_is_asked_about_at_once(market: Informed) -> None:
    now = datetime.now(UTC)
    show("AAPL", price=400.0, as_of=now - timedelta(days=1), bid=None, ask=None, previous_close=None)
    market.known["new"] = split("AAPL", today(), 4, "simulated")
    values = {"bid": None, "ask": None, "previous_close": None, "high": None, "low": None, "price": 100.0}
    suspicious = ingest.quotes([ordinary(now, **values)]).held
    assert [sorted(one.flags & {"jump", "split?"}) for one in suspicious] == [["jump", "split?"]]
    corporate.suspect(suspicious)
    corporate.suspect(suspicious)
    assert len(market.told) == 1
    assert market.asked["bars", "AAPL"] == 1
    assert len(store.bars("AAPL", Interval.DAY, now - timedelta(days=80), now, "simulated")) == 80
    done = ingest.quotes([ordinary(now + timedelta(seconds=1), **values)])
    assert (done.held, [one.price for one in done.stored]) == ([], [100.0])


def ordinary(at: datetime, **fields: Any) -> Any:
    from marketdata.tests.values import quote

    return quote("AAPL", as_of=at, received_at=at, vendor="simulated", **fields)


def test_a_backfill_knows_the_splits_of_its_symbols(market: Informed) -> None:
    order = backfill_order.read("NVDA", "2026-01-01", "2026-01-31", "1d", "")
    list(backfill.run(order, backfill.plan(order)))
    assert market.told == [("NVDA", FIRST)]


def test_history_is_read_as_it_is_asked_for(market: Informed, client: Client) -> None:
    day = minutes_ago(24 * 60 * 3).replace(hour=0, minute=0, second=0, microsecond=0)
    market.since = datetime(2999, 1, 1, tzinfo=UTC)
    ingest.bars(bars(day, [400.0, 100.0], Interval.DAY))
    store.save_actions([split("AAPL", day.date() + timedelta(days=1), 4, "simulated")], "simulated")

    def closes(adjust: str) -> tuple[list[float], str, bool]:
        found = client.get(HISTORY.format("AAPL"), {"period": "1M", "interval": "1d", "adjust": adjust}).json()
        return [bar["close"] for bar in found["bars"]], found["adjust"], found["adjusted"]

    assert closes("") == closes("Splits") == ([100.0, 100.0], "splits", True)
    assert closes("none") == ([400.0, 100.0], "none", False)
    assert closes("all") == ([100.0, 100.0], "all", True)
    refused = client.get(HISTORY.format("AAPL"), {"adjust": "sideways"})
    assert (refused.status_code, refused.json()["allowed"]) == (400, ["none", "splits", "all"])
