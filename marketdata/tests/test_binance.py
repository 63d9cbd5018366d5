"""Binance: ccxt's real client before the stand-in, recorded payloads, anything else as JSON."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest
from django.conf import settings as conf
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("ccxt", reason="Binance needs ccxt, the extra `crypto`")

from marketdata import wiring
from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.feed import Feed, unknown_everywhere
from marketdata.quality import check
from marketdata.sources import binance_bars, binance_quotes
from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    BookSource,
    BudgetSpent,
    Capability,
    NoData,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)
from marketdata.sources.binance import Binance
from marketdata.sources.binance_line import weight
from marketdata.sources.spending import paid
from marketdata.standins.binance import BinanceStandin, Fault
from marketdata.tests import conformance
from marketdata.tests.patience import HUNG, PATIENT, again, patience
from marketdata.tests.sources import Told
from marketdata.tests.sources import quote as told_quote

NOW = datetime(2026, 3, 11, 16, 0, 30, tzinfo=UTC)
NAMED: dict[Fault, type[SourceError]] = {
    Fault.RATE_LIMITED: RateLimited, Fault.BANNED: RateLimited, Fault.FIREWALL: RateLimited,
    Fault.COUNTRY: NotEntitled, Fault.UNAUTHORIZED: AuthFailed, Fault.SERVER_ERROR: Unavailable,
    Fault.SLOW: VendorTimeout, Fault.DRIP: VendorTimeout, Fault.GARBAGE: BadPayload, Fault.HTML: BadPayload,
    Fault.EMPTY_OBJECT: BadPayload, Fault.EMPTY_LIST: BadPayload, Fault.EMPTY_BODY: BadPayload,
    Fault.RESET: Unavailable,
}  # fmt: skip
SLOW = (None, Fault.SLOW, Fault.DRIP)


@pytest.fixture
def standin() -> Iterator[BinanceStandin]:
    with BinanceStandin() as server:
        yield server


@pytest.fixture
def binance(standin: BinanceStandin) -> Iterator[Binance]:
    source = Binance(standin.url, timeout=30)
    yield source
    source.close()


@pytest.fixture
def hasty(standin: BinanceStandin, request: pytest.FixtureRequest) -> Iterator[Binance]:
    """A client that waits for half a second, and knows the pairs already."""
    source = Binance(standin.url, timeout=patience(request, 0.5, SLOW))
    again(lambda: source.quotes(["BTC-USD"]))
    yield source
    standin.release()
    source.close()


@pytest.fixture
def payloads(shared: Path) -> Path:
    folder = shared / "vendors" / "fixtures" / "binance"
    if not folder.is_dir():
        pytest.skip("no payloads recorded of Binance here: vendors/fixtures/binance")
    return folder


def last_days(source: Binance, symbol: str = "BTC-USD") -> Bars:
    now = datetime.now(UTC)
    return source.bars(symbol, Interval.DAY, now - timedelta(days=5), now)


def failure(ask: Callable[[], object]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask()
    return caught.value


def test_pairs_cost_a_request_and_say_what_they_are_told_in(standin: BinanceStandin, binance: Binance) -> None:
    for _ in range(3):
        answers = binance.quotes(["BTC-USD", "BTC-USDT", "ETH-BTC", "SOL-USDC", "AAPL", "NOPE-USD", "../X"])
    assert standin.requests == {"exchangeInfo": 1, "ticker/24hr": 3}
    bitcoin = answers["BTC-USD"]
    assert isinstance(bitcoin, Quote)
    conformance.check_quote(bitcoin, "BTC-USD", "binance")
    assert (bitcoin.currency, bitcoin.session, bitcoin.delayed_by) == ("USDT", Session.ALWAYS, 0)
    assert (bitcoin.open, bitcoin.previous_close, bitcoin.quote_as_of) == (None, None, None)
    assert isinstance(answers["BTC-USDT"], Quote)
    ether = answers["ETH-BTC"]
    assert isinstance(ether, Quote)
    assert ether.currency == "BTC"
    assert [type(answers[one]) for one in ("AAPL", "NOPE-USD", "../X")] == [Unsupported, UnknownSymbol, UnknownSymbol]


def test_shares_cost_nothing(standin: BinanceStandin, binance: Binance) -> None:
    assert isinstance(binance.quotes(["AAPL"])["AAPL"], Unsupported)
    assert type(failure(lambda: binance.bars("AAPL", Interval.DAY, NOW, NOW))) is Unsupported
    assert type(failure(lambda: binance.book("EUR-USD", 3))) is Unsupported
    assert not standin.requests


def test_a_pair_that_has_gone_fails_alone(standin: BinanceStandin, binance: Binance) -> None:
    standin.gone = {"SOLUSDC"}
    answers = binance.quotes(["BTC-USD", "SOL-USDC"])
    assert isinstance(answers["BTC-USD"], Quote)
    assert type(answers["SOL-USDC"]) is UnknownSymbol


def test_many_pairs_come_a_hundred_to_a_request(standin: BinanceStandin, binance: Binance) -> None:
    standin.table |= {f"A{i:03d}USDT": (f"A{i:03d}", "USDT", 5.0) for i in range(150)}
    answers = binance.quotes([f"A{i:03d}-USD" for i in range(150)])
    assert {type(one) for one in answers.values()} == {Quote}
    assert standin.requests["ticker/24hr"] == 2


def test_bars_come_in_pages_of_a_thousand(standin: BinanceStandin, binance: Binance) -> None:
    end = datetime.now(UTC)
    start = end - timedelta(days=2)
    bars = binance.bars("BTC-USD", Interval.MINUTE, start, end)
    conformance.check_bars(bars, start, end)
    assert (len(bars), standin.requests["klines"]) == (2880, 3)
    assert (np.diff(bars.start) == 60).all()
    assert (bars.last_is_partial, bars.adjusted) == (True, False)
    days = last_days(binance)
    assert [bar.start.hour for bar in days] == [0] * 5
    assert type(failure(lambda: binance.bars("BTC-USD", Interval.TWO_MINUTES, start, end))) is Unsupported


def test_before_binance_there_was_nothing_to_ask_for(standin: BinanceStandin, binance: Binance) -> None:
    start = datetime(2010, 1, 1, tzinfo=UTC)
    assert len(binance.bars("BTC-USD", Interval.DAY, start, start + timedelta(days=9))) == 0
    assert not standin.requests


def test_a_book_is_as_deep_as_asked(binance: Binance) -> None:
    assert isinstance(binance, BookSource)
    book = binance.book("BTC-USD", 7)
    assert (len(book.bids), len(book.asks), book.vendor, book.symbol) == (7, 7, "binance", "BTC-USD")
    prices = [level.price for level in (*book.bids[::-1], *book.asks)]
    assert prices == sorted(prices)
    assert type(failure(lambda: binance.book("NOPE-USD", 3))) is UnknownSymbol


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_has_its_name_and_passes(standin: BinanceStandin, hasty: Binance, fault: Fault) -> None:
    standin.fault = fault
    asks: list[Callable[[], object]] = [lambda: hasty.quotes(["BTC-USD"]), lambda: hasty.book("BTC-USD", 3)]
    if fault is not Fault.EMPTY_LIST:
        asks.append(lambda: last_days(hasty))
    for ask in asks:
        began = monotonic()
        error = failure(ask)
        assert type(error) is NAMED[fault]
        assert monotonic() - began < HUNG
        told = f"{error} {error!r} {error.__cause__!r}"
        assert "http" not in told
        assert "127.0.0.1" not in told
    standin.fault = None
    assert isinstance(again(lambda: hasty.quotes(["BTC-USD"]))["BTC-USD"], Quote)


@pytest.mark.parametrize("fault", [Fault.EMPTY_OBJECT, Fault.EMPTY_LIST, Fault.HTML, Fault.SERVER_ERROR])
def test_a_list_of_pairs_that_failed_is_asked_again(standin: BinanceStandin, fault: Fault) -> None:
    standin.fault = fault
    source = Binance(standin.url, timeout=PATIENT)
    assert type(failure(lambda: source.quotes(["BTC-USD"]))) is (
        Unavailable if fault is Fault.SERVER_ERROR else BadPayload
    )
    standin.fault = None
    assert isinstance(source.quotes(["BTC-USD"])["BTC-USD"], Quote)
    source.close()


def test_the_pause_is_binances_own(standin: BinanceStandin, binance: Binance) -> None:
    pauses = []
    for fault, told in ((Fault.RATE_LIMITED, None), (Fault.BANNED, None), (Fault.BANNED, 300)):
        standin.fault, standin.retry_after = fault, told
        error = failure(lambda: binance.quotes(["BTC-USD"]))
        assert isinstance(error, RateLimited)
        pauses.append(error.retry_after)
    assert pauses == [60, 120, 300]


def test_nobody_there_is_unavailable() -> None:
    source = Binance("http://127.0.0.1:9", timeout=2)
    assert type(failure(lambda: source.quotes(["BTC-USD"]))) is Unavailable
    source.close()


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        ("exchangeInfo", 20), ("klines?symbol=BTCUSDT&limit=1000", 2), ("depth?limit=100", 5), ("depth?limit=101", 25),
        ("depth?limit=1000", 50), ("depth?limit=5000", 250), ("time", 1),
        *((f"ticker/24hr?symbols=[{','.join(['%22A%22'] * count)}]", cost) for count, cost in
          ((1, 2), (20, 2), (21, 40), (100, 40), (101, 80))),
    ],
)  # fmt: skip
def test_each_request_has_binances_weight(path: str, cost: int) -> None:
    assert weight(f"https://api.binance.com/api/v3/{path}") == cost


def test_the_weights_are_paid_and_without_a_budget_nobody_is_asked(standin: BinanceStandin, binance: Binance) -> None:
    spent: list[int] = []
    paid(lambda: binance.quotes(["BTC-USD"]), spent.append)
    assert sum(spent) == 20 + 2 - 1

    def refuse(cost: int) -> None:
        raise BudgetSpent("nothing left")

    standin.requests.clear()
    assert type(failure(lambda: paid(lambda: binance.book("BTC-USD", 3), refuse))) is BudgetSpent
    assert not standin.requests


def test_a_recorded_ticker_keeps_every_field(payloads: Path, standin: BinanceStandin) -> None:
    row = json.loads((payloads / "ticker24hr_BTCUSDT_2021-12-17.json").read_text())
    standin.recorded["ticker/24hr"] = json.dumps([row]).encode()
    source = Binance(standin.url, timeout=30, clock=lambda: NOW)
    assert source.quotes(["BTC-USD"]) == {
        "BTC-USD": Quote(
            symbol="BTC-USD", vendor="binance", as_of=datetime.fromtimestamp(1639734042763 / 1000, UTC),
            received_at=NOW, price=47174.97, bid=47174.96, ask=47174.97, bid_size=0.65849, ask_size=0.13802,
            high=49436.43, low=46749.55, volume=33136.69765, currency="USDT", session=Session.ALWAYS, feed="realtime",
            delayed_by=0, flags=frozenset({"rolling_24h"}),
        )
    }  # fmt: skip
    source.close()


def test_recorded_candles_keep_every_column(payloads: Path, standin: BinanceStandin, binance: Binance) -> None:
    body = (payloads / "klines.json").read_bytes()
    standin.recorded["klines"] = body
    start, end = datetime(2017, 7, 14, tzinfo=UTC), datetime(2018, 3, 2, tzinfo=UTC)
    bars = binance.bars("ETH-BTC", Interval.MINUTE, start, end)
    rows = json.loads(body)
    assert list(bars.start) == [row[0] // 1000 for row in rows]
    for i, column in enumerate(("open", "high", "low", "close", "volume"), 1):
        assert list(getattr(bars, column)) == [float(row[i]) for row in rows]
    assert not bars.last_is_partial


class One(Told):
    """A vendor that has everything."""


def test_the_feed_asks_binance_for_pairs_only(standin: BinanceStandin, binance: Binance) -> None:
    now = datetime.now(UTC)
    yahoo = One("yahoo", lambda symbols: {one: told_quote(one, "yahoo", now) for one in symbols})
    feed = Feed([binance, yahoo], deadline=30)
    answer = feed.quotes(["AAPL", "BTC-USD"])
    assert {symbol: quote.vendor for symbol, quote in answer.value.items()} == {"AAPL": "yahoo", "BTC-USD": "binance"}
    assert [(one.source, one.symbol, one.asked) for one in answer.failures] == [("binance", "AAPL", False)]
    standin.requests.clear()
    assert feed.quotes(["AAPL"]).value["AAPL"].vendor == "yahoo"
    bars = feed.bars("AAPL", Interval.DAY, now - timedelta(days=2), now)
    assert bars.value is not None
    assert not standin.requests
    feed.close()


def test_what_binance_cannot_have_does_not_make_a_share_less_unknown(binance: Binance) -> None:
    yahoo = One("yahoo", lambda symbols: {one: UnknownSymbol("no") for one in symbols})
    feed = Feed([binance, yahoo], deadline=30)
    assert unknown_everywhere("NOPE", feed.quotes(["NOPE"]).failures)
    feed.close()


def test_a_rolling_volume_may_fall() -> None:
    first = binance_quotes.read(ticker(volume="9"), "BTC-USD", "BTC/USDT", NOW)
    second = binance_quotes.read(ticker(volume="8", closeTime=MS + 1), "BTC-USD", "BTC/USDT", NOW)
    assert isinstance(first, Quote)
    assert isinstance(second, Quote)
    (shown,) = check(second, first, None, NOW).passed
    assert shown.flags == {"rolling_24h"}


MS = int(NOW.timestamp() * 1000) - 1000


def ticker(**fields: Any) -> dict[str, Any]:
    return {"lastPrice": "60000.00", "closeTime": MS, **fields}


def test_what_is_absent_is_none_and_what_is_broken_has_a_name() -> None:
    bare = binance_quotes.read(ticker(bidPrice="0.00000000"), "BTC-USD", "BTC/USDT", NOW)
    assert isinstance(bare, Quote)
    assert (bare.bid, bare.ask, bare.high, bare.volume) == (None,) * 4
    assert type(binance_quotes.read(ticker(lastPrice="0.000"), "BTC-USD", "BTC/USDT", NOW)) is NoData
    assert type(binance_quotes.read(ticker(closeTime=None), "BTC-USD", "BTC/USDT", NOW)) is BadPayload
    assert type(binance_quotes.read(None, "BTC-USD", "BTC/USDT", NOW)) is BadPayload


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["1.5", "NaN", "inf", MS, 1500004800000, 10**400, "9" * 400])
)  # fmt: skip
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
tickers = st.fixed_dictionaries(
    {"lastPrice": scalars, "closeTime": st.just(MS) | scalars},
    optional=dict.fromkeys(
        [name for name in binance_quotes.PRICES.values() if name != "lastPrice"], scalars | anything
    ),
)


@settings(max_examples=200, deadline=None)
@given(row=tickers | anything)
def test_any_ticker_gives_a_quote_or_an_error(row: object) -> None:
    answer = binance_quotes.read(row, "BTC-USD", "BTC/USDT", datetime(9999, 12, 31, tzinfo=UTC))
    conformance.check_answer(answer, "BTC-USD", "binance")


candle = st.tuples(st.sampled_from([1500004800000, 1500004860000]) | scalars, *[scalars] * 5).map(list)


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(candle | anything, max_size=4) | anything)
def test_any_candles_give_whole_bars_or_an_error(rows: object) -> None:
    try:
        bars = binance_bars.read(binance_bars.candles(rows), "BTC-USD", Interval.MINUTE, NOW)
    except SourceError:
        return
    conformance.check_whole(bars, binance_bars.FIRST, binance_bars.LAST)


levels = st.lists(st.lists(scalars, max_size=3) | anything, max_size=4) | anything


@settings(max_examples=200, deadline=None)
@given(document=st.fixed_dictionaries({"bids": levels, "asks": levels}) | anything)
def test_any_book_gives_levels_or_an_error(document: object) -> None:
    try:
        book = binance_quotes.book(document, "BTC-USD", 3, NOW)
    except SourceError:
        return
    assert all(level.price > 0 and level.size > 0 for level in (*book.bids, *book.asks))


def test_switched_off_it_is_left_out() -> None:
    entry = conf.MARKETDATA_SOURCES["binance"]
    assert not wiring.is_complete(entry)
    assert wiring.is_complete({**entry, "OPTIONS": {"base_url": "https://api.binance.com"}})


def test_it_offers_what_it_says() -> None:
    assert Binance.capabilities == {Capability.QUOTES, Capability.BARS, Capability.BOOK}
