"""Polygon's option chains, news and order books: the stand-in, recorded payloads, and anything else as JSON."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldensignals.tests.shared_data import folder
from marketdata.chains import OptionChain, OptionQuote, Right
from marketdata.headlines import Headline, Level
from marketdata.sources import polygon_chain, polygon_news
from marketdata.sources.base import (
    BadPayload,
    NoData,
    NotEntitled,
    SourceError,
    UnknownSymbol,
    Unsupported,
)
from marketdata.sources.polygon import Polygon
from marketdata.sources.polygon_values import MILLI, decode
from marketdata.standins.polygon import KEY, Fault, PolygonStandin

NOW = datetime(2026, 3, 11, 16, tzinfo=UTC)
FAR = date(2100, 1, 1)


@pytest.fixture
def standin() -> Iterator[PolygonStandin]:
    with PolygonStandin() as server:
        yield server


@pytest.fixture
def polygon(standin: PolygonStandin) -> Iterator[Polygon]:
    source = Polygon(KEY, standin.base_url, timeout=3)
    yield source
    source.close()


def recorded(name: str) -> bytes:
    return Path(folder("vendors/fixtures/polygon"), name).read_bytes()


def test_a_chain_comes_whole_in_pages(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.page = 50
    chain = polygon.option_chain("AAPL", date(2000, 1, 1), FAR)
    assert (len(chain.quotes), chain.left_out, len(chain.expiries)) == (4 * 11 * 2, (), 4)
    assert standin.requests == {"options": 2}
    assert polygon.option_expiries("AAPL") == chain.expiries
    first = polygon.option_chain("AAPL", chain.expiries[0], chain.expiries[1])
    assert first.expiries == chain.expiries[:2]


def test_contracts_without_greeks_or_volatility_have_none(polygon: Polygon) -> None:
    chain = polygon.option_chain("AAPL", date(2000, 1, 1), FAR)
    without = [quote for quote in chain.quotes if quote.iv is None]
    assert without
    for quote in without:
        assert (quote.delta, quote.gamma, quote.theta, quote.vega, quote.rho) == (None,) * 5
        assert quote.last is not None
        assert quote.bid is not None
    assert {quote.contract.right for quote in chain.quotes} == {Right.CALL, Right.PUT}


def test_the_chain_of_an_index_is_asked_with_its_prefix(polygon: Polygon) -> None:
    chain = polygon.option_chain("^GSPC", date(2000, 1, 1), FAR)
    assert chain.underlying == "^GSPC"
    assert {quote.contract.root for quote in chain.quotes} == {"SPX"}
    assert polygon.option_expiries("^GSPC") == chain.expiries


def test_what_has_no_chain_says_so(standin: PolygonStandin, polygon: Polygon) -> None:
    for ask in (
        lambda: polygon.option_chain("NOPE", NOW.date(), FAR),
        lambda: polygon.option_chain("AAPL", FAR, FAR),
        lambda: polygon.option_expiries("NOPE"),
    ):
        with pytest.raises(NoData):
            ask()
    with pytest.raises(Unsupported):
        polygon.option_chain("OCDO.L", NOW.date(), FAR)
    with pytest.raises(UnknownSymbol):
        polygon.option_chain("../AAPL", NOW.date(), FAR)
    standin.lacks = {"options"}
    with pytest.raises(NotEntitled):
        polygon.option_chain("AAPL", NOW.date(), FAR)
    standin.lacks, standin.fault = set(), Fault.EMPTY_OBJECT
    with pytest.raises(BadPayload):
        polygon.option_chain("AAPL", NOW.date(), FAR)


def test_a_recorded_chain_keeps_every_field(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.recorded["/v3/snapshot/options/AAPL"] = recorded("v3_snapshot_options_AAPL.json")
    chain = polygon.option_chain("AAPL", date(2023, 6, 16), date(2023, 6, 16))
    (quote,) = chain.quotes
    assert quote == OptionQuote(
        contract=quote.contract, vendor="polygon", received_at=chain.received_at, bid=28.9, ask=29.25, bid_size=294,
        ask_size=209, quote_as_of=datetime(2022, 4, 29, 17, 44, 20, 800059, UTC), last=29.25,
        last_as_of=datetime(2023, 3, 13, 14, 42, 7, 714665, UTC), volume=8, open_interest=8133,
        iv=0.3570277203465058, delta=0.6436614934293701, gamma=0.0061735291012820675, theta=-0.028227189324641973,
        vega=0.6381159723175714, underlying_price=159.9606, feed="realtime", delayed_by=0,
    )  # fmt: skip
    contract = quote.contract
    assert (contract.symbol, contract.underlying, contract.expiry) == ("AAPL230616C00150000", "AAPL", date(2023, 6, 16))
    assert (contract.strike, contract.right, contract.multiplier) == (150, Right.CALL, 100)


def test_recorded_contracts_expire_when_they_say(standin: PolygonStandin, polygon: Polygon) -> None:
    standin.recorded["/v3/reference/options/contracts"] = recorded("v3_reference_options_contracts.json")
    assert polygon.option_expiries("A") == (date(2022, 5, 20),)
    # The stand-in answers the next page with the same payload, which names itself as the next.
    assert standin.requests == {"contracts": 2}


def row(**more: Any) -> dict[str, Any]:
    details = {"ticker": "O:AAPL1230616C00150000", "strike_price": 150, "expiration_date": "2023-06-16", **more}
    return {"details": details, "implied_volatility": None, "greeks": {}}


def test_a_bad_row_loses_nobody_else_and_an_adjusted_one_is_flagged() -> None:
    rows = [row(shares_per_contract=28), row(strike_price=15), row(ticker="O:AAPL231316C00150000"), row(ticker=7), 5]
    chain = polygon_chain.read(rows, "AAPL", NOW, None)
    (quote,) = chain.quotes
    assert (quote.contract.multiplier, quote.flags, quote.delayed_by) == (28, {"adjusted"}, None)
    assert len(chain.left_out) == 4


def test_the_latest_news_of_several_symbols_come_once_newest_first(polygon: Polygon) -> None:
    news = polygon.news(["AAPL", "MSFT", "AAPL", "OCDO.L"], 7)
    assert len({one.id for one in news}) == 7
    assert [one.published_at for one in news] == sorted((one.published_at for one in news), reverse=True)
    assert {one.symbols for one in news} == {("AAPL", "SPY"), ("MSFT", "SPY")}
    assert {one.tone for one in news} <= {1.0, 0.0, -1.0}
    assert polygon.news(["NOPE"], 5) == ()


def test_a_recorded_headline_keeps_every_field(standin: PolygonStandin, polygon: Polygon) -> None:
    body = recorded("v2_reference_news_ticker_NFLX.json")
    standin.recorded["/v2/reference/news"] = body
    told = json.loads(body)["results"][0]
    assert polygon.news(["NFLX"], 5) == (
        Headline(
            vendor="polygon", id="JeJEhAVoKaqJ2zF9nzQYMg07UlEeWlis6Dsop33TPQY", title=told["title"],
            published_at=datetime(2022, 4, 28, 17, 8, tzinfo=UTC), symbols=("MSFT", "TSN", "NFLX", "AMZN"),
            url=told["article_url"], publisher="MarketWatch", summary=told["description"], tone=None,
        ),
    )  # fmt: skip


def test_a_book_is_of_a_crypto_pair_and_sorted(polygon: Polygon) -> None:
    book = polygon.book("BTC-USD", 3)
    assert [level.price for level in book.bids] == sorted((level.price for level in book.bids), reverse=True)
    assert [level.price for level in book.asks] == sorted(level.price for level in book.asks)
    assert (len(book.bids), book.bids[0].size, book.asks[0].price > book.bids[0].price) == (3, 0.75, True)
    with pytest.raises(Unsupported):
        polygon.book("AAPL", 3)
    with pytest.raises(UnknownSymbol):
        polygon.book("DOGE-USD", 3)


def test_a_recorded_book_adds_up_its_exchanges() -> None:
    document = decode(recorded("v2_snapshot_locale_global_markets_crypto_tickers_X_BTCUSD_book.json"))
    book = polygon_news.book(document, "BTC-USD", 9, NOW)
    assert book.bids == (Level(16303.17, 2), Level(16302.94, pytest.approx(0.0520, abs=1e-4)))
    assert book.asks == (Level(11454, 1), Level(11455, 1))
    assert book.as_of == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=1605295074162)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    "details", "last_quote", "last_trade", "day", "greeks", "underlying_asset", "implied_volatility", "open_interest",
    "ticker", "strike_price", "expiration_date", "shares_per_contract", "bid", "ask", "last_updated", "sip_timestamp",
    "price", "timeframe", "id", "title", "published_utc", "tickers", "insights", "sentiment", "publisher", "data",
    "bids", "asks", "p", "x", "updated",
]  # fmt: skip
SPECIAL = st.sampled_from(
    ["O:AAPL230616C00150000", "O:AAPL239916C00150000", "2023-06-16", "0001-01-01T00:00:00+23:59", "positive", "AAPL",
     1767625200_000_000_000, 1767625200 * MILLI]
)  # fmt: skip
cells = st.recursive(
    json_values | SPECIAL,
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=6) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(cells, max_size=4))
def test_any_rows_give_values_or_errors_of_the_tree(rows: list[Any]) -> None:
    assert isinstance(polygon_chain.read(rows, "AAPL", NOW, 0), OptionChain)
    with suppress(SourceError):
        polygon_chain.expiries(rows)
    for one in polygon_news.headlines(rows, {"AAPL": "AAPL"}):
        assert one.published_at.utcoffset() == timedelta(0)
        assert one.tone is None or -1 <= one.tone <= 1


@given(st.dictionaries(st.just("data"), cells))
def test_any_book_gives_values_or_errors_of_the_tree(document: dict[str, Any]) -> None:
    with suppress(SourceError):
        assert all(level.size > 0 for level in polygon_news.book(document, "BTC-USD", 5, NOW).bids)
