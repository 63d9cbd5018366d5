"""Budgets in Redis: many processes, one count."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from marketdata import quotas, store, wiring
from marketdata.budget import Budget
from marketdata.domain import Interval
from marketdata.feed import Feed
from marketdata.gatekeeper import Gatekeeper
from marketdata.sources import spending
from marketdata.sources.base import BudgetSpent, Capability
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.standins.ib import IbStandin
from marketdata.standins.plain import Asked
from marketdata.standins.polygon import KEY, PolygonStandin
from marketdata.standins.proxy import Response
from marketdata.tests.another import Another
from marketdata.tests.patience import PATIENT
from marketdata.tests.sources import Told

LIMIT, WINDOW, WORKERS = 20, 2, 4
WORK = """
import time
from datetime import UTC, datetime, timedelta
from marketdata import wiring
from marketdata.domain import Interval
from marketdata.sources.base import BudgetSpent
feed, now = wiring.feed(), datetime.now(UTC)
end, refused, got = time.monotonic() + 5, 0, 0
while time.monotonic() < end or refused <= 30 or not got:
    quotes = feed.quotes(["AAPL", "BTC-USD"])
    bars = feed.bars("MSFT", Interval.DAY, now - timedelta(days=9), now)
    failures = quotes.failures + bars.failures
    assert all(isinstance(one.error, BudgetSpent) and not one.asked for one in failures), failures
    refused, got = refused + len(failures), got + len(quotes.value)
"""


class Counting(PolygonStandin):
    """Remembers when each request came."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def answer(self, asked: Asked) -> Response:
        self.times.append(time.monotonic())
        return super().answer(asked)


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    with Counting() as server:
        monkeypatch.setenv("POLYGON_API_KEY", KEY)
        monkeypatch.setenv("POLYGON_BASE_URL", server.base_url)
        monkeypatch.setenv("POLYGON_LIMITS", f"{LIMIT}/{WINDOW} second")
        yield server


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_exceed_a_vendors_budget(standin: Counting) -> None:
    for name in ("yahoo", "alpaca", "ib"):
        store.set_source(name, False)
    workers = [Another(WORK) for _ in range(WORKERS)]
    for worker in workers:
        worker.begin()
    assert [worker.run() for worker in workers] == [0] * WORKERS
    times = sorted(standin.times)
    most = max(sum(1 for at in times if start <= at < start + WINDOW) for start in times)
    assert most <= LIMIT
    assert len(times) > LIMIT, "nothing was sent after the first window"


def budget(limits: str, owner: str = "vendor:key") -> Budget:
    return Budget(owner, limits)


def spent(one: Budget, what: Capability, whole: bool = False) -> int:
    """How many requests it still allows for."""
    for count in range(1000):
        try:
            one.spend(what, 1, whole)
        except BudgetSpent:
            return count
    return 1000


def test_quotes_come_before_chains_and_chains_before_backfill() -> None:
    one = budget("30/minute")
    assert [spent(one, what) for what in (Capability.BARS, Capability.OPTIONS, Capability.QUOTES)] == [10, 5, 15]


def test_a_vendor_that_gives_no_quotes_may_spend_all_on_bars() -> None:
    assert spent(budget("5/minute"), Capability.BARS, whole=True) == 5


def test_of_several_limits_each_holds() -> None:
    one = budget("3/minute; 100/hour")
    assert spent(one, Capability.QUOTES) == 3
    assert [(used.limit, used.left) for used in one.used()] == [("3 per 1 minute", 0), ("100 per 1 hour", 97)]


def test_no_limit_is_no_limit() -> None:
    assert spent(budget(""), Capability.QUOTES) == 1000


def test_it_says_when_to_come_again_and_another_key_has_its_own() -> None:
    one = budget("2/minute")
    spent(one, Capability.QUOTES)
    with pytest.raises(BudgetSpent, match="2 requests in 61 s") as caught:
        one.spend(Capability.QUOTES, 1)
    assert 55 < caught.value.retry_after <= 61
    assert "key" not in str(caught.value)
    assert spent(budget("2/minute", "vendor:other"), Capability.QUOTES) == 2


