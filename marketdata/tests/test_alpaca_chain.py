"""Alpaca's option chains, news and order books: the stand-in, recorded payloads, and anything else as JSON."""

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
from marketdata.headlines import Headline
from marketdata.sources import alpaca_chain, alpaca_news
from marketdata.sources.alpaca import Alpaca
from marketdata.sources.base import BadPayload, NoData, NotEntitled, SourceError, UnknownSymbol, Unsupported
from marketdata.standins.alpaca import KEY, SECRET, AlpacaStandin, Fault

NOW = datetime(2026, 3, 11, 16, tzinfo=UTC)
EVER, FAR = date(2000, 1, 1), date(2100, 1, 1)
CHAIN = "/v1beta1/options/snapshots/AAPL"


@pytest.fixture
def standin() -> Iterator[AlpacaStandin]:
    with AlpacaStandin() as server:
        yield server


@pytest.fixture
def alpaca(standin: AlpacaStandin) -> Iterator[Alpaca]:
    source = Alpaca(KEY, SECRET, data_url=standin.url, trading_url=standin.url)
    yield source
    source.close()


def recorded(name: str) -> bytes:
    return Path(folder("vendors/fixtures/alpaca"), name).read_bytes()


def test_a_chain_comes_whole_in_pages_with_its_open_interest(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.page = 50
    chain = alpaca.option_chain("AAPL", EVER, FAR)
    assert (len(chain.quotes), chain.left_out, len(chain.expiries)) == (4 * 11 * 2, (), 4)
    assert standin.requests == {"chain": 2, "contracts": 2}
    assert alpaca.option_expiries("AAPL") == chain.expiries
    first = alpaca.option_chain("AAPL", chain.expiries[0], chain.expiries[1])
    assert first.expiries == chain.expiries[:2]
    for quote in chain.quotes:
        assert (quote.feed, quote.delayed_by) == ("indicative", 900)
        assert "indicative" in quote.flags
        assert (quote.open_interest is None) == (quote.open_interest_date is None) == (quote.iv is None)
    assert {quote.contract.right for quote in chain.quotes} == {Right.CALL, Right.PUT}


def test_contracts_that_nobody_trades_have_a_bid_and_an_ask_only(alpaca: Alpaca) -> None:
    quiet = [quote for quote in alpaca.option_chain("AAPL", EVER, FAR).quotes if quote.iv is None]
    assert quiet
    for quote in quiet:
        assert quote.bid is not None
        assert (quote.last, quote.last_as_of, quote.volume, quote.delta, quote.rho) == (None,) * 5


def test_the_chain_of_a_share_with_a_class_is_asked_with_its_dot(alpaca: Alpaca) -> None:
    chain = alpaca.option_chain("BRK.B", EVER, FAR)
    assert chain.underlying == "BRK.B"
    assert {quote.contract.root for quote in chain.quotes} == {"BRKB"}


def test_a_chain_without_the_list_of_contracts_lacks_open_interest_only(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.lacks = {"contracts"}
    chain = alpaca.option_chain("AAPL", EVER, FAR)
    assert {quote.open_interest for quote in chain.quotes} == {None}
    assert any(quote.last for quote in chain.quotes)
    with pytest.raises(NotEntitled):
        alpaca.option_expiries("AAPL")


def test_a_plan_without_opra_has_indicative_prices_and_says_so(standin: AlpacaStandin) -> None:
    source = Alpaca(KEY, SECRET, "sip", standin.url, standin.url)
    assert {quote.feed for quote in source.option_chain("AAPL", EVER, FAR).quotes} == {"indicative"}
    source.close()
    standin.plan = "plus"
    source = Alpaca(KEY, SECRET, "sip", standin.url, standin.url)
    assert {(quote.feed, quote.delayed_by) for quote in source.option_chain("AAPL", EVER, FAR).quotes} == {("opra", 0)}
    source.close()


def test_what_has_no_chain_says_so(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    for ask in (
        lambda: alpaca.option_chain("NOPE", NOW.date(), FAR),
        lambda: alpaca.option_chain("AAPL", FAR, FAR),
        lambda: alpaca.option_expiries("NOPE"),
    ):
        with pytest.raises(NoData):
            ask()
    for symbol, error in (("^GSPC", Unsupported), ("BTC-USD", Unsupported), ("../AAPL", UnknownSymbol)):
        with pytest.raises(error):
            alpaca.option_chain(symbol, NOW.date(), FAR)
    standin.fault = Fault.EMPTY_OBJECT
    with pytest.raises(BadPayload):
        alpaca.option_chain("AAPL", NOW.date(), FAR)
    with pytest.raises(BadPayload):
        alpaca.option_expiries("AAPL")


def test_a_recorded_chain_keeps_every_field(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.recorded[CHAIN] = recorded("py_option_get_option_chain.json")
    chain = alpaca.option_chain("AAPL", date(2024, 5, 3), date(2024, 5, 3))
    quote = next(one for one in chain.quotes if one.contract.symbol == "AAPL240503P00155000")
    assert quote == OptionQuote(
        contract=quote.contract, vendor="alpaca", received_at=chain.received_at, bid=0.32, ask=0.35, bid_size=73,
        ask_size=119, quote_as_of=datetime(2024, 4, 25, 20, 0, 0, 259610, UTC), last=0.34,
        last_as_of=datetime(2024, 4, 25, 19, 58, 16, 34908, UTC), iv=0.4584478444465036, delta=-0.06962352623019707,
        gamma=0.012407748296130911, theta=-0.10116067021921063, vega=0.03143087569879542, rho=-0.00233165154510125,
        feed="indicative", delayed_by=900, flags=frozenset({"indicative"}),
    )  # fmt: skip
    contract = quote.contract
    assert (contract.underlying, contract.expiry, contract.strike, contract.right, contract.multiplier) == (
        "AAPL", date(2024, 5, 3), 155, Right.PUT, 100
    )  # fmt: skip


@pytest.mark.parametrize("name", ["go_GetOptionChainWithFilters.json", "py_option_get_snapshot_latest_quote_only.json"])
def test_other_recorded_chains_come_whole(standin: AlpacaStandin, alpaca: Alpaca, name: str) -> None:
    standin.recorded[CHAIN] = recorded(name)
    chain = alpaca.option_chain("AAPL", EVER, FAR)
    assert chain.quotes
    assert chain.left_out == ()
    assert all(quote.bid is not None or quote.ask is not None for quote in chain.quotes)


LISTED = [
    {"symbol": "AAPL1230616C00150000", "size": "28", "open_interest": "12", "open_interest_date": "2023-06-12"},
    {"symbol": "AAPL230616C00150000", "multiplier": "100", "open_interest": "x", "open_interest_date": "2023-06-12"},
]


def test_a_bad_row_loses_nobody_else_and_an_adjusted_one_is_flagged() -> None:
    trade = {"p": 1.5, "t": "2023-06-12T15:00:00Z"}
    rows = {
        "AAPL1230616C00150000": {"latestTrade": trade, "dailyBar": {"t": "2023-06-12T04:00:00Z", "v": 5}},
        "AAPL230616C00150000": {"latestTrade": trade, "dailyBar": {"t": "2023-06-09T04:00:00Z", "v": 7}},
        "AAPL231316C00150000": {}, "AAPL": {}, "AAPL230616P00150000": None,
    }  # fmt: skip
    chain = alpaca_chain.read(rows, [*LISTED, 7], "AAPL", NOW, "opra")
    adjusted, plain = chain.quotes
    assert (adjusted.contract.multiplier, adjusted.flags, adjusted.open_interest) == (28, {"adjusted"}, 12)
    assert (adjusted.open_interest_date, adjusted.volume, plain.volume) == (date(2023, 6, 12), 5, None)
    assert (plain.open_interest, plain.open_interest_date, plain.flags) == (None, None, frozenset())
    assert len(chain.left_out) == 3


def test_the_latest_news_of_several_symbols_come_once_newest_first(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    news = alpaca.news(["AAPL", "BTC-USD", "AAPL", "OCDO.L"], 70)
    assert len({one.id for one in news}) == 70
    assert standin.requests == {"news": 2}
    assert [one.published_at for one in news] == sorted((one.published_at for one in news), reverse=True)
    assert {one.symbols for one in news} == {("AAPL", "SPY"), ("BTC-USD", "SPY")}
    assert alpaca.news(["NOPE"], 5) == ()
    assert alpaca.news(["OCDO.L"], 5) == ()


def test_a_recorded_headline_keeps_every_field(standin: AlpacaStandin, alpaca: Alpaca) -> None:
    standin.recorded["/v1beta1/news"] = recorded("py_news_get_news2.json")
    assert alpaca.news(["CWAN"], 5) == (
        Headline(
            vendor="alpaca", id="41799100",
            title="Piper Sandler Maintains Neutral on Clearwater Analytics Hldg, Raises Price Target to $28",
            published_at=datetime(2024, 11, 7, 9, 16, 41, tzinfo=UTC), symbols=("CWAN",), publisher="benzinga",
            url="https://www.benzinga.com/news/24/11/41799100/"
            "piper-sandler-maintains-neutral-on-clearwater-analytics-hldg-raises-price-target-to-28",
        ),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["py_news_get_news.json", "go_GetNews.json"])
def test_recorded_pages_that_go_on_are_read_up_to_the_limit(standin: AlpacaStandin, alpaca: Alpaca, name: str) -> None:
    standin.recorded["/v1beta1/news"] = recorded(name)
    news = alpaca.news(["AAPL"], 2)
    assert 1 <= len(news) <= 2
    assert all(one.symbols for one in news)


def test_a_book_is_of_a_crypto_pair_and_sorted(alpaca: Alpaca) -> None:
    book = alpaca.book("BTC-USD", 3)
    assert [level.price for level in book.bids] == sorted((level.price for level in book.bids), reverse=True)
    assert [level.price for level in book.asks] == sorted(level.price for level in book.asks)
    assert (len(book.bids), book.bids[0].size, book.asks[0].price > book.bids[0].price) == (3, 0.5, True)
    with pytest.raises(Unsupported):
        alpaca.book("AAPL", 3)
    with pytest.raises(UnknownSymbol):
        alpaca.book("DOGE-USD", 3)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    "latestQuote", "latestTrade", "dailyBar", "greeks", "impliedVolatility", "bp", "ap", "bs", "as", "t", "p", "v",
    "symbol", "size", "multiplier", "open_interest", "open_interest_date", "expiration_date", "news", "id", "headline",
    "created_at", "symbols", "url", "b", "a", "s", "delta", "BTC/USD",
]  # fmt: skip
SPECIAL = st.sampled_from(
    ["AAPL230616C00150000", "AAPL239916C00150000", "2023-06-16", "2023-06-16T15:00:00.123456789Z", "AAPL", "BTCUSD",
     "0001-01-01T00:00:00+23:59", "inf", "1e400"]
)  # fmt: skip
cells = st.recursive(
    json_values | SPECIAL,
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=6) | st.lists(inner, max_size=3),
    max_leaves=12,
)
OCC = ["AAPL230616C00150000", "AAPL239916C00150000", "AAPL1230616C00150000", "nope"]


@given(st.dictionaries(st.sampled_from(OCC), cells) | cells, st.lists(cells, max_size=4))
def test_any_rows_give_values_or_errors_of_the_tree(document: Any, listed: list[Any]) -> None:
    with suppress(SourceError):
        chain = alpaca_chain.read(document, listed, "AAPL", NOW, "opra")
        assert isinstance(chain, OptionChain)
        assert all(quote.volume is None or quote.volume >= 0 for quote in chain.quotes)
    with suppress(SourceError):
        alpaca_chain.expiries(listed)


@given(st.fixed_dictionaries({"news": st.lists(cells, max_size=3)}) | st.fixed_dictionaries({"BTC/USD": cells}) | cells)
def test_any_news_and_books_give_values_or_errors_of_the_tree(document: Any) -> None:
    with suppress(SourceError):
        for one in alpaca_news.headlines(document, {"AAPL": "AAPL"}):
            assert one.published_at.utcoffset() == timedelta(0)
    with suppress(SourceError):
        assert all(level.size > 0 for level in alpaca_news.book(document, "BTC-USD", "BTC/USD", 5, NOW).bids)
