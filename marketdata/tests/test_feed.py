import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from marketdata.domain import Bars, Interval, Quote
from marketdata.feed import Feed, unknown_everywhere
from marketdata.fitness import Fitness
from marketdata.headlines import Book, Level
from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    Capability,
    NoData,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)
from marketdata.symbols import Kind

NOW = datetime(2025, 6, 2, 15, 0, tzinfo=UTC)


class Fake:
    """A source that does as it is told."""

    capabilities = frozenset({Capability.QUOTES, Capability.BARS})
    simulated = False

    def __init__(self, name: str, answer: object) -> None:
        self.name, self.answer, self.calls = name, answer, 0

    def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote | SourceError]:
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, threading.Event):
            self.answer.wait(30)
        if isinstance(self.answer, dict):
            return self.answer
        return {symbol: quote(symbol, self.name) for symbol in symbols}

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        if isinstance(self.answer, Exception):
            raise self.answer
        return Bars.of(symbol, interval, self.name, [])

    def knows(self, symbol: str) -> bool | None:
        return None

    def close(self) -> None:
        pass


def quote(symbol: str, vendor: str) -> Quote:
    return Quote(symbol=symbol, vendor=vendor, as_of=NOW, received_at=NOW, price=1.0)


@pytest.fixture
def release() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


FAILURES = [Unavailable("out"), RateLimited(), AuthFailed("key"), BadPayload("?"), ValueError("!")]


@pytest.mark.parametrize("error", FAILURES)
def test_a_failing_source_is_replaced_by_the_next(error: Exception) -> None:
    answer = Feed([Fake("one", error), Fake("two", None)], 1).quotes(["AAPL", "MSFT"])
    assert {q.vendor for q in answer.value.values()} == {"two"}
    (failure,) = answer.failures
    assert (failure.source, failure.symbol) == ("one", None)
    assert isinstance(failure.error, SourceError)


def odd(**changes: object) -> Quote:
    return replace(quote("AAPL", "one"), **changes)  # type: ignore[arg-type]


GIBBERISH = [
    None, [], 7, "AAPL", {}, {"AAPL": None}, {"AAPL": 7}, {"AAPL": odd(symbol="MSFT")}, {"AAPL": odd(as_of=None)},
    {"AAPL": odd(price="1.0")}, {"AAPL": odd(price=[])}, {"AAPL": odd(as_of=NOW.replace(tzinfo=None))},
    {"AAPL": odd(as_of="2025-06-02T15:00:00Z")},
]  # fmt: skip


class Odd(Fake):
    """A source that answers with what is no answer."""

    def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote | SourceError]:
        return self.answer  # type: ignore[return-value]

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        return self.answer  # type: ignore[return-value]


@pytest.mark.parametrize("answer", GIBBERISH)
def test_a_source_that_answers_with_anything_else_is_replaced_by_the_next(answer: object) -> None:
    sources = [Odd("one", answer), Fake("two", None)]
    found = Feed(sources, 10, fitness=Fitness(lambda: NOW)).quotes(["AAPL"])
    assert found.value["AAPL"].vendor == "two"
    assert {type(failure.error) for failure in found.failures} == {BadPayload}


@pytest.mark.parametrize("answer", [None, 7, "bars", [1, 2]])
def test_bars_that_are_none_are_not_handed_on(answer: object) -> None:
    feed = Feed([Odd("one", answer), Fake("two", None)], 10, fitness=Fitness(lambda: NOW))
    found = feed.bars("AAPL", Interval.DAY, NOW - timedelta(days=5), NOW)
    assert getattr(found.value, "vendor", None) == "two"
    assert {type(failure.error) for failure in found.failures} == {BadPayload}


class Keeper(Fake):
    """A source of books."""

    capabilities = frozenset({Capability.BOOK})

    def book(self, symbol: str, depth: int) -> Book:
        bid, ask = (Level(price, 1.0) for price in self.answer)  # type: ignore[attr-defined]
        return Book(symbol=symbol, vendor=self.name, as_of=NOW, received_at=NOW, bids=(bid,), asks=(ask,))


def test_a_crossed_book_is_asked_of_the_next_source() -> None:
    sources = [Keeper("one", (2.0, 1.0)), Keeper("two", (1.0, 1.0))]
    found = Feed(sources, 10, fitness=Fitness(lambda: NOW)).book("BTC-USD", 1)
    assert getattr(found.value, "vendor", None) == "two"
    assert "crossed" in str(found.failures[0].error)


