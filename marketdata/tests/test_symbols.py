import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marketdata.symbols import (
    CURRENCIES,
    IB_INDICES,
    PATTERN,
    IbName,
    InvalidSymbol,
    Kind,
    alpaca,
    binance,
    canonical,
    from_alpaca,
    from_binance,
    from_ib,
    from_polygon,
    from_yahoo,
    ib,
    kind,
    polygon,
    yahoo,
)

SPELLINGS = [
    # canonical, Yahoo's, kind
    ("AAPL", "AAPL", Kind.SHARE),
    ("BRK.B", "BRK-B", Kind.SHARE),
    ("BAC.PR.L", "BAC-PL", Kind.SHARE),
    ("^GSPC", "^GSPC", Kind.INDEX),
    ("AAPL261218C00240000", "AAPL261218C00240000", Kind.OPTION),
    ("BTC-USD", "BTC-USD", Kind.CRYPTO),
    ("EUR-USD", "EURUSD=X", Kind.CURRENCY),
    ("GC=F", "GC=F", Kind.FUTURE),
    ("OCDO.L", "OCDO.L", Kind.FOREIGN),
    ("SAP.DE", "SAP.DE", Kind.FOREIGN),
    ("0700.HK", "0700.HK", Kind.FOREIGN),
    ("ABBOTINDIA.NS", "ABBOTINDIA.NS", Kind.FOREIGN),
    ("M&M.NS", "M&M.NS", Kind.FOREIGN),
    ("NOVO-B.CO", "NOVO-B.CO", Kind.FOREIGN),
]


@pytest.mark.parametrize(("symbol", "spelling", "what"), SPELLINGS)
def test_each_spelling_goes_both_ways(symbol: str, spelling: str, what: Kind) -> None:
    assert canonical(symbol) == symbol
    assert yahoo(symbol) == spelling
    assert from_yahoo(spelling) == symbol
    assert kind(symbol) is what


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [(" aapl ", "AAPL"), ("brk-b", "BRK.B"), ("BRK B", "BRK.B"), ("eurusd=x", "EUR-USD"),
     ("AAPL  261218C00240000", "AAPL261218C00240000")],
)
def test_what_people_type_becomes_canonical(typed: str, symbol: str) -> None:
    assert canonical(typed) == symbol


@pytest.mark.parametrize(
    "typed",
    ["", " ", "!!!", "A" * 33, "AAPL;DROP TABLE", "../etc", "A\nB", "ÄAPL", "АAPL", "aapl\x00", None, 7, "-", ".", "^"],
)
def test_what_cannot_be_a_symbol_is_refused_with_an_example(typed: object) -> None:
    with pytest.raises(InvalidSymbol, match=re.escape("AAPL, BRK.B")):
        canonical(typed)


@given(st.from_regex(PATTERN, fullmatch=True, alphabet=string.ascii_uppercase + string.digits + "^.-="))
def test_canonical_is_stable(symbol: str) -> None:
    once = canonical(symbol)
    assert canonical(once) == once


@given(st.text(max_size=40))
def test_any_text_is_a_symbol_or_refused(text: str) -> None:
    try:
        symbol = canonical(text)
    except InvalidSymbol:
        return
    assert PATTERN.fullmatch(symbol)


POLYGON = [
    ("AAPL", "AAPL"), ("BRK.B", "BRK.B"), ("BAC.PR.L", "BACpL"), ("BAC.PR", "BACp"), ("^GSPC", "I:SPX"),
    ("^VIX", "I:VIX"), ("^NDX", "I:NDX"), ("^IXIC", "I:COMP"), ("AAPL261218C00240000", "O:AAPL261218C00240000"),
    ("BTC-USD", "X:BTCUSD"), ("ETH-BTC", "X:ETHBTC"), ("EUR-USD", "C:EURUSD"),
]  # fmt: skip


@pytest.mark.parametrize(("symbol", "spelling"), POLYGON)
def test_polygons_spelling_goes_both_ways(symbol: str, spelling: str) -> None:
    assert polygon(symbol) == spelling
    assert from_polygon(spelling) == symbol


@given(st.from_regex(PATTERN, fullmatch=True, alphabet=string.ascii_uppercase + string.digits + "^.-="))
def test_polygon_spells_every_symbol_of_its_kinds_so_that_it_can_be_read_back(symbol: str) -> None:
    spelling = polygon(symbol)
    if kind(symbol) in (Kind.FOREIGN, Kind.FUTURE):
        assert spelling is None
        return
    pair = kind(symbol) in (Kind.CRYPTO, Kind.CURRENCY)
    assume(symbol not in ("^SPX", "^COMP") and (not pair or symbol.partition("-")[2] in CURRENCIES))
    assert spelling
    assert from_polygon(spelling) == symbol


