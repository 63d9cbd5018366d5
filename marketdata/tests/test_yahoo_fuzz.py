"""Whatever JSON Yahoo may answer: nothing but values and errors of the tree come out."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketdata.domain import Interval, Quote
from marketdata.sources import yahoo_quotes
from marketdata.sources.base import SourceError
from marketdata.sources.yahoo import Yahoo
from marketdata.standins.yahoo import YahooStandin
from marketdata.tests import conformance

NOW = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
END = datetime(2026, 1, 31, tzinfo=UTC)
ASKED = {"AAPL": "AAPL", "BRK.B": "BRK-B", "EUR-USD": "EURUSD=X"}
KEYS = (
    *yahoo_quotes.PRICES.values(), *yahoo_quotes.AMOUNTS.values(), "regularMarketTime", "marketState", "quoteType",
    "currency", "exchangeDataDelayedBy", "preMarketPrice", "preMarketTime", "postMarketPrice", "postMarketTime",
)  # fmt: skip

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.integers(10**300, 10**310)
    | st.sampled_from([0, -1, 1e-05, 5e-324, 1.7e308, 1767625200, 1767625200000, "REGULAR", "NONE", "GBp", "CURRENCY"])
)  # fmt: skip
formatted = st.fixed_dictionaries({"raw": scalars, "fmt": st.text(max_size=4)})
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
rows = st.dictionaries(st.sampled_from(KEYS), scalars | formatted | anything).flatmap(
    lambda row: st.sampled_from([*ASKED.values(), "aapl", None, 7]).map(lambda symbol: {**row, "symbol": symbol})
)
payloads = (
    anything
    | st.fixed_dictionaries({"quoteResponse": anything})
    | st.lists(rows | anything, max_size=4).map(lambda result: {"quoteResponse": {"result": result, "error": None}})
)


@settings(max_examples=400, deadline=None)
@given(payload=payloads)
def test_any_quote_answer(payload: object) -> None:
    try:
        answers = yahoo_quotes.read(payload, ASKED, NOW)
    except SourceError:
        return
    assert set(answers) == set(ASKED)
    for symbol, answer in answers.items():
        if not isinstance(answer, SourceError):
            answer = _with_time_before(answer)
        conformance.check_answer(answer, symbol, "yahoo")


def _with_time_before(quote: Quote) -> Quote:
    """A vendor's clock may be ahead; that is for the quality checks to see, not for the parser."""
    return replace(quote, received_at=max(quote.as_of, quote.received_at))


COLUMNS = ("open", "high", "low", "close", "volume")
times = st.integers(1767600000, 1767700000) | st.none() | st.sampled_from([0, -1, 1e10, "x", 1.5])
numbers = st.none() | st.floats() | st.integers(-5, 500) | st.sampled_from(["x", 10**18])
meta = st.fixed_dictionaries(
    {
        "instrumentType": st.sampled_from(["EQUITY", "CURRENCY", None]),
        "currency": st.sampled_from(["USD", "GBp", None, 3]),
    },
    optional={
        "exchangeTimezoneName": st.sampled_from(["America/New_York", "UTC", "Nowhere", None]),
        "currentTradingPeriod": anything,
        "regularMarketTime": scalars,
        "validRanges": anything,
    },
)
bars = st.lists(st.tuples(times, *[numbers] * 5), max_size=5)


def chart(meta: object, rows: list[tuple[object, ...]]) -> dict[str, object]:
    """A chart of these rows (time, then the five columns)."""
    quote = {name: [row[i + 1] for row in rows] for i, name in enumerate(COLUMNS)}
    return {"meta": meta, "timestamp": [row[0] for row in rows], "indicators": {"quote": [quote]}}


charts = st.builds(chart, meta, bars)
chart_payloads = (
    anything
    | st.fixed_dictionaries({"chart": anything})
    | charts.map(lambda chart: {"chart": {"result": [chart], "error": None}})
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=chart_payloads)
def test_any_chart_answer(standin: YahooStandin, yahoo: Yahoo, payload: object) -> None:
    standin.charts["AAPL"] = payload
    start = END - timedelta(days=30)
    with suppress(SourceError):
        conformance.check_whole(yahoo.bars("AAPL", Interval.DAY, start, END), start, END)
