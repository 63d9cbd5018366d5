"""Polygon's quotes and bars: the real client library before the stand-in, in fair weather and in foul."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic

import numpy as np
import pytest
from django.conf import settings

from marketdata.domain import Interval, Quote, Session
from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    NoData,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)
from marketdata.sources.polygon import Polygon
from marketdata.standins.polygon import KEY, Fault, PolygonStandin
from marketdata.tests import conformance
from marketdata.tests.patience import HUNG, PATIENT, again, patience

MIXED = ("AAPL", "BRK.B", "BAC.PR.L", "^GSPC", "^VIX", "BTC-USD", "EUR-USD", "AAPL261218C00240000")
NAMED: dict[Fault, type[SourceError]] = {
    Fault.UNAUTHORIZED: AuthFailed,
    Fault.FORBIDDEN: NotEntitled,
    Fault.RATE_LIMITED: RateLimited,
    Fault.SERVER_ERROR: Unavailable,
    Fault.SLOW: VendorTimeout,
    Fault.DRIP: VendorTimeout,
    Fault.GARBAGE: BadPayload,
    Fault.HTML: BadPayload,
    Fault.EMPTY_OBJECT: BadPayload,
    Fault.EMPTY_RESULT: BadPayload,
    Fault.RESET: Unavailable,
}
QUIET = {fault: error for fault, error in NAMED.items() if fault is not Fault.EMPTY_RESULT}
SLOW = (None, Fault.SLOW, Fault.DRIP)


@pytest.fixture
def standin() -> Iterator[PolygonStandin]:
    with PolygonStandin() as server:
        yield server


@pytest.fixture
def polygon(standin: PolygonStandin) -> Iterator[Polygon]:
    source = Polygon(KEY, standin.base_url, timeout=PATIENT)
    yield source
    source.close()


@pytest.fixture
def hasty(standin: PolygonStandin, request: pytest.FixtureRequest) -> Iterator[Polygon]:
    """A client that waits for half a second."""
    source = Polygon(KEY, standin.base_url, timeout=patience(request, 0.5, SLOW))
    yield source
    standin.release()
    source.close()


def failure(ask: Callable[[], object]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask()
    return caught.value


def last_days(source: Polygon, symbol: str = "AAPL", interval: Interval = Interval.DAY, days: int = 9) -> object:
    now = datetime.now(UTC)
    return source.bars(symbol, interval, now - timedelta(days=days), now)


def test_every_kind_of_symbol_has_its_quote_in_two_requests(standin: PolygonStandin, polygon: Polygon) -> None:
    answers = polygon.quotes(MIXED)
    for symbol in MIXED:
        quote = answers[symbol]
        assert isinstance(quote, Quote), quote
        conformance.check_quote(quote, symbol, "polygon")
        assert (quote.feed, quote.delayed_by) == ("realtime", 0)
    assert standin.requests == {"snapshots": 1, "universal": 1}


def test_currencies_and_sessions_are_those_of_the_kind(polygon: Polygon) -> None:
    answers = polygon.quotes(MIXED)
    told = {symbol: quote.currency for symbol, quote in answers.items() if isinstance(quote, Quote)}
    assert (told["AAPL"], told["^GSPC"], told["BTC-USD"], told["EUR-USD"]) == ("USD", None, "USD", "USD")
    for symbol in ("BTC-USD", "EUR-USD"):
        quote = answers[symbol]
        assert isinstance(quote, Quote)
        assert quote.session is Session.ALWAYS
    euro = answers["EUR-USD"]
    assert isinstance(euro, Quote)
    assert euro.volume is None
    assert euro.bid is not None


def test_a_thousand_shares_cost_four_requests(standin: PolygonStandin, polygon: Polygon) -> None:
    many = [f"{first}{second}{third}" for first in "ABCDEFGHIJ" for second in "ABCDEFGHIJ" for third in "ABCDEFGHIJ"]
    standin.table |= dict.fromkeys(many, 50.0)
    answers = polygon.quotes(many)
    assert all(isinstance(answers[symbol], Quote) for symbol in many)
    assert standin.requests == {"snapshots": 4}


def test_what_cannot_be_had_fails_alone(standin: PolygonStandin, polygon: Polygon) -> None:
    answers = polygon.quotes(["AAPL", "NOPE", "^NOPE", "OCDO.L", "GC=F", "AAPL,SPY", "../AAPL", "aapl", ""])
    assert isinstance(answers["AAPL"], Quote)
    found = [type(answers[symbol]) for symbol in ("NOPE", "^NOPE", "OCDO.L", "GC=F", "AAPL,SPY", "../AAPL", "aapl", "")]
    assert found == [UnknownSymbol, UnknownSymbol, Unsupported, Unsupported, *[UnknownSymbol] * 4]


def test_what_polygon_never_has_costs_no_request(standin: PolygonStandin, polygon: Polygon) -> None:
    assert isinstance(polygon.quotes(["OCDO.L"])["OCDO.L"], Unsupported)
    assert dict(polygon.quotes([])) == {}
    assert not standin.requests


@pytest.mark.parametrize("fault", list(NAMED))
def test_every_fault_of_quotes_has_its_name_and_passes(standin: PolygonStandin, hasty: Polygon, fault: Fault) -> None:
    standin.fault = fault
    assert type(failure(lambda: hasty.quotes(["AAPL", "SPY"]))) is NAMED[fault]
    standin.fault = None
    assert isinstance(again(lambda: hasty.quotes(["AAPL"]))["AAPL"], Quote)


@pytest.mark.parametrize("fault", list(QUIET))
def test_every_fault_of_bars_has_its_name_and_passes(standin: PolygonStandin, hasty: Polygon, fault: Fault) -> None:
    standin.fault = fault
    assert type(failure(lambda: last_days(hasty))) is QUIET[fault]
    standin.fault = None
    assert again(lambda: last_days(hasty))


@pytest.mark.parametrize("fault", list(NAMED))
def test_no_message_tells_the_key_or_an_address(standin: PolygonStandin, hasty: Polygon, fault: Fault) -> None:
    standin.fault = fault
    error = failure(lambda: hasty.quotes(["AAPL", "SPY"]))
    told = f"{error} {error!r} {error.__cause__!r} {error.remedy}"
    assert not [secret for secret in (KEY, "Bearer", "http://", "https://", "127.0.0.1") if secret in told]


@pytest.mark.parametrize("key", ["wrong", "with\nnewline", "schlüssel", ""])
def test_a_bad_key_is_refused_without_being_told(standin: PolygonStandin, key: str) -> None:
    source = Polygon(key, standin.base_url)
    error = failure(lambda: source.quotes(["AAPL"]))
    assert isinstance(error, AuthFailed)
    assert not key or key not in f"{error!r} {error.remedy}"
    source.close()


def test_a_limit_says_how_long_and_is_not_asked_again(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.per_minute, standin.retry_after = 0, 7
    standin.fault = Fault.RATE_LIMITED
    error = failure(lambda: polygon.quotes(MIXED))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 7
    assert standin.requests.total() == 1
    standin.retry_after = None
    assert getattr(failure(lambda: polygon.quotes(["AAPL"])), "retry_after", 0) == 60


def test_nobody_there_is_unavailable() -> None:
    source = Polygon(KEY, "http://127.0.0.1:9", timeout=1)
    assert type(failure(lambda: source.quotes(["AAPL"]))) is Unavailable
    source.close()


def test_no_call_outlives_its_time_however_its_answer_drips(standin: PolygonStandin, hasty: Polygon) -> None:
    standin.fault = Fault.DRIP
    began = monotonic()
    failure(lambda: hasty.quotes(["AAPL", "SPY"]))
    failure(lambda: last_days(hasty))
    assert monotonic() - began < HUNG


def test_a_plan_without_trades_gives_the_last_minute_and_without_quotes_no_bid(
    standin: PolygonStandin, polygon: Polygon
) -> None:
    standin.lacks = {"trades", "quotes"}
    quote = polygon.quotes(["AAPL"])["AAPL"]
    assert isinstance(quote, Quote)
    assert quote.price is not None
    assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size, quote.quote_as_of) == (None,) * 5


def test_a_plan_without_indices_keeps_its_shares(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.lacks = {"universal"}
    answers = polygon.quotes(["AAPL", "^GSPC"])
    assert isinstance(answers["AAPL"], Quote)
    assert isinstance(answers["^GSPC"], NotEntitled)
    assert isinstance(polygon.quotes(["^GSPC"])["^GSPC"], NotEntitled)


def test_a_delayed_plan_is_labelled(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.delayed = True
    for quote in polygon.quotes(MIXED).values():
        assert isinstance(quote, Quote)
        assert (quote.feed, quote.delayed_by) == ("delayed", 900)
        assert timedelta(seconds=890) < quote.received_at - quote.as_of < timedelta(seconds=910)
    labelled = Polygon(KEY, standin.base_url, feed="delayed")
    standin.delayed = False
    quote = labelled.quotes(["AAPL"])["AAPL"]
    assert isinstance(quote, Quote)
    assert quote.delayed_by == 900
    labelled.close()


def test_an_emptied_snapshot_is_no_data_only_while_the_market_is_closed(
    standin: PolygonStandin, polygon: Polygon
) -> None:
    standin.table = {}
    assert isinstance(failure(lambda: polygon.quotes(["AAPL", "SPY"])), BadPayload)
    assert isinstance(polygon.quotes(["AAPL"])["AAPL"], UnknownSymbol)
    standin.market = "closed"
    assert [type(error) for error in polygon.quotes(["AAPL", "SPY"]).values()] == [NoData, NoData]


@pytest.mark.parametrize("interval", list(Interval))
def test_bars_of_every_length(polygon: Polygon, interval: Interval) -> None:
    now = datetime.now(UTC)
    start = now - timedelta(days=6)
    bars = polygon.bars("AAPL", interval, start, now)
    assert len(bars)
    assert bars.adjusted
    conformance.check_bars(bars, start, now)
    assert set(np.diff(bars.start)) >= ({interval.length.total_seconds()} if interval is not Interval.DAY else set())


def test_pages_are_followed_on_our_own_host(standin: PolygonStandin, polygon: Polygon) -> None:
    now = datetime.now(UTC)
    whole = polygon.bars("BTC-USD", Interval.MINUTE, now - timedelta(days=1), now - timedelta(hours=1))
    standin.page = 300
    paged = polygon.bars("BTC-USD", Interval.MINUTE, now - timedelta(days=1), now - timedelta(hours=1))
    assert len(whole) == 1380
    assert list(paged.start) == list(whole.start)
    assert standin.requests == {"bars": 1 + 5}


def test_days_are_dates_of_new_york_and_of_greenwich_for_what_never_closes(polygon: Polygon) -> None:
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    start, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 14, tzinfo=UTC)
    days = [bar.session_date.day for bar in polygon.bars("AAPL", Interval.DAY, start, end)]
    assert days == [2, 3, 4, 5, 6, 9, 10, 11, 12, 13]
    days = [bar.session_date.day for bar in polygon.bars("BTC-USD", Interval.DAY, start, end)]
    assert days == list(range(2, 14))
    assert now > end


def test_the_running_bar_is_partial(standin: PolygonStandin, polygon: Polygon) -> None:
    now = datetime.now(UTC)
    bars = polygon.bars("BTC-USD", Interval.MINUTE, now - timedelta(minutes=5), now + timedelta(minutes=1))
    assert bars.last_is_partial
    assert [second - first for first, second in pairwise(bars.start)] == [60] * (len(bars) - 1)
    assert not polygon.bars(
        "BTC-USD", Interval.MINUTE, now - timedelta(minutes=9), now - timedelta(minutes=5)
    ).last_is_partial


def test_a_quiet_symbol_has_no_bars_and_an_unknown_one_has_its_error(standin: PolygonStandin, polygon: Polygon) -> None:
    saturday = datetime(2026, 3, 7, 12, tzinfo=UTC)
    for _ in range(2):
        assert len(polygon.bars("AAPL", Interval.MINUTE, saturday, saturday + timedelta(hours=9))) == 0
    assert standin.requests == {"bars": 2, "details": 1}
    assert isinstance(failure(lambda: last_days(polygon, "NOPE")), UnknownSymbol)
    assert isinstance(failure(lambda: last_days(polygon, "../AAPL")), UnknownSymbol)
    assert isinstance(failure(lambda: last_days(polygon, "OCDO.L")), Unsupported)


def test_an_unknown_feed_is_told_with_the_choice() -> None:
    with pytest.raises(TypeError, match="realtime, delayed"):
        Polygon(KEY, feed="fast")


def test_the_command_serves_rest_and_tells_the_settings() -> None:
    command = [sys.executable, "manage.py", "standins", "polygon", "--port", "0"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = next(found for line in process.stdout if (found := re.search(r"POLYGON_BASE_URL=(\S+)", line)))
        source = Polygon(KEY, told[1])
        assert isinstance(source.quotes(["AAPL"])["AAPL"], Quote)
        source.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