ALPACA = [
    ("AAPL", "AAPL"), ("BRK.B", "BRK.B"), ("BAC.PR.L", "BAC.PRL"), ("BAC.PR", "BAC.PR"), ("BTC-USD", "BTC/USD"),
    ("ETH-BTC", "ETH/BTC"), ("AAPL261218C00240000", "AAPL261218C00240000"),
]  # fmt: skip


@pytest.mark.parametrize(("symbol", "spelling"), ALPACA)
def test_alpacas_spelling_goes_both_ways(symbol: str, spelling: str) -> None:
    assert alpaca(symbol) == spelling
    assert from_alpaca(spelling) == symbol


def test_alpacas_news_name_pairs_without_a_slash() -> None:
    assert (from_alpaca("BTCUSD"), from_alpaca("DOGEUSDT")) == ("BTC-USD", "DOGE-USDT")


@given(st.from_regex(PATTERN, fullmatch=True, alphabet=string.ascii_uppercase + string.digits + "^.-="))
def test_alpaca_spells_every_symbol_of_its_kinds_so_that_it_can_be_read_back(symbol: str) -> None:
    spelling = alpaca(symbol)
    if kind(symbol) in (Kind.FOREIGN, Kind.FUTURE, Kind.INDEX, Kind.CURRENCY):
        assert spelling is None
        return
    assume(not re.fullmatch(r"[A-Z0-9]+\.PR[A-Z]+|[A-Z0-9]{3,}USD", symbol))
    assert spelling
    assert from_alpaca(spelling) == symbol


IB = [
    ("AAPL", IbName("STK", "AAPL", "SMART", "USD")), ("BRK.B", IbName("STK", "BRK B", "SMART", "USD")),
    ("BAC.PR.L", IbName("STK", "BAC PRL", "SMART", "USD")), ("^GSPC", IbName("IND", "SPX", "CBOE", "USD")),
    ("^VIX", IbName("IND", "VIX", "CBOE", "USD")), ("^NDX", IbName("IND", "NDX", "NASDAQ", "USD")),
    ("AAPL261218C00240000", IbName("OPT", "AAPL  261218C00240000", "SMART", "USD")),
    ("BTC-USD", IbName("CRYPTO", "BTC", "PAXOS", "USD")), ("EUR-USD", IbName("CASH", "EUR", "IDEALPRO", "USD")),
    ("OCDO.L", IbName("STK", "OCDO", "LSE", "GBP")), ("0700.HK", IbName("STK", "700", "SEHK", "HKD")),
]  # fmt: skip


@pytest.mark.parametrize(("symbol", "name"), IB)
def test_interactive_brokers_names_go_both_ways(symbol: str, name: IbName) -> None:
    assert ib(symbol) == name
    assert from_ib(name) == symbol


@given(st.from_regex(PATTERN, fullmatch=True, alphabet=string.ascii_uppercase + string.digits + "^.-="))
def test_interactive_brokers_name_every_symbol_of_their_kinds_so_that_it_can_be_read_back(symbol: str) -> None:
    name = ib(symbol)
    if name is None:
        assert kind(symbol) in (Kind.FUTURE, Kind.FOREIGN)
        return
    theirs = {"^" + root for root, _ in IB_INDICES.values()}
    assume(symbol not in theirs and not re.fullmatch(r"[A-Z0-9]+\.PR[A-Z]+|0+\.HK", symbol))
    assert from_ib(name) == symbol


def test_binance_has_pairs_only_and_no_dollars() -> None:
    assert binance("BTC-USD") == "BTC/USDT"
    assert from_binance("BTC/USDT") == "BTC-USDT"
    assert [binance(symbol) for symbol in ("AAPL", "EUR-USD", "^GSPC", "OCDO.L", "GC=F")] == [None] * 5


@given(st.from_regex(PATTERN, fullmatch=True, alphabet=string.ascii_uppercase + string.digits + "^.-="))
def test_binance_spells_every_pair_so_that_it_can_be_read_back(symbol: str) -> None:
    spelling = binance(symbol)
    assert (spelling is not None) == (kind(symbol) is Kind.CRYPTO)
    if spelling is not None:
        assert from_binance(spelling) == (f"{symbol}T" if symbol.endswith("-USD") else symbol)