def test_only_the_gaps_are_asked_of_the_next_source() -> None:
    one = Fake("one", {"AAPL": quote("AAPL", "one"), "MSFT": UnknownSymbol("MSFT?")})
    answer = Feed([one, Fake("two", None)], 1).quotes(["AAPL", "MSFT", "SPY"])
    assert [answer.value[s].vendor for s in ("AAPL", "MSFT", "SPY")] == ["one", "two", "two"]
    assert [(f.symbol, type(f.error)) for f in answer.failures] == [("MSFT", UnknownSymbol), ("SPY", BadPayload)]


def test_a_stalled_source_costs_one_deadline_once_and_no_symbol(release: threading.Event) -> None:
    stalled = Fake("one", release)
    feed = Feed([stalled, Fake("two", None)], 1)
    first, second = feed.quotes(["AAPL"]), feed.quotes(["AAPL"])
    assert [a.value["AAPL"].vendor for a in (first, second)] == ["two", "two"]
    assert all(isinstance(a.failures[0].error, VendorTimeout) for a in (first, second))
    assert stalled.calls == 1
    assert "still has not answered" in str(second.failures[0].error)


def test_long_bars_do_not_hold_up_quotes(release: threading.Event) -> None:
    class Slow(Fake):
        def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
            release.wait(30)
            return super().bars(symbol, interval, start, end)

    feed = Feed([Slow("one", None)], 5, patience=0.05)
    late = feed.bars("AAPL", Interval.DAY, NOW - timedelta(days=9), NOW)
    assert isinstance(late.failures[0].error, VendorTimeout)
    assert feed.quotes(["AAPL"]).failures == ()


def test_a_source_that_asked_for_rest_gets_it() -> None:
    clock = [0.0]
    limited = Fake("one", RateLimited("slow down", retry_after=60))
    feed = Feed([limited], 1, clock=lambda: clock[0])
    for clock[0] in (0.0, 59.0, 61.0):
        assert isinstance(feed.quotes(["AAPL"]).failures[0].error, RateLimited)
    assert limited.calls == 2


def test_a_wrong_key_is_not_tried_again() -> None:
    refused = Fake("one", AuthFailed("no"))
    feed = Feed([refused], 1)
    for _ in range(3):
        assert isinstance(feed.quotes(["AAPL"]).failures[0].error, AuthFailed)
    assert refused.calls == 1


def test_empty_bars_are_empty_and_failed_bars_are_absent() -> None:
    asked = ("AAPL", Interval.DAY, NOW - timedelta(days=9), NOW)
    empty = Feed([Fake("one", Unavailable("out")), Fake("two", None)], 1).bars(*asked)
    assert empty.value is not None
    assert (len(empty.value), len(empty.failures)) == (0, 1)
    assert Feed([Fake("one", NoData("none"))], 1).bars(*asked).value is None


def test_no_symbols_ask_nobody() -> None:
    one = Fake("one", None)
    assert Feed([one], 1).quotes([]).value == {}
    assert one.calls == 0


def test_unknown_means_that_everybody_said_so() -> None:
    unknown, out = Fake("one", {"X": UnknownSymbol("X")}), Fake("two", Unavailable("out"))
    assert unknown_everywhere("X", Feed([unknown], 1).quotes(["X"]).failures)
    assert not unknown_everywhere("X", Feed([unknown, out], 1).quotes(["X"]).failures)
    assert not unknown_everywhere("X", ())


class Coins(Fake):
    """A source of crypto pairs only."""

    kinds = frozenset({Kind.CRYPTO})


def test_a_source_is_asked_about_its_own_kinds_only() -> None:
    coins, second = Coins("coins", None), Fake("second", None)
    feed = Feed([coins, second], deadline=5)
    assert feed.quotes(["AAPL"]).value["AAPL"].vendor == "second"
    assert coins.calls == 0
    answer = feed.quotes(["AAPL", "BTC-USD"])
    assert {symbol: quote.vendor for symbol, quote in answer.value.items()} == {"AAPL": "second", "BTC-USD": "coins"}
    feed.close()
    alone = Feed([coins], deadline=5)
    refused = alone.quotes(["AAPL"])
    assert (refused.value, [type(one.error) for one in refused.failures]) == ({}, [Unsupported])
    assert not unknown_everywhere("AAPL", refused.failures)
    alone.close()
