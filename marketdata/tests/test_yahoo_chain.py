"""Yahoo's option chains and news: the real client before the stand-in, recorded payloads, anything else as JSON."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketdata.chains import OptionChain, OptionQuote, Right
from marketdata.domain import Quote
from marketdata.sources import yahoo_chain, yahoo_news
from marketdata.sources.base import (
    BadPayload,
    NewsSource,
    NoData,
    OptionSource,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    VendorTimeout,
)
from marketdata.sources.yahoo import Yahoo
from marketdata.standins import yahoo_more
from marketdata.standins.yahoo import COOKIE, CRUMB, NEWS, OPTIONS, Fault, YahooStandin
from marketdata.tests.patience import again, patience

NOW = datetime(2025, 2, 24, 9, 24, 42, tzinfo=UTC)
EVER, FAR = date(2000, 1, 1), date(2100, 1, 1)
FAULTS: dict[Fault, type[SourceError]] = {
    Fault.RATE_LIMITED: RateLimited, Fault.SERVER_ERROR: Unavailable, Fault.SLOW: VendorTimeout,
    Fault.HTML: BadPayload, Fault.TRUNCATED: BadPayload, Fault.EMPTY_OBJECT: BadPayload, Fault.DROP: Unavailable,
    Fault.SLOW_CRUMB: VendorTimeout,
}  # fmt: skip


@pytest.fixture
def hasty(standin: YahooStandin, request: pytest.FixtureRequest) -> Iterator[Yahoo]:
    source = Yahoo(standin.proxy, standin.ca_file, timeout=patience(request, 1, (Fault.SLOW, Fault.SLOW_CRUMB)))
    yield source
    standin.release()
    source.close()


def recorded(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text())
    return found


def body(symbol: str = "AAPL250228C00110000", **fields: Any) -> dict[str, Any]:
    row = {"contractSymbol": symbol, "strike": 110, "bid": 1.0, "ask": 1.2, **fields}
    result = {"expirationDates": [1740700800], "quote": {}, "options": [{"calls": [row], "puts": []}]}
    return {"optionChain": {"result": [result], "error": None}}


def one(**fields: Any) -> OptionQuote:
    (found,) = yahoo_chain.read(body(**fields), "AAPL", NOW).quotes
    return found


def check(chain: OptionChain) -> None:
    for quote in chain.quotes:
        contract = quote.contract
        assert (contract.underlying, quote.vendor) == (chain.underlying, "yahoo")
        for name in ("bid", "ask", "last", "iv", "underlying_price"):
            value = getattr(quote, name)
            assert value is None or value > 0
        for name in ("bid_size", "ask_size", "delta", "gamma", "theta", "vega", "rho", "quote_as_of"):
            assert getattr(quote, name) is None
        assert quote.last is None or quote.last_as_of is not None


def test_expiries_are_listed_rising_and_asked_once_a_day(standin: YahooStandin, yahoo: Yahoo) -> None:
    assert isinstance(yahoo, OptionSource)
    assert isinstance(yahoo, NewsSource)
    listed = yahoo.option_expiries("AAPL")
    assert [
        datetime.fromtimestamp(at, UTC).date() for at in yahoo_more.expiries(datetime.now(UTC).timestamp())
    ] == list(listed)
    assert yahoo.option_expiries("AAPL") == listed
    assert standin.requests == {COOKIE: 1, CRUMB: 1, OPTIONS: 1}


def test_a_chain_costs_a_request_for_each_expiry_in_range(standin: YahooStandin, yahoo: Yahoo) -> None:
    first, second, *_ = yahoo.option_expiries("AAPL")
    chain = yahoo.option_chain("AAPL", first, second)
    assert standin.requests[OPTIONS] == 3
    assert chain.expiries == (first, second)
    check(chain)
    assert len(chain.quotes) == 2 * 2 * 7
    assert {quote.contract.right for quote in chain.quotes} == set(Right)
    assert any(quote.bid is None and quote.ask is None and quote.volume is None for quote in chain.quotes)
    assert {quote.underlying_price is None for quote in chain.quotes} == {False}


def test_tomorrow_the_expiries_are_asked_again(standin: YahooStandin) -> None:
    times = [datetime.now(UTC)]
    source = Yahoo(standin.proxy, standin.ca_file, timeout=30, clock=lambda: times[-1])
    source.option_expiries("SPY")
    times.append(times[0] + timedelta(days=1))
    source.option_expiries("SPY")
    assert standin.requests[OPTIONS] == 2
    source.close()


@pytest.mark.parametrize(("symbol", "spelling"), [("^GSPC", "GSPC"), ("BRK.B", "BRKB")])
def test_indices_and_classes_of_shares_have_options(yahoo: Yahoo, symbol: str, spelling: str) -> None:
    chain = yahoo.option_chain(symbol, EVER, FAR)
    check(chain)
    assert {quote.contract.root for quote in chain.quotes} == {spelling}
    assert chain.underlying == symbol


def test_no_options_no_chain(yahoo: Yahoo) -> None:
    for symbol in ("BTC-USD", "NOPE", "EUR-USD"):
        with pytest.raises(NoData):
            yahoo.option_expiries(symbol)
    with pytest.raises(NoData):
        yahoo.option_chain("AAPL", EVER, EVER)
    for symbol in ("../AAPL", "", "AAPL,SPY", "A" * 40):
        with pytest.raises(UnknownSymbol):
            yahoo.option_chain(symbol, EVER, FAR)


@pytest.mark.parametrize("fault", list(FAULTS))
def test_every_fault_has_its_name_and_passes(standin: YahooStandin, hasty: Yahoo, fault: Fault) -> None:
    standin.fault = fault
    with pytest.raises(SourceError) as caught:
        hasty.option_chain("AAPL", EVER, FAR)
    assert type(caught.value) is FAULTS[fault]
    if fault is not Fault.SLOW_CRUMB:
        standin.delay = 10
        with pytest.raises(SourceError) as caught:
            hasty.news(["AAPL"], 3)
        assert type(caught.value) is FAULTS[fault]
    standin.fault = None
    assert again(lambda: hasty.option_chain("AAPL", EVER, FAR)).quotes
    assert again(lambda: hasty.news(["AAPL"], 3))


def test_an_empty_list_of_news_is_no_news_and_an_empty_chain_no_data(standin: YahooStandin, yahoo: Yahoo) -> None:
    standin.fault = Fault.EMPTY_RESULT
    assert yahoo.news(["AAPL"], 5) == ()
    with pytest.raises(NoData):
        yahoo.option_chain("AAPL", EVER, FAR)


def test_the_news_of_several_symbols_come_once_newest_first(standin: YahooStandin, yahoo: Yahoo) -> None:
    news = yahoo.news(["AAPL", "BRK.B", "AAPL", "../X"], 12)
    assert standin.requests[NEWS] == 2
    assert len({one.id for one in news}) == len(news) == 12
    assert [one.published_at for one in news] == sorted((one.published_at for one in news), reverse=True)
    assert {one.symbols[0] for one in news} == {"AAPL", "BRK.B"}
    assert {one.symbols[1:] for one in news} == {(), ("SPY",)}
    first = news[0]
    assert (first.vendor, first.publisher, first.url) == ("yahoo", "Stand-in", f"https://example.com/{first.id}")
    assert yahoo.news([], 5) == ()


def test_what_two_symbols_share_is_about_both() -> None:
    row = {"content": {"id": "1", "title": "T", "pubDate": "2025-02-24T09:00:00Z", "clickThroughUrl": {"url": "u"}}}
    asked = {"AAPL": "AAPL", "MSFT": "MSFT"}
    found = [one for symbol in asked for one in yahoo_news.headlines([row, {}], symbol, asked)]
    (both,) = yahoo_news.latest(found, 9)
    assert (both.symbols, both.url, both.published_at) == (("AAPL", "MSFT"), "u", datetime(2025, 2, 24, 9, tzinfo=UTC))


def test_a_recorded_chain_of_apple_before_the_open(exchanges: Path, standin: YahooStandin) -> None:
    exchange = recorded(exchanges, "options-AAPL.json")
    standin.replay(exchange)
    dated = {**exchange, "request": {"url": f"{exchange['request']['url']}&date=1740700800"}}
    standin.replay(dated)
    source = Yahoo(standin.proxy, standin.ca_file, timeout=30, clock=lambda: NOW)
    listed = source.option_expiries("AAPL")
    assert (len(listed), listed[0], listed[-1]) == (20, date(2025, 2, 28), date(2027, 6, 17))
    chain = source.option_chain("AAPL", date(2025, 2, 25), date(2025, 2, 28))
    check(chain)
    assert (len(chain.quotes), chain.left_out, chain.expiries) == (102, (), (date(2025, 2, 28),))
    # Of these 43 have the volatility that stands for none.
    assert sum(quote.iv is None for quote in chain.quotes) == 43
    assert sum(quote.bid is None and quote.ask is None for quote in chain.quotes) == 101
    deep = chain.quotes[0]
    assert (deep.bid, deep.ask, deep.last, deep.iv) == (135.9, 136.65, 111.67, 3.58593853515625)
    assert (deep.volume, deep.open_interest, deep.last_as_of) == (
        None, 0.0, datetime.fromtimestamp(1737487202, UTC)
    )  # fmt: skip
    assert (deep.contract.strike, deep.contract.right, deep.contract.multiplier) == (110.0, Right.CALL, 100)
    quote = exchange["response"]["bodyJson"]["optionChain"]["result"][0]["quote"]
    assert deep.underlying_price == quote["regularMarketPrice"]
    source.close()


@pytest.mark.parametrize("name", ["options-AAPL.json", "options-QQQ.json", "options-AAPL-expire-2022-03-01.json"])
def test_every_recorded_contract_comes_whole(exchanges: Path, name: str) -> None:
    document = recorded(exchanges, name)["response"]["bodyJson"]
    page = yahoo_chain.read(document, "X", NOW)
    options = document["optionChain"]["result"][0]["options"]
    rows = {row["contractSymbol"]: row for one in options for row in (*one["calls"], *one["puts"])}
    assert page.left_out == ()
    assert {quote.contract.symbol for quote in page.quotes} == set(rows)
    assert list(page.expiries.values()) == document["optionChain"]["result"][0]["expirationDates"]
    for quote in page.quotes:
        row = rows[quote.contract.symbol]
        assert quote.contract.strike == row["strike"]
        assert quote.contract.expiry == datetime.fromtimestamp(row["expiration"], UTC).date()
        assert (quote.bid, quote.ask, quote.last) == (row["bid"] or None, row["ask"] or None, row["lastPrice"])
        assert (quote.volume, quote.open_interest) == (row.get("volume"), row.get("openInterest"))


def test_what_yahoo_writes_for_nothing_is_absent() -> None:
    nothing = one(bid=0, ask=0, lastPrice=0, lastTradeDate=1740000000, impliedVolatility=1.0000000000000003e-05)
    assert (nothing.bid, nothing.ask, nothing.last, nothing.iv) == (None,) * 4
    assert nothing.last_as_of == datetime.fromtimestamp(1740000000, UTC)  # which day's the volume is
    assert (nothing.volume, nothing.open_interest, nothing.delayed_by) == (None,) * 3
    assert one(impliedVolatility=7.5).iv == 7.5
    assert one(impliedVolatility=7.5, bid=0).iv is None
    assert one(bid={"raw": 2.5, "fmt": "2.50"}).bid == 2.5


def test_adjusted_and_small_contracts_say_so() -> None:
    assert one(symbol="AAPL1250228C00110000").flags == {"adjusted"}
    mini = one(contractSize="MINI")
    assert (mini.contract.multiplier, mini.flags) == (10, {"adjusted"})
    assert one(contractSize="REGULAR").flags == frozenset()


@pytest.mark.parametrize("symbol", ["AAPL250228C00120000", "AAPL250230C00110000", "AAPL", None, 7])
def test_a_bad_row_is_left_out_with_its_reason(symbol: Any) -> None:
    page = yahoo_chain.read(body(symbol), "AAPL", NOW)
    assert page.quotes == ()
    assert len(page.left_out) == 1


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from([0, 1e-05, 1740700800, "AAPL250228C00110000", "2025-02-24T09:00:00Z", 10**400])
)  # fmt: skip
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
ROW = ("strike", "bid", "ask", "lastPrice", "lastTradeDate", "volume", "openInterest", "impliedVolatility",
       "contractSize")  # fmt: skip
rows = st.fixed_dictionaries(
    {"contractSymbol": st.just("AAPL250228C00110000") | anything}, optional=dict.fromkeys(ROW, anything)
)
sides = st.fixed_dictionaries(
    {}, optional={"calls": st.lists(rows | anything, max_size=3) | anything, "puts": anything}
)
results = st.fixed_dictionaries(
    {"expirationDates": st.lists(scalars, max_size=3) | anything, "options": st.lists(sides | anything, max_size=2)},
    optional={"quote": st.fixed_dictionaries({"regularMarketPrice": anything}) | anything},
)
payloads = anything | st.lists(results | anything, max_size=2).map(lambda found: {"optionChain": {"result": found}})


@settings(max_examples=300, deadline=None)
@given(payload=payloads)
def test_any_options_answer_gives_values_or_errors_of_the_tree(payload: object) -> None:
    try:
        chain = yahoo_chain.join([yahoo_chain.read(payload, "AAPL", NOW)], "AAPL", NOW)
    except SourceError:
        return
    check(chain)


content = st.fixed_dictionaries(
    {"id": scalars, "title": scalars, "pubDate": scalars},
    optional={
        "canonicalUrl": anything, "clickThroughUrl": anything, "provider": anything, "summary": anything,
        "finance": st.fixed_dictionaries({"stockTickers": st.lists(st.fixed_dictionaries({"symbol": scalars}))})
        | anything,
    },
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(articles=st.lists(st.fixed_dictionaries({"content": content | anything}) | anything, max_size=4))
def test_any_articles_give_headlines(articles: list[object]) -> None:
    for headline in yahoo_news.latest(yahoo_news.headlines(articles, "AAPL", {"AAPL": "AAPL"}), 3):
        assert headline.published_at.utcoffset() == timedelta(0)
        assert headline.id
        assert headline.title
        assert headline.symbols[0] == "AAPL"


def test_quotes_go_on_while_a_chain_is_asked(standin: YahooStandin, yahoo: Yahoo) -> None:
    yahoo.option_expiries("AAPL")
    assert isinstance(yahoo.quotes(["AAPL"])["AAPL"], Quote)
