"""Interactive Brokers' chains and books: few lines, given back at once, and what the library gets wrong."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.chains import OptionQuote, Right
from marketdata.domain import Quote
from marketdata.sources import ib_chain
from marketdata.sources.base import (
    BadPayload,
    BudgetSpent,
    NoData,
    NotEntitled,
    SourceError,
    Unavailable,
    UnknownSymbol,
    VendorTimeout,
)
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.standins.ib import IbStandin
from marketdata.standins.ib_faults import Fault
from marketdata.tests.patience import PATIENT

NOW = datetime(2026, 3, 11, 16, 0, 5, tzinfo=UTC)
LAST = date(2100, 1, 1)


@pytest.fixture
def standin() -> Iterator[IbStandin]:
    with IbStandin() as server:
        yield server


@pytest.fixture
def ib(standin: IbStandin) -> Iterator[InteractiveBrokers]:
    source = InteractiveBrokers(standin.host, standin.port, timeout=PATIENT)
    yield source
    source.close()


def test_a_chain_is_the_strikes_around_the_price(standin: IbStandin, ib: InteractiveBrokers) -> None:
    first, second, *_ = ib.option_expiries("AAPL")
    chain = ib.option_chain("AAPL", first, second)
    assert chain.expiries == (first, second)
    for expiry in (first, second):
        strikes = {one.contract.strike for one in chain.quotes if one.contract.expiry == expiry}
        assert len(strikes) == 20
        assert min(strikes) < 210 < max(strikes)
    assert [reason for reason in chain.left_out if "far from the price" in reason]
    assert standin.await_(lambda: standin.lines == 1)


def test_every_part_of_an_option_is_told_and_what_was_not_computed_is_absent(ib: InteractiveBrokers) -> None:
    first = ib.option_expiries("AAPL")[0]
    quotes = ib.option_chain("AAPL", first, first).quotes
    for one in quotes:
        assert one.contract.multiplier == 100
        assert one.bid is not None
        assert one.ask is not None
        assert one.bid <= one.ask
        assert one.iv == 0.25
        assert one.open_interest is not None
        assert one.open_interest >= 1000
        assert one.delta == (0.5 if one.contract.right is Right.CALL else -0.5)
        assert (one.vega, one.theta) in ((0.12, -0.05), (None, None))
        assert (one.feed, one.delayed_by) == ("realtime", 0)
    assert {one.vega for one in quotes} == {0.12, None}


def test_delayed_options_are_labelled(standin: IbStandin, ib: InteractiveBrokers) -> None:
    standin.delayed = True
    first = ib.option_expiries("SPY")[0]
    assert {one.delayed_by for one in ib.option_chain("SPY", first, first).quotes} == {900}


def test_what_settles_in_the_morning_expires_a_day_after_its_last_trade(
    standin: IbStandin, ib: InteractiveBrokers
) -> None:
    expiries = ib.option_expiries("^GSPC")
    assert {one.weekday() for one in expiries} == {4}
    chain = ib.option_chain("^GSPC", expiries[0], expiries[0])
    assert chain.expiries == expiries[:1]
    assert {one.contract.root for one in chain.quotes} == {"SPX"}
    asked = [fields[6] for fields in standin.asked if fields[0] == "9" and fields[5] == "OPT"]
    assert asked == [f"{expiries[0] - timedelta(days=1):%Y%m%d}"]


def test_a_single_option_has_a_quote(ib: InteractiveBrokers) -> None:
    quote = ib.quotes(["AAPL261218C00240000"])["AAPL261218C00240000"]
    assert isinstance(quote, Quote)
    assert quote.price is not None


def test_no_more_lines_are_used_than_there_are(standin: IbStandin) -> None:
    source = InteractiveBrokers(standin.host, standin.port, lines=11, timeout=PATIENT)
    standin.most_lines = 11
    first = source.option_expiries("AAPL")[0]
    assert len(source.option_chain("AAPL", first, first).quotes) == 40
    assert standin.await_(lambda: standin.lines == 1)
    source.close()
    one = InteractiveBrokers(standin.host, standin.port, lines=1, timeout=PATIENT)
    with pytest.raises(BudgetSpent):
        one.option_chain("AAPL", first, first)
    one.close()


def test_the_time_that_is_there_is_enough_or_the_rest_is_named(standin: IbStandin) -> None:
    source = InteractiveBrokers(standin.host, standin.port, timeout=PATIENT, patience=5)
    first = source.option_expiries("AAPL")[0]
    source.quotes(["AAPL"])
    standin.quiet = True
    chain = source.option_chain("AAPL", first, LAST)
    assert not chain.quotes
    assert {reason.partition(" said ")[2] or reason.partition(": ")[2] for reason in chain.left_out} >= {
        "nothing in time", "no time left",
    }  # fmt: skip
    source.close()


def test_an_underlying_without_options_and_an_unknown_one_say_so(ib: InteractiveBrokers) -> None:
    with pytest.raises(NoData):
        ib.option_expiries("MSFT")
    with pytest.raises(UnknownSymbol):
        ib.option_expiries("NOPE")
    with pytest.raises(NoData):
        ib.option_chain("AAPL", date(2020, 1, 1), date(2020, 2, 1))


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.SILENT, VendorTimeout), (Fault.RESET, Unavailable), (Fault.LOST, Unavailable), (Fault.EMPTY, NoData)],
)
def test_faults_of_chains_and_books_have_their_names(
    standin: IbStandin, fault: Fault, error: type[SourceError]
) -> None:
    seconds = 4.0 if fault in (Fault.SILENT, Fault.EMPTY) else PATIENT
    source = InteractiveBrokers(standin.host, standin.port, timeout=seconds, patience=seconds)
    source.quotes(["AAPL"])
    standin.fault = fault
    with pytest.raises(error):
        source.option_expiries("AAPL")
    if fault in (Fault.SILENT, Fault.EMPTY):
        with pytest.raises((VendorTimeout, NoData)):
            source.book("AAPL", 5)
    source.close()


def test_an_option_that_is_refused_is_named_and_leaves_the_others(standin: IbStandin, ib: InteractiveBrokers) -> None:
    first = ib.option_expiries("AAPL")[0]
    ib.quotes(["AAPL"])
    standin.fault = Fault.NOT_SUBSCRIBED
    chain = ib.option_chain("AAPL", first, first)
    assert not chain.quotes
    assert sum("not subscribed" in reason for reason in chain.left_out) == 40


def test_a_book_adds_up_its_exchanges_and_is_given_back(standin: IbStandin, ib: InteractiveBrokers) -> None:
    book = ib.book("AAPL", 6)
    assert [level.size for level in book.bids] == [300, 700, 1100]
    assert [level.price for level in book.bids] == sorted((one.price for one in book.bids), reverse=True)
    assert [level.price for level in book.asks] == sorted(one.price for one in book.asks)
    assert book.bids[0].price < book.asks[0].price
    assert standin.await_(lambda: standin.requests["end_book"] == 1)


def test_a_refused_book_says_why(standin: IbStandin, ib: InteractiveBrokers) -> None:
    ib.quotes(["AAPL"])
    standin.fault = Fault.NO_BOOK
    with pytest.raises(NotEntitled):
        ib.book("AAPL", 5)
    with pytest.raises(UnknownSymbol):
        ib.book("NOPE", 5)


def test_only_smarts_rows_are_read() -> None:
    rows = [
        SimpleNamespace(exchange="CBOE", tradingClass="X", expirations=["20260320"]),
        SimpleNamespace(exchange="SMART", tradingClass="SPXW", expirations=["20260319", "nonsense"]),
        SimpleNamespace(exchange="SMART", tradingClass="SPX", expirations=["20260319"]),
    ]
    found = [(one.trading_class, one.last_day, one.expiry.day) for one in ib_chain.listings(rows)]
    assert found == [("SPXW", "20260319", 19), ("SPX", "20260319", 20)]


def test_the_local_symbol_tells_the_expiry() -> None:
    real = SimpleNamespace(
        localSymbol="SPX   200117P03205000", multiplier="100", lastTradeDateOrContractMonth="20200116"
    )
    one = ib_chain.named(SimpleNamespace(contract=real), "^GSPC")
    assert not isinstance(one, str)
    assert (one.expiry, one.strike, one.right, one.root) == (date(2020, 1, 17), 3205.0, Right.PUT, "SPX")


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.datetimes()
GREEKS = ("impliedVol", "delta", "gamma", "theta", "vega", "undPrice")
models = st.none() | st.builds(SimpleNamespace, **dict.fromkeys(GREEKS, anything))
NAMES = ("bid", "ask", "last", "bidSize", "askSize", "volume", "callOpenInterest", "putOpenInterest", "marketDataType")
tickers = st.builds(
    SimpleNamespace, **dict.fromkeys(NAMES, anything), modelGreeks=models, lastTimestamp=anything,
    time=st.just(NOW) | anything,
)  # fmt: skip


@given(tickers, st.booleans())
def test_any_ticker_of_an_option_gives_a_quote_or_a_reason(ticker: Any, warned: bool) -> None:
    named = SimpleNamespace(contract=SimpleNamespace(localSymbol="AAPL  261218C00240000", multiplier="100"))
    one = ib_chain.named(named, "AAPL")
    assert not isinstance(one, str)
    found = ib_chain.quote(one, ticker, NOW, warned)
    assert isinstance(found, OptionQuote | str)
    if isinstance(found, OptionQuote):
        assert all(value is None or value >= 0 for value in (found.bid, found.ask, found.iv, found.open_interest))
        assert -2.0 not in (found.delta, found.gamma, found.theta, found.vega)


@given(st.text(max_size=24) | anything, anything)
def test_any_local_symbol_gives_a_contract_or_a_reason(local: object, multiplier: object) -> None:
    found = ib_chain.named(SimpleNamespace(contract=SimpleNamespace(localSymbol=local, multiplier=multiplier)), "A")
    assert found


levels = st.lists(st.builds(SimpleNamespace, price=anything, size=anything), max_size=6)


@given(levels, levels, anything, st.integers(1, 10))
def test_any_depth_gives_a_book_or_an_error_of_the_tree(bids: Any, asks: Any, at: object, depth: int) -> None:
    try:
        book = ib_chain.book("AAPL", bids, asks, at, depth, NOW)
    except (NoData, BadPayload):
        return
    assert len(book.bids) <= depth
    assert all(level.price > 0 and level.size > 0 for level in (*book.bids, *book.asks))
