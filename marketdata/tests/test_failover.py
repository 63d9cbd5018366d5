"""Five causes x every source: an error, no answer in time, nothing, old and unsound values go to the next source."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from marketdata.calls import of_batch
from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.feed import Feed
from marketdata.fitness import Fitness
from marketdata.sources.alpaca import Alpaca
from marketdata.sources.base import (
    BadPayload,
    BudgetSpent,
    Capability,
    NoData,
    NotEntitled,
    RateLimited,
    Source,
    SourceError,
    Unavailable,
    UnknownSymbol,
    VendorTimeout,
)
from marketdata.sources.polygon import Polygon
from marketdata.sources.yahoo import Yahoo
from marketdata.standins import alpaca, polygon, yahoo
from marketdata.tests.patience import HUNG, PATIENT
from marketdata.tests.sources import Told, quote
from marketdata.tests.test_conformance import NAMES, OPENERS
from marketdata.tests.values import NOON

DEADLINE = 1.0
CAUSES = ("error", "timeout", "empty", "stale", "invalid")
EXPECTED: dict[str, type[SourceError]] = {
    "error": Unavailable, "timeout": VendorTimeout, "empty": BadPayload, "stale": NoData, "invalid": BadPayload,
}  # fmt: skip
NINE = ("AAPL", "GOOGL", "TSLA", "SPY", "QQQ", "NVDA", "META", "AMZN", "MSFT")


class Spoiled:
    """A source of ours that has one of five things wrong with it."""

    def __init__(self, source: Source, cause: str, stop: threading.Event) -> None:
        self.name, self.simulated, self.capabilities = source.name, source.simulated, source.capabilities
        self._source, self._cause, self._stop = source, cause, stop
        self.knows, self.close = source.knows, source.close

    def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote | SourceError]:
        self._fail()
        if self._cause == "empty":
            return {}
        made = {one: quote(one, self.name, NOON) for one in symbols}
        return {symbol: self._spoil(one) for symbol, one in made.items()}

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        self._fail()
        none = Bars.of(symbol, interval, self.name, [])
        if self._cause == "empty":
            return none
        wrong = np.full(3, -1.0)
        return replace(none, start=np.arange(3), open=wrong, high=wrong, low=wrong, close=wrong, volume=wrong)

    def _fail(self) -> None:
        if self._cause == "error":
            raise Unavailable("out")
        if self._cause == "timeout":
            self._stop.wait(30)

    def _spoil(self, one: Quote) -> Quote:
        if self._cause == "stale":
            return replace(one, as_of=NOON - timedelta(hours=1), session=Session.REGULAR)
        return replace(one, price=float("nan"), bid=None, ask=-1.0)


class Sound(Told):
    """The next source."""

    def __init__(self) -> None:
        super().__init__("next", lambda symbols: {one: quote(one, "next", NOON) for one in symbols})

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        one = np.ones(2)
        none = super().bars(symbol, interval, start, end)
        return replace(none, start=np.arange(2), open=one, high=one, low=one, close=one, volume=one)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def feed_of(source: Any, deadline: float = DEADLINE) -> Feed:
    return Feed([source, Sound()], deadline, fitness=Fitness(lambda: NOON))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cause", CAUSES)
def test_every_source_is_followed_by_the_next(name: str, cause: str, tmp_path: Path, stop: threading.Event) -> None:
    with ExitStack() as stack:
        source = OPENERS[name](stack, tmp_path)
        stack.callback(source.close)
        feed = feed_of(Spoiled(source, cause, stop), DEADLINE if cause == "timeout" else PATIENT)
        began = time.monotonic()
        answer = feed.quotes(NINE)
        assert time.monotonic() - began < HUNG
        assert {one.vendor for one in answer.value.values()} == {"next"}
        assert set(answer.value) == set(NINE)
        assert {type(failure.error) for failure in answer.failures} == {EXPECTED[cause]}
        assert {failure.source for failure in answer.failures} == {name}
        if Capability.BARS in source.capabilities and cause not in ("stale", "timeout"):
            bars = feed.bars("AAPL", Interval.MINUTE, NOON - timedelta(hours=1), NOON)
            assert bars.value is not None
            assert bars.value.vendor == "next"


Opened = tuple[Source, Callable[[], None]]


def open_yahoo(stack: ExitStack, cause: str, timeout: float) -> Opened:
    standin = stack.enter_context(yahoo.YahooStandin(clock=clock_of(cause)))
    stack.callback(standin.release)
    source = Yahoo(standin.proxy, standin.ca_file, timeout=timeout, clock=lambda: NOON)
    fault = {"error": "server_error", "timeout": "slow", "empty": "empty_result", "invalid": "truncated"}.get(cause)
    return source, lambda: setattr(standin, "fault", yahoo.Fault(fault) if fault else None)


def open_polygon(stack: ExitStack, cause: str, timeout: float) -> Opened:
    standin = stack.enter_context(polygon.PolygonStandin(clock=clock_of(cause)))
    stack.callback(standin.release)
    source = Polygon(polygon.KEY, standin.base_url, timeout=timeout, clock=lambda: NOON)
    fault = {"error": "server_error", "timeout": "slow", "empty": "empty_object", "invalid": "garbage"}.get(cause)
    return source, lambda: setattr(standin, "fault", polygon.Fault(fault) if fault else None)


def open_alpaca(stack: ExitStack, cause: str, timeout: float) -> Opened:
    standin = stack.enter_context(alpaca.AlpacaStandin(clock=clock_of(cause)))
    stack.callback(standin.release)
    source = Alpaca(
        alpaca.KEY, alpaca.SECRET, data_url=standin.url, trading_url=standin.url, timeout=timeout, clock=lambda: NOON
    )
    fault = {"error": "server_error", "timeout": "slow", "empty": "empty_object", "invalid": "garbage"}.get(cause)
    return source, lambda: setattr(standin, "fault", alpaca.Fault(fault) if fault else None)


def clock_of(cause: str) -> Callable[[], float]:
    """The vendor's clock: an hour behind where its quotes are to be old."""
    at = NOON - timedelta(hours=1) if cause == "stale" else NOON
    return lambda: at.timestamp()


