"""Recorded payloads of Polygon, served by the stand-in and read through the real client; and anything else as JSON."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldensignals.tests.shared_data import folder
from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.sources import polygon_bars, polygon_errors, polygon_quotes
from marketdata.sources.base import BadPayload, NotEntitled, SourceError, UnknownSymbol
from marketdata.sources.polygon import Polygon
from marketdata.sources.polygon_line import Reply
from marketdata.sources.polygon_values import NANO, decode, following, instant
from marketdata.standins.polygon import KEY, PolygonStandin
from marketdata.tests import conformance

SNAPSHOT = "/v2/snapshot/locale/us/markets/stocks/tickers"
NOW = datetime(2026, 1, 5, 15, tzinfo=UTC)


@pytest.fixture
def standin() -> Iterator[PolygonStandin]:
    with PolygonStandin() as server:
        yield server


@pytest.fixture
def polygon(standin: PolygonStandin) -> Iterator[Polygon]:
    source = Polygon(KEY, standin.base_url, clock=lambda: NOW)
    yield source
    source.close()


def recorded(name: str) -> bytes:
    return Path(folder("vendors/fixtures/polygon"), name).read_bytes()


def quote(answer: Quote | SourceError) -> Quote:
    assert isinstance(answer, Quote), answer
    return answer


def test_a_share_keeps_every_field_and_its_nanoseconds(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.recorded[SNAPSHOT] = recorded("v2_snapshot_locale_us_markets_stocks_tickers_AAPL.json")
    assert polygon.quotes(["AAPL"]) == {
        "AAPL": Quote(
            symbol="AAPL", vendor="polygon", as_of=datetime(2022, 4, 29, 17, 5, 48, 294080, UTC), received_at=NOW,
            price=159.99, bid=159.98, ask=159.99, bid_size=300, ask_size=500,
            quote_as_of=datetime(2022, 4, 29, 17, 5, 48, 407646, UTC), open=161.84, high=166.2, low=159.8,
            previous_close=163.64, volume=68840127, currency="USD", session=Session.REGULAR, feed="realtime",
            delayed_by=0,
        )
    }  # fmt: skip


def test_a_list_of_shares_leaves_out_whom_it_does_not_know(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.recorded[SNAPSHOT] = recorded("v2_snapshot_locale_us_markets_stocks_tickers_index.json")
    answers = polygon.quotes(["BCAT", "AAPL"])
    bcat = quote(answers["BCAT"])
    assert (bcat.price, bcat.bid, bcat.ask, bcat.bid_size, bcat.ask_size) == (20.506, 20.5, 20.6, 1300, 2200)
    assert bcat.as_of == datetime(2020, 11, 12, 14, 54, 54, 630916, UTC)
    assert (bcat.open, bcat.high, bcat.low, bcat.previous_close, bcat.volume) == (20.64, 20.64, 20.506, 20.63, 37216)
    assert isinstance(answers["AAPL"], UnknownSymbol)


def test_indices_have_an_error_for_each_that_is_missing_and_no_price_without_a_time() -> None:
    document = json.loads(recorded("v3_snapshot_indices_ticker.any_of_SPX%2CAPx%2CAPy.json"))
    asked = {"^GSPC": "I:SPX", "^APX": "APx", "^APY": "APy"}
    answers = polygon_quotes.mixed(document["results"], asked, NOW, 0)
    assert [type(one) for one in answers.values()] == [BadPayload, UnknownSymbol, NotEntitled]
    document["results"][0]["last_updated"] = 1671483600000000000
    spx = quote(polygon_quotes.mixed(document["results"], asked, NOW, 0)["^GSPC"])
    assert (spx.price, spx.open, spx.high, spx.previous_close) == (3822.39, 3827.38, 3834.41, 3812.19)
    assert (spx.session, spx.bid, spx.volume, spx.currency) == (Session.CLOSED, None, None, None)
    assert spx.as_of == datetime(2022, 12, 19, 21, tzinfo=UTC)


def test_daily_bars_begin_with_the_session_date(standin: PolygonStandin, polygon: Polygon) -> None:
    path = "/v2/aggs/ticker/AAPL/range/1/day/2005-04-01/2005-04-04"
    standin.recorded[path] = recorded("v2_aggs_ticker_AAPL_range_1_day_2005-04-01_2005-04-04.json")
    start, end = datetime(2005, 4, 1, tzinfo=UTC), datetime(2005, 4, 5, tzinfo=UTC)
    bars = polygon.bars("AAPL", Interval.DAY, start, end)
    assert [bar.session_date for bar in bars] == [date(2005, 4, 1), date(2005, 4, 4)]
    assert list(bars.open) == [1.5032, 1.4639]
    assert list(bars.high) == [1.5064, 1.4754]
    assert list(bars.low) == [1.4489, 1.4343]
    assert list(bars.close) == [1.4604, 1.4675]
    assert list(bars.volume) == [642646396, 578172308]
    assert (bars.adjusted, bars.last_is_partial) == (True, False)
    conformance.check_bars(bars, start, end)


@pytest.mark.parametrize(
    "name",
    ["v2_aggs_ticker_AAPL_prev.json", "v2_aggs_grouped_locale_us_market_stocks_2005-04-04_adjusted_true.json"],
)
def test_other_daily_bars_have_the_date_of_their_afternoon(name: str) -> None:
    rows = polygon_bars.listed(decode(recorded(name)))
    bars = polygon_bars.read(rows, "AAPL", Interval.DAY, NOW, 0)
    told = datetime.fromtimestamp(int(rows[0]["t"]) / 1000, UTC)
    assert [bar.session_date for bar in bars] == [told.date()]


def test_the_market_after_hours_is_not_closed(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.recorded["/v1/marketstatus/now"] = recorded("v1_marketstatus_now.json")
    standin.table = {}
    with pytest.raises(BadPayload):
        polygon.quotes(["AAPL", "SPY"])


EMPTIED = {
    "ticker": "AAPL", "day": dict.fromkeys("ohlcv", 0), "min": dict.fromkeys("ohlcvt", 0), "prevDay": {"c": 163.64},
    "updated": 0,
}  # fmt: skip


def test_an_emptied_snapshot_has_nothing_but_the_day_before() -> None:
    traded = {**EMPTIED, "lastTrade": {"p": 160.5, "t": 1783555199000000000, "s": 1}}
    answer = quote(polygon_quotes.shares({"tickers": [traded]}, {"AAPL": "AAPL"}, NOW, 0)["AAPL"])
    assert (answer.open, answer.high, answer.low, answer.volume) == (None,) * 4
    assert (answer.price, answer.previous_close) == (160.5, 163.64)
    assert (answer.session, answer.ext_price, answer.ext_as_of) == (Session.POST, 160.5, answer.as_of)
    empty = polygon_quotes.shares({"tickers": [EMPTIED]}, {"AAPL": "AAPL"}, NOW, 0)["AAPL"]
    assert isinstance(empty, SourceError)


def test_sizes_are_shares_since_november_2025() -> None:
    row = {"ticker": "A", "lastQuote": {"p": 1.5, "s": 3, "P": 1.6, "S": 5, "t": 1767625200_000_000_000}}
    answer = quote(polygon_quotes.shares({"tickers": [row]}, {"A": "A"}, NOW, 0)["A"])
    assert (answer.bid_size, answer.ask_size, answer.price, answer.as_of) == (3, 5, None, answer.quote_as_of)


@given(st.integers())
def test_a_time_in_another_unit_is_no_time(ticks: int) -> None:
    at = instant(ticks, NANO)
    assert at is None or 2000 <= at.year < 2100


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
numbers = st.none() | st.integers() | st.floats() | st.just(1767625200_000_000_000) | st.just(1767625200_000)
cells = st.dictionaries(
    st.sampled_from(
        ["p", "P", "s", "S", "t", "o", "h", "l", "c", "v", "price", "bid", "ask", "value", "open", "close", "midpoint",
         "last_updated", "sip_timestamp", "timeframe", "volume", "bid_size"]
    ), numbers | json_values, max_size=8,
)  # fmt: skip
NAMES = ["lastTrade", "lastQuote", "day", "min", "prevDay", "session", "last_quote", "last_trade", "last_minute"]
rows = st.fixed_dictionaries(
    {"ticker": st.sampled_from(["AAPL", "I:SPX", "X:BTCUSD", "C:EURUSD"]) | json_values},
    optional=dict.fromkeys([*NAMES, "value", "updated", "error", "market_status", "timeframe"], cells | json_values),
)
ASKED = {"AAPL": "AAPL", "^GSPC": "I:SPX", "BTC-USD": "X:BTCUSD", "EUR-USD": "C:EURUSD"}
documents = st.dictionaries(
    st.sampled_from(["tickers", "ticker", "results", "status"]), st.lists(rows | json_values, max_size=4) | json_values
)


@given(documents)
def test_any_snapshot_gives_values_or_errors_of_the_tree(document: dict[str, Any]) -> None:
    late = datetime(2101, 1, 1, tzinfo=UTC)
    answers: polygon_quotes.Answers = {}
    with suppress(SourceError):
        answers = polygon_quotes.shares(document, ASKED, late, 0)
    for symbol, answer in answers.items():
        conformance.check_answer(answer, symbol, "polygon")
    listed = document.get("results")
    found = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    with suppress(SourceError):
        answers = polygon_quotes.mixed(found, ASKED, late, 0)
    for symbol, answer in answers.items():
        conformance.check_answer(answer, symbol, "polygon")


@given(
    st.dictionaries(st.sampled_from(["results", "resultsCount"]), st.lists(cells | json_values) | json_values),
    st.sampled_from(list(Interval)),
)
def test_any_bars_give_columns_or_errors_of_the_tree(document: dict[str, Any], interval: Interval) -> None:
    try:
        bars = polygon_bars.read(polygon_bars.listed(document), "AAPL", interval, NOW, None)
    except SourceError:
        return
    assert isinstance(bars, Bars)
    assert all(bar.low > 0 and (bar.volume is None or bar.volume >= 0) for bar in bars)


@given(st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode()), st.integers(100, 599))
def test_any_body_and_status_gives_a_document_or_an_error_of_the_tree(body: bytes, status: int) -> None:
    if status != 200:
        assert isinstance(polygon_errors.refused(Reply(status, body, {})), SourceError)  # type: ignore[arg-type]
    with suppress(SourceError):
        following(polygon_errors.check(decode(body)))
