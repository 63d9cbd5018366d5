"""Rows of Yahoo's quote list, made by hand: what each oddity becomes."""

from datetime import UTC, datetime

import pytest

from marketdata.domain import Quote, Session
from marketdata.sources.base import BadPayload, NoData, SourceError, UnknownSymbol
from marketdata.sources.yahoo_quotes import read

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
AT = 1772463590


def one(symbol: str = "AAPL", spelling: str | None = None, **row: object) -> Quote | SourceError:
    """The answer for a row with a price of 10 a few seconds ago, and `row` on top."""
    whole = {
        "symbol": spelling or symbol,
        "regularMarketPrice": 10,
        "regularMarketTime": AT,
        "quoteType": "EQUITY",
        **row,
    }
    return read({"quoteResponse": {"result": [whole], "error": None}}, {symbol: spelling or symbol}, NOW)[symbol]


def quote(symbol: str = "AAPL", spelling: str | None = None, **row: object) -> Quote:
    answer = one(symbol, spelling, **row)
    assert isinstance(answer, Quote)
    return answer


@pytest.mark.parametrize(
    ("state", "session"),
    [
        ("PREPRE", Session.PRE), ("PRE", Session.PRE), ("REGULAR", Session.REGULAR), ("POST", Session.POST),
        ("POSTPOST", Session.POST), ("CLOSED", Session.CLOSED), ("?", Session.CLOSED), (None, Session.CLOSED),
    ],
)  # fmt: skip
def test_the_state_of_the_market_is_the_session(state: str | None, session: Session) -> None:
    assert quote(marketState=state).session is session


@pytest.mark.parametrize("kind", ["CRYPTOCURRENCY", "CURRENCY"])
def test_what_never_closes_is_24h_and_indicative(kind: str) -> None:
    found = quote(quoteType=kind, marketState="REGULAR", exchangeDataDelayedBy=0, regularMarketVolume=0)
    assert (found.session, found.feed, found.volume) == (Session.ALWAYS, "indicative", None)


def test_a_crossed_market_is_handed_on_as_it_came() -> None:
    """Yahoo's EURUSD=X did come so; to drop both sides is for the quality checks."""
    found = quote("EUR-USD", "EURUSD=X", quoteType="CURRENCY", bid=1.0489877, ask=1.0484378)
    assert (found.symbol, found.bid, found.ask) == ("EUR-USD", 1.0489877, 1.0484378)


def test_an_index_has_no_bid_and_no_ask() -> None:
    found = quote("^GSPC", quoteType="INDEX", bid=0, ask=0, bidSize=0, askSize=0)
    assert (found.bid, found.ask, found.bid_size, found.ask_size) == (None, None, None, None)


def test_formatted_numbers_are_their_raw_values() -> None:
    found = quote(
        regularMarketPrice={"raw": 12.5, "fmt": "12.50"}, regularMarketTime={"raw": AT, "fmt": "10:59AM EST"},
        regularMarketVolume={"raw": 1200, "fmt": "1.2k", "longFmt": "1,200"}, bid={}, ask=None,
    )  # fmt: skip
    assert (found.price, found.volume, found.bid, found.ask) == (12.5, 1200, None, None)
    assert found.as_of == datetime.fromtimestamp(AT, UTC)


@pytest.mark.parametrize(("unit", "currency"), [("GBp", "GBP"), ("ZAc", "ZAR"), ("ILA", "ILS")])
def test_hundredths_become_whole_units_but_sizes_stay(unit: str, currency: str) -> None:
    found = quote(currency=unit, bid=999, ask=1001, bidSize=700, postMarketPrice=1010, postMarketTime=AT + 5)
    assert (found.currency, found.price, found.bid, found.ask, found.bid_size) == (currency, 0.1, 9.99, 10.01, 700)
    assert found.ext_price == 10.1


def test_delay_is_minutes_there_and_seconds_here() -> None:
    assert (quote(exchangeDataDelayedBy=15).delayed_by, quote(exchangeDataDelayedBy=15).feed) == (900, "delayed")
    assert (quote(exchangeDataDelayedBy=0).delayed_by, quote(exchangeDataDelayedBy=0).feed) == (0, "realtime")
    assert (quote().delayed_by, quote().feed) == (None, None)


def test_the_later_of_two_extended_prices_counts_and_one_without_a_time_does_not() -> None:
    both = quote(preMarketPrice=11, preMarketTime=AT + 50, postMarketPrice=9, postMarketTime=AT - 40000)
    assert (both.ext_price, both.ext_as_of) == (11, datetime.fromtimestamp(AT + 50, UTC))
    timeless = quote(preMarketPrice=11)
    assert (timeless.ext_price, timeless.ext_as_of) == (None, None)


def test_unknown_keys_and_missing_ones_do_no_harm() -> None:
    found = quote(somethingNew={"a": [1]}, overnightMarketPrice=3)
    assert (found.price, found.open, found.high, found.low, found.previous_close) == (10, None, None, None, None)


@pytest.mark.parametrize("price", [None, 0, -1, "10", True, float("nan"), float("inf")])
def test_without_a_price_there_is_no_data(price: object) -> None:
    assert isinstance(one(regularMarketPrice=price), NoData)


@pytest.mark.parametrize("time", [None, 0, "now", 10**17])
def test_a_price_without_its_time_is_a_bad_payload(time: object) -> None:
    assert isinstance(one(regularMarketTime=time), BadPayload)


def test_what_is_not_a_security_any_more_is_unknown() -> None:
    assert isinstance(one(quoteType="NONE"), UnknownSymbol)


def test_answers_are_mapped_back_by_the_request() -> None:
    asked = {"BRK.B": "BRK-B", "EUR-USD": "EURUSD=X", "BTC-USD": "BTC-USD", "GONE": "GONE"}
    rows = [
        {"symbol": sent, "regularMarketPrice": 5, "regularMarketTime": AT} for sent in ("BTC-USD", "brk-b", "EURUSD=X")
    ]
    answers = read({"quoteResponse": {"result": [*rows, None, {"symbol": "OTHER"}]}}, asked, NOW)
    assert set(answers) == set(asked)
    assert {symbol for symbol, answer in answers.items() if isinstance(answer, Quote)} == set(asked) - {"GONE"}
    assert isinstance(answers["GONE"], UnknownSymbol)


@pytest.mark.parametrize(
    "payload",
    [{}, [], None, 3, "text", {"quoteResponse": None}, {"quoteResponse": {"result": None, "error": {"code": "x"}}},
     {"quoteResponse": {"result": {}}}, {"quoteResponse": {"result": [None]}}, {"finance": {"error": {}}}],
)  # fmt: skip
def test_another_shape_is_a_bad_payload(payload: object) -> None:
    with pytest.raises(BadPayload):
        read(payload, {"AAPL": "AAPL"}, NOW)


def test_an_empty_list_is_unknown_for_one_symbol_and_a_bad_payload_for_many() -> None:
    empty: object = {"quoteResponse": {"result": [], "error": None}}
    assert isinstance(read(empty, {"AAPL": "AAPL"}, NOW)["AAPL"], UnknownSymbol)
    with pytest.raises(BadPayload):
        read(empty, {"AAPL": "AAPL", "MSFT": "MSFT"}, NOW)