@pytest.mark.parametrize("opened", [open_yahoo, open_polygon, open_alpaca])
@pytest.mark.parametrize("cause", CAUSES)
def test_at_the_vendors_themselves_too(opened: Callable[..., Opened], cause: str) -> None:
    timeout = DEADLINE if cause == "timeout" else PATIENT
    with ExitStack() as stack:
        source, spoil = opened(stack, cause, timeout)
        stack.callback(source.close)
        spoil()
        answer = feed_of(source, timeout).quotes(["AAPL", "MSFT"])
        assert {symbol: one.vendor for symbol, one in answer.value.items()} == {"AAPL": "next", "MSFT": "next"}
        assert all(isinstance(failure.error, EXPECTED[cause]) for failure in answer.failures)


def test_the_newest_of_old_quotes_is_kept_and_asked_of_one_source_for_a_while() -> None:
    clock, running = [0.0], {"session": Session.REGULAR}
    old = replace(quote("AAPL", "one", NOON - timedelta(minutes=9)), **running)
    older = replace(quote("AAPL", "two", NOON - timedelta(minutes=10)), **running)
    one, two = Told("one", {"AAPL": old}), Told("two", {"AAPL": older})
    feed = Feed([one, two], 2, clock=lambda: clock[0], fitness=Fitness(lambda: NOON))
    for clock[0] in (0.0, 59.0, 61.0):
        assert feed.quotes(["AAPL"]).value["AAPL"] == old
    assert (one.calls, two.calls) == (3, 2)


