"""What Yahoo can do to us, and the name each of it gets."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from marketdata.domain import Interval, Quote
from marketdata.feed import Feed
from marketdata.sources.base import (
    BadPayload,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    VendorTimeout,
)
from marketdata.sources.yahoo import Yahoo
from marketdata.standins.yahoo import QUOTES, Fault, YahooStandin
from marketdata.tests.patience import HUNG, PATIENT, again, patience

NINE = ("AAPL", "GOOGL", "TSLA", "SPY", "QQQ", "NVDA", "META", "AMZN", "MSFT")
NAMED: dict[Fault, type[SourceError]] = {
    Fault.RATE_LIMITED: RateLimited,
    Fault.CRUMB_RATE_LIMITED: RateLimited,
    Fault.SERVER_ERROR: Unavailable,
    Fault.SLOW: VendorTimeout,
    Fault.SLOW_CRUMB: VendorTimeout,
    Fault.HTML: BadPayload,
    Fault.TRUNCATED: BadPayload,
    Fault.EMPTY_OBJECT: BadPayload,
    Fault.EMPTY_RESULT: BadPayload,
    Fault.BAD_CRUMB: Unavailable,
    Fault.DROP: Unavailable,
}
SLOW = (None, Fault.SLOW, Fault.SLOW_CRUMB)
WITHOUT_CRUMB = (Fault.CRUMB_RATE_LIMITED, Fault.BAD_CRUMB)
NAMED_BARS: dict[Fault, type[SourceError]] = {
    fault: error for fault, error in NAMED.items() if fault not in (Fault.CRUMB_RATE_LIMITED, Fault.BAD_CRUMB)
}


@pytest.fixture
def hasty(standin: YahooStandin, request: pytest.FixtureRequest) -> Iterator[Yahoo]:
    """A client that waits for a second."""
    source = Yahoo(standin.proxy, standin.ca_file, timeout=patience(request, 1, SLOW))
    yield source
    standin.release()
    source.close()


def last_days(source: Yahoo, symbol: str = "AAPL") -> object:
    now = datetime.now(UTC)
    return source.bars(symbol, Interval.DAY, now - timedelta(days=9), now)


def failure(ask: Callable[[], object]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask()
    return caught.value


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_of_quotes_has_its_name_and_passes(standin: YahooStandin, hasty: Yahoo, fault: Fault) -> None:
    standin.fault = fault
    error = failure(lambda: hasty.quotes(["AAPL", "SPY"]))
    assert type(error) is NAMED[fault]
    standin.fault = None
    assert isinstance(again(lambda: hasty.quotes(["AAPL"]))["AAPL"], Quote)


@pytest.mark.parametrize("fault", list(NAMED_BARS))
def test_every_fault_of_bars_has_its_name_and_passes(standin: YahooStandin, hasty: Yahoo, fault: Fault) -> None:
    standin.fault = fault
    assert type(failure(lambda: last_days(hasty))) is NAMED_BARS[fault]
    standin.fault = None
    assert again(lambda: last_days(hasty))


def test_every_fault_of_the_stand_in_is_named() -> None:
    assert set(NAMED) == set(Fault)


@pytest.mark.parametrize("fault", list(Fault))
def test_no_message_tells_a_cookie_a_crumb_or_an_address(standin: YahooStandin, hasty: Yahoo, fault: Fault) -> None:
    standin.fault = fault
    error = failure(lambda: hasty.quotes(["AAPL", "SPY"]))
    told = f"{error} {error!r} {error.__cause__!r} {error.remedy}"
    for secret in ("AQAB", "cr/", "crumb=", "http://", "https://"):
        assert secret not in told
    assert len(str(error)) < 200


def test_the_pause_is_yahoos_or_doubles_up_to_a_quarter_of_an_hour(standin: YahooStandin, yahoo: Yahoo) -> None:
    standin.fault = Fault.RATE_LIMITED
    pauses = [limited(yahoo).retry_after for _ in range(6)]
    assert pauses == [60, 120, 240, 480, 900, 900]
    standin.retry_after = 7
    assert limited(yahoo).retry_after == 7
    standin.fault = None
    yahoo.quotes(["AAPL"])
    standin.fault, standin.retry_after = Fault.RATE_LIMITED, None
    assert limited(yahoo).retry_after == 60


def limited(yahoo: Yahoo) -> RateLimited:
    error = failure(lambda: yahoo.quotes(["AAPL"]))
    assert isinstance(error, RateLimited)
    return error


def test_after_a_limit_no_further_part_is_asked(standin: YahooStandin, yahoo: Yahoo) -> None:
    yahoo.quotes(["AAPL"])
    standin.requests.clear()
    standin.fault = Fault.RATE_LIMITED
    failure(lambda: yahoo.quotes([f"X{number:03d}" for number in range(120)]))
    assert standin.requests[QUOTES] == 2


def test_a_missing_symbol_fails_alone(standin: YahooStandin, yahoo: Yahoo) -> None:
    standin.missing = {"TSLA"}
    answers = yahoo.quotes(["AAPL", "TSLA", "AAPL,SPY", "aapl"])
    assert isinstance(answers["AAPL"], Quote)
    assert [type(answers[symbol]) for symbol in ("TSLA", "AAPL,SPY", "aapl")] == [UnknownSymbol] * 3


def test_an_unknown_symbol_has_no_bars(standin: YahooStandin, yahoo: Yahoo) -> None:
    standin.missing = {"AMZN"}
    assert isinstance(failure(lambda: last_days(yahoo, "AMZN")), UnknownSymbol)
    assert isinstance(failure(lambda: last_days(yahoo, "../AAPL")), UnknownSymbol)


@pytest.mark.parametrize(
    ("proxy", "ca_file", "told"),
    [
        (None, "/no/such/file.pem", "YAHOO_CA_FILE"),
        (None, None, "YAHOO_CA_FILE"),
        ("http://127.0.0.1:9", None, "cannot be reached"),
        ("http://name.invalid:9", None, "YAHOO_PROXY"),
    ],
)
def test_no_way_to_yahoo_is_unavailable_and_says_where_to_look(
    standin: YahooStandin, proxy: str | None, ca_file: str | None, told: str
) -> None:
    source = Yahoo(proxy or standin.proxy, ca_file)
    error = failure(lambda: source.quotes(["AAPL"]))
    assert type(error) is Unavailable
    assert told in str(error)
    source.close()


def test_no_call_outlives_its_time_and_a_second_one_does_not_pile_up(standin: YahooStandin, hasty: Yahoo) -> None:
    standin.fault = Fault.SLOW_CRUMB
    began = monotonic()
    with ThreadPoolExecutor(3) as pool:
        errors = [call.exception(PATIENT) for call in [pool.submit(hasty.quotes, ["AAPL"]) for _ in range(3)]]
    assert [type(error) for error in errors] == [VendorTimeout] * 3
    assert monotonic() - began < HUNG


class Second:
    """Another vendor, five lines long."""

    name, simulated = "second", False
    capabilities = Yahoo.capabilities

    def quotes(self, symbols: list[str]) -> dict[str, Quote | SourceError]:
        now = datetime.now(UTC)
        return {one: Quote(symbol=one, vendor=self.name, as_of=now, received_at=now, price=1.0) for one in symbols}

    def knows(self, symbol: str) -> None:
        return None

    def close(self) -> None:
        pass


@pytest.mark.parametrize("fault", list(Fault))
def test_with_a_second_source_the_feed_serves_every_symbol_in_time(standin: YahooStandin, fault: Fault) -> None:
    standin.fault = fault
    feed = Feed([Yahoo(standin.proxy, standin.ca_file, timeout=30), Second()], deadline=1)  # type: ignore[list-item]
    began = monotonic()
    answer = feed.quotes(NINE)
    assert monotonic() - began < HUNG
    assert {quote.vendor for quote in answer.value.values()} == {"second"}
    assert set(answer.value) == set(NINE)
    assert [(one.source, one.symbol) for one in answer.failures] == [("yahoo", None)]
    standin.release()
    feed.close()


def test_a_recovered_crumb_fault_is_not_remembered_as_a_crumb(standin: YahooStandin, yahoo: Yahoo) -> None:
    standin.fault = Fault.CRUMB_RATE_LIMITED
    failure(lambda: yahoo.quotes(["AAPL"]))
    standin.fault = None
    yahoo.quotes(["AAPL"])
    standin.requests.clear()
    yahoo.quotes(["AAPL"])
    assert standin.requests == {QUOTES: 1}
