"""What Interactive Brokers' tickers, rows, codes and limits mean: one trap at a time, then anything at all."""

import math
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.domain import Interval, Quote
from marketdata.sources import ib_bars, ib_errors, ib_pacing, ib_quotes, ib_values
from marketdata.sources.base import NoData, RateLimited, SourceError, VendorTimeout
from marketdata.tests import conformance
from marketdata.tests.tws import NOW, ticker

NAN = float("nan")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("HMDS query returned no data: AAPL@SMART Trades", NoData),
        ("Historical data request pacing violation", RateLimited),
        ("API historical data query cancelled: 5", VendorTimeout),
    ],
)
def test_162_means_what_its_text_says(text: str, error: type[SourceError]) -> None:
    assert type(ib_errors.named(162, f"Historical Market Data Service error message:{text}")) is error


def read(**values: Any) -> Quote:
    found = ib_quotes.quote("AAPL", ticker(**values), "USD", 1, NOW, warned=False)
    assert isinstance(found, Quote)
    return found


def test_minus_one_nan_and_no_size_are_absent() -> None:
    one = read(last=10.0, bid=-1.0, bidSize=0.0, ask=NAN, askSize=5.0, high=-1.0, volume=-1.0)
    assert (one.bid, one.ask, one.bid_size, one.ask_size, one.high, one.volume) == (None,) * 6
    assert isinstance(ib_quotes.quote("AAPL", ticker(bid=-1.0, ask=-1.0), "USD", 1, NOW, warned=False), NoData)


def test_the_price_is_as_old_as_its_trade_not_as_the_last_packet() -> None:
    at = datetime(2026, 3, 11, 15, 59, 0, tzinfo=UTC)
    assert read(last=10.0, lastTimestamp=at).as_of == at
    assert read(last=10.0, lastTimestamp=at, rtTime=at + timedelta(milliseconds=250)).as_of.microsecond == 250_000
    assert read(last=10.0, rtTime=at).as_of == at
    assert read(last=10.0).flags == {"no_exchange_time"}
    late = read(last=10.0, delayedLastTimestamp=at)
    assert (late.as_of, late.feed, late.delayed_by) == (at, "delayed", 900)


@pytest.mark.parametrize(
    ("kind", "feed", "delay"),
    [(1, "realtime", 0), (2, "frozen", None), (3, "delayed", 900), (4, "delayed_frozen", None), (9, None, None)],
)
def test_each_type_of_market_data_has_its_label(kind: int, feed: str | None, delay: int | None) -> None:
    one = read(last=10.0, marketDataType=kind)
    assert (one.feed, one.delayed_by) == (feed, delay)


def test_bid_and_ask_of_a_live_line_hold_when_it_last_spoke() -> None:
    long_ago = NOW - timedelta(minutes=10)
    one = read(last=10.0, lastTimestamp=long_ago, bid=9.9, bidSize=1.0)
    assert (one.as_of, one.quote_as_of) == (long_ago, NOW)
    assert read(last=10.0, lastTimestamp=long_ago).quote_as_of is None
    assert read(last=10.0, delayedLastTimestamp=long_ago, bid=9.9, bidSize=1.0).quote_as_of is None


def test_a_halt_is_flagged() -> None:
    assert "halted" in read(last=10.0, halted=1.0, lastTimestamp=NOW).flags
    assert not read(last=10.0, halted=0.0, lastTimestamp=NOW).flags


def test_a_reused_ticker_forgets() -> None:
    old = ticker(last=10.0, bid=9.0, lastTimestamp=NOW, marketDataType=3, close=8.0)
    ib_quotes.wipe(old)
    assert isinstance(ib_quotes.quote("AAPL", old, "USD", 1, NOW, warned=False), NoData)
    assert old.marketDataType == 1


def test_ten_minutes_hold_sixty_requests_and_two_seconds_five_of_one_contract() -> None:
    pacer, now, sent = ib_pacing.Pacer(), 0.0, []
    for i in range(200):
        wait = pacer.wait(i % 3, i, now)
        now += wait
        assert pacer.wait(i % 3, i, now) == pytest.approx(0, abs=1e-9)
        pacer.sent(i % 3, i, now)
        sent.append((now, i % 3))
    for at, one in sent:
        assert sum(at - 600 < other <= at for other, _ in sent) <= 60
        assert sum(at - 2 < other <= at and same == one for other, same in sent) <= 5


def test_the_same_request_waits_and_bid_ask_counts_twice() -> None:
    pacer = ib_pacing.Pacer()
    pacer.sent("AAPL", "x", 0.0, weight=2)
    assert pacer.wait("AAPL", "x", 1.0) == 14.0
    assert pacer.wait("AAPL", "y", 1.0) == 0.0
    for i in range(29):
        pacer.sent(i, i, 100.0, weight=2)
    assert pacer.wait("SPY", "z", 101.0, weight=1) == 499.0


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.datetimes()
times = st.none() | st.datetimes(timezones=st.just(UTC)) | st.datetimes() | st.text(max_size=4)
tickers = st.builds(
    SimpleNamespace,
    **dict.fromkeys(ib_quotes.READ, anything), **dict.fromkeys(ib_quotes.TIMES, times),
    marketDataType=st.integers(0, 5) | anything,
)  # fmt: skip


@given(tickers, st.sampled_from(["AAPL", "^GSPC", "EUR-USD", "OCDO.L"]), st.booleans())
def test_any_ticker_gives_a_quote_or_an_error_of_the_tree(one: Any, symbol: str, warned: bool) -> None:
    late = datetime(2101, 1, 1, tzinfo=UTC)
    answer = ib_quotes.quote(symbol, one, "USD", 100, late, warned)
    if isinstance(answer, Quote) and answer.as_of > late:
        return
    conformance.check_answer(answer, symbol, "ib")


rows = st.builds(
    SimpleNamespace, date=times | st.dates(), open=anything, high=anything, low=anything, close=anything,
    volume=anything,
)  # fmt: skip


@given(st.lists(rows, max_size=5), st.sampled_from(list(Interval)))
def test_any_rows_give_columns_or_an_error_of_the_tree(found: list[Any], interval: Interval) -> None:
    with suppress(SourceError):
        bars = ib_bars.read(found, "AAPL", interval, NOW)
        assert all(bar.low > 0 and (bar.volume is None or bar.volume >= 0) for bar in bars)


@given(st.integers(-10, 20_000), st.text(max_size=40))
def test_any_code_is_news_or_an_error_of_the_tree(code: int, text: str) -> None:
    error = ib_errors.named(code, text)
    assert error is None or isinstance(error, SourceError)


@given(
    st.sampled_from(list(Interval)), st.integers(0, 3_000_000_000), st.integers(0, 400 * 86_400),
    st.integers(0, 3_000_000_000),
)  # fmt: skip
def test_pages_cover_the_range_and_end(interval: Interval, first: int, length: int, now: int) -> None:
    start = datetime.fromtimestamp(first, UTC)
    pages = ib_bars.pages(interval, start, start + timedelta(seconds=length), datetime.fromtimestamp(now, UTC))
    most = 400 / ib_bars.DAYS_PER_REQUEST.get(interval, 7)
    assert len(pages) <= math.ceil(most) + 1
    assert all(re.fullmatch(r"\d+ [SDY]", page.duration) for page in pages)


def test_a_price_of_which_a_division_leaves_nothing_is_none() -> None:
    assert ib_values.price(8.4e-73, 100) is None
    assert ib_values.price(12.5, 100) == 0.125