def test_a_delayed_feed_is_not_old_by_its_delay_and_a_fresh_bid_is_not_old() -> None:
    fitness = Fitness(lambda: NOON)
    at = NOON - timedelta(seconds=905)
    delayed = replace(quote("AAPL", "one", at), session=Session.REGULAR, delayed_by=900)
    assert fitness.quote(delayed) is None
    assert isinstance(fitness.quote(replace(delayed, delayed_by=0)), NoData)
    assert fitness.quote(replace(delayed, delayed_by=0, quote_as_of=NOON)) is None
    assert fitness.quote(replace(delayed, delayed_by=0, session=Session.CLOSED)) is None


def test_what_the_source_rests_from_is_neither_asked_nor_a_failure() -> None:
    one, two = Told("one"), Told("two")
    feed = Feed([one, two], 2)
    answer = feed.quotes(["AAPL", "MSFT"], lambda name: {"AAPL"} if name == "one" else ())
    assert (set(answer.value), answer.failures, two.calls) == ({"MSFT"}, (), 0)
    bars = feed.bars("AAPL", Interval.DAY, NOON, NOON, lambda name: {"AAPL"})
    assert (bars.value, bars.failures, one.calls) == (None, (), 1)


def test_the_order_is_by_capability_and_who_is_not_named_comes_last() -> None:
    sources = [Told(name, Unavailable("out")) for name in ("one", "two", "three")]
    feed = Feed(sources, 2, order={Capability.QUOTES: ("three", "two")})
    assert [failure.source for failure in feed.quotes(["AAPL"]).failures] == ["three", "two", "one"]
    bars = feed.bars("AAPL", Interval.DAY, NOON, NOON)
    assert [failure.source for failure in bars.failures] == ["one", "two", "three"]


def test_no_call_outlives_its_deadline_whatever_is_asked(stop: threading.Event) -> None:
    class Hanging(Told):
        capabilities = frozenset(Capability) - {Capability.STREAM}

        def bars(self, *asked: object) -> Bars:
            stop.wait(30)
            return Bars.of("AAPL", Interval.DAY, self.name, [])

        option_expiries = option_chain = news = book = bars  # type: ignore[assignment]

    feed = Feed([Hanging("one", stop)], 0.3, 0.3)
    today = datetime.now(UTC).date()
    for ask in (
        lambda: feed.quotes(["AAPL"]), lambda: feed.bars("AAPL", Interval.DAY, NOON, NOON),
        lambda: feed.option_expiries("AAPL"), lambda: feed.option_chain("AAPL", today, today),
        lambda: feed.news(["AAPL"], 9), lambda: feed.book("AAPL", 5),
    ):  # fmt: skip
        began = time.monotonic()
        (failure,) = ask().failures
        assert time.monotonic() - began < HUNG
        assert isinstance(failure.error, VendorTimeout)


def test_a_batch_that_the_budget_cut_short_condemns_nobody() -> None:
    told = {"AAPL": quote("AAPL", "one"), "MSFT": BudgetSpent("ours")}
    answer = Feed([Told("one", told), Told("two")], 2).quotes(["AAPL", "MSFT"])
    assert {symbol: one.vendor for symbol, one in answer.value.items()} == {"AAPL": "one", "MSFT": "two"}
    assert [(failure.symbol, failure.asked) for failure in answer.failures] == [("MSFT", False)]


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ([Unavailable("out"), quote("MSFT", "one")], Unavailable),
        ([RateLimited("slow"), quote("MSFT", "one")], RateLimited),
        ([BadPayload("?"), quote("MSFT", "one")], type(None)),
        ([BadPayload("?"), UnknownSymbol("?")], type(None)),
        ([BadPayload("?"), BadPayload("?")], BadPayload),
        ([NotEntitled("no"), BadPayload("?")], BadPayload),
        ([NotEntitled("no"), NotEntitled("no")], NotEntitled),
        ([BudgetSpent("ours"), BudgetSpent("ours")], type(None)),
        ([None, None], BadPayload),
    ],
)
def test_one_bad_symbol_never_condemns_a_batch(told: list[Any], verdict: type) -> None:
    answer = {symbol: one for symbol, one in zip(("AAPL", "MSFT"), told, strict=True) if one is not None}
    assert type(of_batch(["AAPL", "MSFT"], answer)) is verdict