def test_a_weight_that_does_not_fit_takes_nothing() -> None:
    one = budget("10/minute")
    with pytest.raises(BudgetSpent):
        one.spend(Capability.QUOTES, 11)
    assert spent(one, Capability.QUOTES) == 10


def test_where_bars_alone_are_limited_nothing_else_counts_and_nothing_is_kept_from_them() -> None:
    one = Budget("vendor:key", "6/minute", ("bars",))
    for what in (Capability.QUOTES, Capability.OPTIONS, Capability.BOOK):
        one.spend(what, 100)
    assert spent(one, Capability.BARS) == 6
    one.spend(Capability.QUOTES, 1)


def test_the_planner_counts_what_alone_is_limited(settings: LazySettings) -> None:
    settings.MARKETDATA_SOURCES = {"ib": {**settings.MARKETDATA_SOURCES["ib"], "OPTIONS": {"host": "tws"}}}
    settings.MARKETDATA_BARS_EVERY = 60
    (plan,) = quotas.plans([f"S{i}" for i in range(9)])
    assert [(line.need, line.limit.amount) for line in plan.lines] == [(90, 60), (9, 30)]
    assert plan.advice.endswith("(6 symbols fit), or poll 1.5 times more slowly")


def test_processes_beside_each_other_ask_interactive_brokers_for_no_more_bars_than_the_account_may() -> None:
    end = datetime.now(UTC)
    with IbStandin() as standin:
        sources = [InteractiveBrokers(standin.host, standin.port, timeout=PATIENT) for _ in range(2)]
        gates = [Gatekeeper({"ib": "ib:host"}, {"ib": Budget("ib:host", "4/hour", ("bars",))}) for _ in sources]
        feeds = [Feed([one], PATIENT, gate=gate) for one, gate in zip(sources, gates, strict=True)]
        answers = [
            feed.bars(symbol, Interval.MINUTE, end - timedelta(days=10), end)
            for symbol in ("AAPL", "MSFT") for feed in feeds
        ]  # fmt: skip
        assert [type(failure.error) for one in answers for failure in one.failures] == [BudgetSpent] * 2
        assert standin.requests["history"] == 4
        assert "AAPL" in feeds[0].quotes(["AAPL"]).value
        for feed in feeds:
            feed.close()


def test_every_request_of_a_call_is_paid_and_a_call_costs_at_least_one() -> None:
    paid: list[int] = []
    for requests in (0, 1, 3):
        spending.paid(lambda n=requests: [spending.request() for _ in range(n)], paid.append)
    assert paid == [1, 1]
    spending.paid(lambda: spending.request(5), paid.append)
    assert paid[2:] == [4]
    spending.request()
    assert len(paid) == 3


def test_a_spent_budget_is_no_failure_of_the_vendor() -> None:
    one, two = Told("one"), Told("two")
    gate = Gatekeeper({"one": "one:key", "two": "two:key"}, {"one": budget("5/minute", "one:key")})
    feed = Feed([one, two], 2, gate=gate)
    answers = [feed.quotes(["AAPL"]) for _ in range(8)]
    assert [answer.value["AAPL"].vendor for answer in answers] == ["one"] * 5 + ["two"] * 3
    assert all(isinstance(failure.error, BudgetSpent) for answer in answers for failure in answer.failures)
    assert one.calls == 5
    assert gate.on_probation() == []


@pytest.mark.parametrize("limits", ["many", "0/minute", "-5/minute", "5/fortnight"])
def test_a_limit_that_nobody_can_keep_names_its_setting_before_anything_starts(
    settings: LazySettings, limits: str
) -> None:
    settings.MARKET = "live"
    settings.MARKETDATA_SOURCES = {"polygon": {**settings.MARKETDATA_SOURCES["polygon"], "LIMITS": limits}}
    with pytest.raises(ImproperlyConfigured, match=f"POLYGON_LIMITS is '{limits}'. Write it like 200/minute"):
        wiring.decide_market()


def test_windows_do_not_overlap() -> None:
    one, taken = budget("4/second"), []
    end = time.monotonic() + 4.5
    while time.monotonic() < end:
        try:
            one.spend(Capability.QUOTES, 1)
            taken.append(time.monotonic())
        except BudgetSpent:
            continue
    assert len(taken) >= 8
    assert all(later - earlier > 1 for earlier, later in pairwise(taken[::4]))
