"""Alpaca's quotes and bars: the real client library before the stand-in, in fair weather and in foul."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic, time

import pytest

from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.sources.alpaca import Alpaca
from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)
from marketdata.standins.alpaca import KEY, SECRET, AlpacaStandin, Fault
from marketdata.tests import conformance
from marketdata.tests.patience import again, patience

MIXED = ("AAPL", "BRK.B", "BAC.PR.L", "BTC-USD", "AAPL261218C00240000")
NAMED: dict[Fault, type[SourceError]] = {
    Fault.UNAUTHORIZED: AuthFailed,
    Fault.FORBIDDEN: AuthFailed,
    Fault.NOT_ENTITLED: NotEntitled,
    Fault.RATE_LIMITED: RateLimited,
    Fault.SERVER_ERROR: Unavailable,
    Fault.SLOW: VendorTimeout,
    Fault.DRIP: VendorTimeout,
    Fault.GARBAGE: BadPayload,
    Fault.HTML: BadPayload,
    Fault.EMPTY_OBJECT: BadPayload,
    Fault.EMPTY_BODY: BadPayload,
    Fault.RESET: Unavailable,
}
SLOW = (None, Fault.SLOW, Fault.DRIP)
RETRIED = 8.0
"""Seconds: the library, left to itself, would sleep for three seconds three times."""


@pytest.fixture
def standin() -> Iterator[AlpacaStandin]:
    with AlpacaStandin() as server:
        yield server


def opened(standin: AlpacaStandin, feed: str = "iex", timeout: float = 3.0) -> Alpaca:
    return Alpaca(KEY, SECRET, feed, standin.url, standin.url, timeout=timeout)


@pytest.fixture
def alpaca(standin: AlpacaStandin) -> Iterator[Alpaca]:
    source = opened(standin)
    yield source
    source.close()


@pytest.fixture
def hasty(standin: AlpacaStandin, request: pytest.FixtureRequest) -> Iterator[Alpaca]:
    """A client that waits for a third of a second, and for bars five times as long."""
    source = opened(standin, timeout=patience(request, 0.3, SLOW))
    yield source
    standin.release()
    source.close()


def failure(ask: Callable[[], object]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask()
    return caught.value


def quote(answer: object) -> Quote:
    assert isinstance(answer, Quote), repr(answer)
    return answer


def last_days(source: Alpaca, symbol: str = "AAPL", interval: Interval = Interval.DAY, days: int = 9) -> Bars:
    now = datetime.now(UTC)
    return source.bars(symbol, interval, now - timedelta(days=days), now)


def test_every_kind_of_symbol_has_its_quote_in_three_requests(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    answers = alpaca.quotes(MIXED)
    for symbol in MIXED:
        conformance.check_quote(quote(answers[symbol]), symbol, "alpaca")
    assert standin.requests == {"snapshots": 1, "crypto": 1, "option_snapshots": 1}
    told = {symbol: (one.feed, one.delayed_by, one.flags) for symbol, one in answers.items() if isinstance(one, Quote)}
    assert told["AAPL"] == ("iex", 0, {"iex_volume"})
    assert told["BTC-USD"] == ("us", 0, frozenset())
    assert told["AAPL261218C00240000"] == ("indicative", 900, {"indicative"})
    assert quote(answers["BTC-USD"]).session is Session.ALWAYS


def test_a_thousand_shares_cost_five_requests(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    many = [f"{first}{second}{third}" for first in "ABCDEFGHIJ" for second in "ABCDEFGHIJ" for third in "ABCDEFGHIJ"]
    standin.table |= dict.fromkeys(many, 50.0)
    answers = alpaca.quotes(many)
    assert all(isinstance(answers[symbol], Quote) for symbol in many)
    assert standin.requests == {"snapshots": 5}


def test_what_cannot_be_had_fails_alone(alpaca: Alpaca) -> None:
    asked = ["NOPE", "^GSPC", "EUR-USD", "OCDO.L", "GC=F", "AAPL,SPY", "../AAPL", "aapl", ""]
    answers = alpaca.quotes(["AAPL", *asked])
    assert isinstance(answers["AAPL"], Quote)
    found = [type(answers[symbol]) for symbol in asked]
    assert found == [UnknownSymbol, *[Unsupported] * 4, *[UnknownSymbol] * 4]


def test_a_symbol_for_which_alpaca_refuses_all_is_left_out_and_not_asked_again(
    standin: AlpacaStandin, alpaca: Alpaca
) -> None:
    for requests in (3, 4):
        answers = alpaca.quotes(["AAPL", "0700", "1234", "SPY"])
        assert [type(answers[symbol]) for symbol in ("AAPL", "0700", "1234", "SPY")] == [
            Quote, UnknownSymbol, UnknownSymbol, Quote
        ]  # fmt: skip
        assert standin.requests["snapshots"] == requests
    assert isinstance(alpaca.quotes(["0700"])["0700"], UnknownSymbol)


def test_what_alpaca_never_has_costs_no_request(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    assert isinstance(alpaca.quotes(["^GSPC"])["^GSPC"], Unsupported)
    assert dict(alpaca.quotes([])) == {}
    assert not standin.requests


@pytest.mark.parametrize("fault", list(NAMED))
def test_every_fault_of_quotes_has_its_name_and_passes(standin: AlpacaStandin, hasty: Alpaca, fault: Fault) -> None:
    standin.fault = fault
    error = failure(lambda: hasty.quotes(["AAPL", "SPY"]))
    assert type(error) is NAMED[fault]
    told = f"{error} {error!r} {error.__cause__!r} {error.remedy}"
    assert not [secret for secret in (KEY, SECRET, "http://", "127.0.0.1") if secret in told]
    standin.fault = None
    assert isinstance(opened(standin).quotes(["AAPL"])["AAPL"], Quote)


@pytest.mark.parametrize("fault", list(NAMED))
def test_every_fault_of_bars_has_its_name_and_passes(standin: AlpacaStandin, hasty: Alpaca, fault: Fault) -> None:
    standin.fault = fault
    began = monotonic()
    assert type(failure(lambda: last_days(hasty))) is NAMED[fault]
    assert monotonic() - began < RETRIED
    standin.fault = None
    assert again(lambda: last_days(hasty))


@pytest.mark.parametrize(
    ("key", "secret"), [("wrong", SECRET), (KEY, "wrong"), ("a\nb", SECRET), ("ü", SECRET), ("", "")]
)
def test_a_bad_key_is_refused_without_being_told(standin: AlpacaStandin, key: str, secret: str) -> None:
    source = Alpaca(key, secret, data_url=standin.url, trading_url=standin.url)
    error = failure(lambda: source.quotes(["AAPL"]))
    assert isinstance(error, AuthFailed)
    assert not key or key not in f"{error!r} {error.remedy}"
    source.close()


def test_a_limit_says_how_long_and_is_not_asked_again(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.fault, standin.limit_ends = Fault.RATE_LIMITED, int(time()) + 20
    error = failure(lambda: alpaca.quotes(MIXED))
    assert isinstance(error, RateLimited)
    assert 5 <= error.retry_after <= 20
    assert standin.requests.total() == 1
    standin.limit_ends = None
    assert getattr(failure(lambda: alpaca.quotes(["AAPL"])), "retry_after", 0) == 60


def test_a_limit_is_told_at_once_and_not_slept_away(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.per_minute = 2
    began = monotonic()
    answers = alpaca.quotes(MIXED)
    assert isinstance(answers["AAPL"], Quote)
    assert isinstance(answers["AAPL261218C00240000"], RateLimited)
    assert monotonic() - began < RETRIED


def test_nobody_there_is_unavailable() -> None:
    source = Alpaca(KEY, SECRET, data_url="http://127.0.0.1:9", trading_url="http://127.0.0.1:9", timeout=1)
    assert type(failure(lambda: source.quotes(["AAPL"]))) is Unavailable
    source.close()


def test_a_plan_without_the_whole_market_has_iex_and_says_so(standin: AlpacaStandin) -> None:
    source = opened(standin, "sip")
    assert quote(source.quotes(["AAPL"])["AAPL"]).feed == "iex"
    assert quote(source.quotes(["AAPL"])["AAPL"]).feed == "iex"
    assert [one.query["feed"] for one in standin.asked] == ["sip", "iex", "iex"]
    assert quote(source.quotes(["AAPL261218C00240000"])["AAPL261218C00240000"]).feed == "indicative"
    source.close()


def test_a_plan_with_the_whole_market_is_asked_for_it(standin: AlpacaStandin) -> None:
    standin.plan = "plus"
    source = opened(standin, "sip")
    answers = source.quotes(["AAPL", "AAPL261218C00240000"])
    share, option = quote(answers["AAPL"]), quote(answers["AAPL261218C00240000"])
    assert (share.feed, share.delayed_by, share.flags) == ("sip", 0, frozenset())
    assert (option.feed, option.delayed_by, option.flags) == ("opra", 0, frozenset())
    source.close()


def test_the_delayed_feed_is_labelled(standin: AlpacaStandin) -> None:
    source = opened(standin, "delayed_sip")
    share = quote(source.quotes(["AAPL"])["AAPL"])
    assert (share.feed, share.delayed_by) == ("delayed_sip", 900)
    assert timedelta(seconds=890) < share.received_at - share.as_of < timedelta(seconds=910)
    assert len(last_days(source, interval=Interval.MINUTE))
    source.close()


def test_a_feed_that_there_is_not_names_its_setting() -> None:
    with pytest.raises(TypeError, match="ALPACA_FEED is 'opra': choose one of iex, sip, delayed_sip"):
        Alpaca(KEY, SECRET, "opra")


def test_a_plan_without_options_keeps_its_shares(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.lacks = {"option_snapshots"}
    answers = alpaca.quotes(["AAPL", "AAPL261218C00240000"])
    assert isinstance(answers["AAPL"], Quote)
    assert isinstance(answers["AAPL261218C00240000"], NotEntitled)


@pytest.mark.parametrize("interval", list(Interval))
def test_bars_of_every_length(alpaca: Alpaca, interval: Interval) -> None:
    now = datetime.now(UTC)
    start = now - timedelta(days=6)
    for symbol in ("AAPL", "BTC-USD", "AAPL261218C00240000"):
        bars = alpaca.bars(symbol, interval, start, now)
        assert len(bars)
        assert bars.adjusted == (symbol == "AAPL")
        conformance.check_bars(bars, start, now)


def test_pages_are_followed_to_the_last(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    now = datetime.now(UTC)
    whole = alpaca.bars("BTC-USD", Interval.MINUTE, now - timedelta(days=1), now - timedelta(hours=1))
    standin.page = 300
    paged = alpaca.bars("BTC-USD", Interval.MINUTE, now - timedelta(days=1), now - timedelta(hours=1))
    assert len(whole) == 1380
    assert list(paged.start) == list(whole.start)
    assert standin.requests == {"crypto_bars": 1 + 5}


def test_pages_that_go_round_in_circles_end(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.fault = Fault.CIRCLE
    assert not len(last_days(alpaca))
    assert standin.requests == {"bars": 2, "named": 1}


def test_days_are_those_of_the_whole_market_and_minutes_those_of_the_feed(
    standin: AlpacaStandin, alpaca: Alpaca
) -> None:
    days, minutes = last_days(alpaca), last_days(alpaca, interval=Interval.MINUTE)
    assert [one.query["feed"] for one in standin.asked] == ["sip", "iex"]
    assert {one.query["adjustment"] for one in standin.asked} == {"split"}
    assert days.volume[0] == 25.0 * 86400
    assert minutes.volume[0] == 25.0 * 60 * 0.025
    standin.lacks = {"bars"}
    assert isinstance(failure(lambda: last_days(alpaca)), NotEntitled)


def test_days_are_dates_of_new_york_and_pairs_have_seven_a_week(alpaca: Alpaca) -> None:
    start, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 14, tzinfo=UTC)
    days = [bar.session_date.day for bar in alpaca.bars("AAPL", Interval.DAY, start, end)]
    assert days == [2, 3, 4, 5, 6, 9, 10, 11, 12, 13]
    days = [bar.session_date.day for bar in alpaca.bars("BTC-USD", Interval.DAY, start, end)]
    assert days == list(range(2, 14))


def test_the_running_bar_is_partial(alpaca: Alpaca) -> None:
    now = datetime.now(UTC)
    bars = alpaca.bars("BTC-USD", Interval.MINUTE, now - timedelta(minutes=5), now + timedelta(minutes=1))
    assert bars.last_is_partial
    assert [second - first for first, second in pairwise(bars.start)] == [60] * (len(bars) - 1)
    earlier = alpaca.bars("BTC-USD", Interval.MINUTE, now - timedelta(minutes=9), now - timedelta(minutes=5))
    assert not earlier.last_is_partial


def test_a_quiet_symbol_has_no_bars_and_an_unknown_one_has_its_error(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    saturday = datetime(2026, 3, 7, 12, tzinfo=UTC)
    for _ in range(2):
        assert len(alpaca.bars("AAPL", Interval.MINUTE, saturday, saturday + timedelta(hours=9))) == 0
    assert standin.requests == {"bars": 2, "named": 1}
    for symbol in ("NOPE", "DOGE-USD", "NOPE261218C00240000", "../AAPL", "0700"):
        assert isinstance(failure(lambda symbol=symbol: last_days(alpaca, symbol)), UnknownSymbol)
    assert isinstance(failure(lambda: last_days(alpaca, "^GSPC")), Unsupported)
