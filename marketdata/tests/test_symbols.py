import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.symbols import PATTERN, InvalidSymbol, Kind, canonical, from_yahoo, kind, yahoo

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
