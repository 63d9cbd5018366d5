"""Recorded payloads of Alpaca, served by the stand-in and read through the real client; and anything else as JSON."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgpack import Timestamp

from goldensignals.tests.shared_data import folder
from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.sources import alpaca_bars, alpaca_errors, alpaca_quotes
from marketdata.sources.alpaca import Alpaca
from marketdata.sources.alpaca_values import Answers, instant
from marketdata.sources.base import BadPayload, NoData, SourceError, UnknownSymbol
from marketdata.standins.alpaca import KEY, SECRET, AlpacaStandin
from marketdata.tests import conformance

SHARES, CRYPTO = "/v2/stocks/snapshots", "/v1beta3/crypto/us/snapshots"
OPTIONS, BARS = "/v1beta1/options/snapshots", "/v2/stocks/bars"


def recorded(name: str) -> bytes:
    return Path(folder("vendors/fixtures/alpaca"), name).read_bytes()


@pytest.fixture
def standin() -> Iterator[AlpacaStandin]:
    with AlpacaStandin() as server:
        yield server


def opened(standin: AlpacaStandin, now: datetime, feed: str = "iex") -> Alpaca:
    return Alpaca(KEY, SECRET, feed, standin.url, standin.url, clock=lambda: now)


def quote(answer: object) -> Quote:
    assert isinstance(answer, Quote), repr(answer)
    return answer


def test_a_share_keeps_every_field_and_its_microseconds(standin: AlpacaStandin) -> None:
    standin.recorded[SHARES], standin.plan = recorded("go_Snapshot.json"), "plus"
    now = datetime(2021, 5, 3, 14, 45, 52, tzinfo=UTC)
    assert opened(standin, now, "sip").quotes(["AAPL"]) == {
        "AAPL": Quote(
            symbol="AAPL", vendor="alpaca", as_of=datetime(2021, 5, 3, 14, 45, 50, 456000, UTC), received_at=now,
            price=133.55, bid=133.54, ask=133.55, bid_size=900, ask_size=700,
            quote_as_of=datetime(2021, 5, 3, 14, 45, 50, 532316, UTC), open=132.04, high=134.07, low=131.83,
            previous_close=131.46, volume=25094213, currency="USD", session=Session.REGULAR, feed="sip", delayed_by=0,
        )
    }  # fmt: skip


def test_before_the_open_the_last_daily_bar_is_the_day_before(standin: AlpacaStandin) -> None:
    standin.recorded[SHARES] = recorded("py_stock_get_snapshot.json")
    friday = quote(opened(standin, datetime(2022, 3, 18, 14, 34, tzinfo=UTC)).quotes(["AAPL"])["AAPL"])
    told = json.loads(standin.recorded[SHARES])["AAPL"]
    assert (friday.open, friday.volume) == (160.59, 31749988)
    assert friday.previous_close == told["prevDailyBar"]["c"]
    saturday = quote(opened(standin, datetime(2022, 3, 19, 14, tzinfo=UTC)).quotes(["AAPL"])["AAPL"])
    assert (saturday.open, saturday.previous_close) == (friday.open, friday.previous_close)
    monday = quote(opened(standin, datetime(2022, 3, 21, 9, tzinfo=UTC)).quotes(["AAPL"])["AAPL"])
    assert (monday.open, monday.high, monday.low, monday.volume) == (None,) * 4
    assert monday.previous_close == told["dailyBar"]["c"] == 161.365


@pytest.mark.parametrize(
    ("name", "symbol", "now"),
    [
        ("go_CryptoSnapshot.json", "ETH-USD", datetime(2021, 12, 8, 21, 40, tzinfo=UTC)),
        ("py_crypto_crypto_get_snapshot.json", "ETH-USD", datetime(2022, 3, 28, 17, 34, tzinfo=UTC)),
        ("go_LatestCryptoSnapshots.json", "BTC-USD", datetime(2022, 2, 26, 5, 59, tzinfo=UTC)),
    ],
)
def test_a_pair_has_coins_and_its_own_day(standin: AlpacaStandin, name: str, symbol: str, now: datetime) -> None:
    standin.recorded[CRYPTO] = recorded(name)
    told = json.loads(standin.recorded[CRYPTO])["snapshots"][symbol.replace("-", "/")]
    answer = quote(opened(standin, now).quotes([symbol])[symbol])
    book, day = told["latestQuote"], told["dailyBar"]
    assert (answer.price, answer.bid, answer.bid_size, answer.ask, answer.ask_size) == (
        told["latestTrade"]["p"], book["bp"], book["bs"], book["ap"], book["as"]
    )  # fmt: skip
    assert (answer.open, answer.high, answer.low, answer.volume) == (day["o"], day["h"], day["l"], day["v"])
    assert answer.previous_close == told["prevDailyBar"]["c"]
    assert (answer.session, answer.currency, answer.feed, answer.delayed_by) == (Session.ALWAYS, "USD", "us", 0)
    later = quote(opened(standin, now + timedelta(days=2)).quotes([symbol])[symbol])
    assert (later.open, later.volume, later.previous_close) == (None, None, day["c"])


def test_an_option_without_a_trade_has_a_bid_and_an_ask(standin: AlpacaStandin) -> None:
    standin.recorded[OPTIONS] = recorded("py_option_get_snapshot_latest_quote_only.json")
    symbol = "AAPL240126P00050000"
    answer = quote(opened(standin, datetime(2024, 2, 2, 21, tzinfo=UTC)).quotes([symbol])[symbol])
    assert (answer.price, answer.bid, answer.bid_size, answer.ask, answer.ask_size) == (None, 0.48, 396, 0.59, 458)
    assert answer.as_of == answer.quote_as_of == datetime(2024, 2, 2, 20, 59, 59, 731674, UTC)


def test_who_is_not_there_is_unknown_and_nobody_there_is_an_error(standin: AlpacaStandin) -> None:
    standin.recorded[SHARES] = recorded("py_stock_get_snapshot_multi_empty_response.json")
    source = opened(standin, datetime(2022, 3, 18, 14, 34, tzinfo=UTC))
    assert isinstance(source.quotes(["NOPE"])["NOPE"], UnknownSymbol)
    with pytest.raises(BadPayload):
        source.quotes(["AAPL", "NOPE"])
    standin.recorded[SHARES] = b'{"AAPL": null, "MSFT": {"latestTrade": null, "latestQuote": null, "dailyBar": null}}'
    answers = source.quotes(["AAPL", "MSFT"])
    assert [type(one) for one in answers.values()] == [UnknownSymbol, NoData]


def bars_of(source: Alpaca, symbol: str, first: date, last: date) -> Bars:
    start, end = (datetime.combine(day, datetime.min.time(), UTC) for day in (first, last))
    bars = source.bars(symbol, Interval.DAY, start, end)
    conformance.check_bars(bars, start, end)
    return bars


def test_daily_bars_begin_with_the_session_date(standin: AlpacaStandin) -> None:
    standin.recorded[BARS] = recorded("go_GetBars_Adjustment.json")
    source = opened(standin, datetime(2026, 1, 5, tzinfo=UTC))
    bars = bars_of(source, "GE", date(2024, 4, 1), date(2024, 4, 4))
    assert [bar.session_date for bar in bars] == [date(2024, 4, 1), date(2024, 4, 2)]
    assert (list(bars.open), list(bars.high)) == ([138.48, 138.96], [138.82, 142.9])
    assert (list(bars.low), list(bars.close)) == ([136.48, 132.49], [138.29, 134.94])
    assert list(bars.volume) == [5905509, 20490401]
    assert (bars.adjusted, bars.last_is_partial) == (True, False)
    assert [bar.session_date for bar in bars_of(source, "GE", date(2024, 4, 2), date(2024, 4, 4))] == [date(2024, 4, 2)]


@pytest.mark.parametrize("name", ["go_GetBars_Asof.json", "go_GetBars_Asof2.json"])
def test_other_daily_bars_keep_every_row(standin: AlpacaStandin, name: str) -> None:
    standin.recorded[BARS] = recorded(name)
    told = json.loads(standin.recorded[BARS])["bars"]["META"]
    bars = bars_of(opened(standin, datetime(2026, 1, 5, tzinfo=UTC)), "META", date(2022, 6, 1), date(2022, 7, 1))
    assert [(bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars] == [
        tuple(row[name] for name in "ohlcv") for row in told
    ]


def test_a_symbol_takes_its_own_rows_and_pairs_those_of_the_hour(standin: AlpacaStandin) -> None:
    standin.recorded[BARS] = recorded("py_stock_multisymbol_get_bars.json")
    source = opened(standin, datetime(2026, 1, 5, tzinfo=UTC))
    (bar,) = bars_of(source, "TSLA", date(2022, 3, 1), date(2022, 3, 20))
    assert (bar.session_date, bar.close) == (date(2022, 3, 9), 858.97)
    standin.recorded["/v1beta3/crypto/us/bars"] = recorded("go_GetCryptoMultiBars.json")
    hour = datetime(2021, 11, 20, 20, tzinfo=UTC)
    (bar,) = source.bars("BTC-USD", Interval.HOUR, hour, hour + timedelta(hours=2))
    assert (bar.start, bar.open, bar.close, bar.volume) == (hour, 59488, 59638, 73.079)
    standin.recorded["/v1beta1/options/bars"] = recorded("py_option_multisymbol_get_bars.json")
    noon = datetime(2024, 3, 12, 13, tzinfo=UTC)
    bars = source.bars("SPY240426C00550000", Interval.HOUR, noon, noon + timedelta(hours=9))
    assert (list(bars.close), list(bars.volume), bars.adjusted) == ([0.37, 0.51], [1, 16], False)


@pytest.mark.parametrize(
    "name", ["py_stock_get_bars_multi_empty_response.json", "py_stock_get_bars_single_empty_response.json"]
)
def test_no_bars_are_no_bars(standin: AlpacaStandin, name: str) -> None:
    standin.recorded[BARS] = recorded(name)
    source = opened(standin, datetime(2026, 1, 5, tzinfo=UTC))
    assert not len(bars_of(source, "AAPL", date(2024, 3, 1), date(2024, 3, 9)))
    with pytest.raises(UnknownSymbol):
        bars_of(source, "NOPE", date(2024, 3, 1), date(2024, 3, 9))


def test_a_side_without_a_price_has_no_size_and_sizes_are_shares_since_november_2025() -> None:
    row = {"latestQuote": {"bp": 1.5, "bs": 3, "ap": 0, "as": 0, "t": "2026-01-05T15:00:00.5Z"}}
    answer = quote(alpaca_quotes.read({"A": row}, {"A": "A"}, datetime(2026, 1, 5, 16, tzinfo=UTC), "iex")["A"])
    assert (answer.bid, answer.bid_size, answer.ask, answer.ask_size, answer.price) == (1.5, 3, None, None, None)


def test_a_price_without_its_time_is_no_price() -> None:
    rows = {"A": {"latestTrade": {"p": 1.5}}, "B": {"latestTrade": {"p": 1.5, "t": "soon"}, "latestQuote": {"bp": 1}}}
    answers = alpaca_quotes.read(rows, {"A": "A", "B": "B"}, datetime(2026, 1, 5, 16, tzinfo=UTC), "iex")
    assert [type(one) for one in answers.values()] == [BadPayload, BadPayload]


@given(st.integers() | st.text(max_size=30) | st.builds(Timestamp, st.integers(0, 2**63), st.integers(0, 999_999_999)))
def test_a_time_in_another_unit_is_no_time(value: Any) -> None:
    at = instant(value)
    assert at is None or 2000 <= at.year < 2100


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
times = st.sampled_from(["2026-01-05T15:00:00.123456789Z", "2026-01-05T15:00:00", "9999-12-31T23:59:59-12:00", "x"])
cells = st.dictionaries(
    st.sampled_from(["p", "s", "t", "o", "h", "l", "c", "v", "bp", "ap", "bs", "as"]),
    st.integers() | st.floats() | times | json_values, max_size=8,
)  # fmt: skip
PARTS = ["latestTrade", "latestQuote", "minuteBar", "dailyBar", "prevDailyBar"]
rows = st.fixed_dictionaries({}, optional=dict.fromkeys(PARTS, cells | json_values))
ASKED = {"AAPL": "AAPL", "BTC-USD": "BTC/USD", "AAPL261218C00240000": "AAPL261218C00240000"}


@given(st.dictionaries(st.sampled_from([*ASKED.values(), "other"]), rows | json_values) | json_values)
def test_any_snapshot_gives_values_or_errors_of_the_tree(document: Any) -> None:
    answers: Answers = {}
    with suppress(SourceError):
        answers = alpaca_quotes.read(document, ASKED, datetime(2101, 1, 1, tzinfo=UTC), "iex")
    for symbol, answer in answers.items():
        conformance.check_answer(answer, symbol, "alpaca")


@given(st.dictionaries(st.just("AAPL"), st.lists(cells | json_values) | json_values), st.sampled_from(list(Interval)))
def test_any_bars_give_columns_or_errors_of_the_tree(document: dict[str, Any], interval: Interval) -> None:
    now = datetime(2026, 1, 5, 15, tzinfo=UTC)
    with suppress(SourceError):
        bars = alpaca_bars.read(alpaca_bars.listed(document, "AAPL"), "AAPL", interval, now, 0)
        assert all(bar.low > 0 and (bar.volume is None or bar.volume >= 0) for bar in bars)


@given(st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode()), st.integers(300, 599))
def test_any_refusal_is_an_error_of_the_tree(body: bytes, status: int) -> None:
    assert isinstance(alpaca_errors.refused(status, body, {}), SourceError)
