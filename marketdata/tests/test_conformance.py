"""One suite over every entry of MARKETDATA_SOURCES: a new source inherits it, OPENERS says how a test opens it.

A plug-in is opened as the settings have it; it needs AAPL and MSFT.
"""

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from marketdata.domain import Interval, Quote
from marketdata.plugins import PLUGIN
from marketdata.sources.base import Capability, Source, SourceError, StreamingSource, Unsupported
from marketdata.standins import alpaca
from marketdata.standins.binance import BinanceStandin
from marketdata.standins.ib import IbStandin
from marketdata.standins.polygon import KEY, PolygonStandin
from marketdata.standins.yahoo import YahooStandin
from marketdata.tests import conformance

README = Path(settings.BASE_DIR) / "README.md"
MARKER = "<!-- feature matrix -->"
NAMES = tuple(settings.MARKETDATA_SOURCES)
BAD = ("NOPE1X", "no symbol", "", "AAPL,SPY", "../AAPL", "ÄÖ", "A" * 40)
NOW = datetime.now(UTC)
PLAYED = datetime(2013, 10, 4, 15, 0, tzinfo=UTC)


def build(name: str, **options: object) -> Source:
    entry = settings.MARKETDATA_SOURCES[name]
    source: Source = import_string(entry["BACKEND"])(**{**entry.get("OPTIONS", {}), **options})
    return source


def open_yahoo(stack: ExitStack, folder: Path) -> Source:
    standin = stack.enter_context(YahooStandin())
    return build("yahoo", proxy=standin.proxy, ca_file=standin.ca_file)


def open_polygon(stack: ExitStack, folder: Path) -> Source:
    standin = stack.enter_context(PolygonStandin())
    return build("polygon", key=KEY, base_url=standin.base_url, stream_host=standin.stream_host)


def open_alpaca(stack: ExitStack, folder: Path) -> Source:
    standin = stack.enter_context(alpaca.AlpacaStandin())
    addresses = {"data_url": standin.url, "trading_url": standin.url, "stream_url": standin.stream_url}
    return build("alpaca", key=alpaca.KEY, secret=alpaca.SECRET, **addresses)


def open_binance(stack: ExitStack, folder: Path) -> Source:
    pytest.importorskip("ccxt", reason="Binance needs ccxt, the extra `crypto`")
    standin = stack.enter_context(BinanceStandin())
    return build("binance", base_url=standin.url, timeout=30)


def open_ib(stack: ExitStack, folder: Path) -> Source:
    standin = stack.enter_context(IbStandin())
    return build("ib", host=standin.host, port=standin.port)


def open_simulated(stack: ExitStack, folder: Path) -> Source:
    return build("simulated", clock=lambda: NOW)


def open_recorded(stack: ExitStack, folder: Path) -> Source:
    """Three minutes of AAPL and MSFT and two options whose numbers nobody can take for real ones."""
    for symbol in ("AAPL", "MSFT"):
        minutes = [f"2013-10-04 09:{minute}:00" for minute in (30, 31, 32)]
        quotes: list[list[object]] = [
            ["time_et", "bid", "bid_size", "ask", "ask_size"],
            *([at, 1.5, 100, 2.5, 200] for at in minutes),
        ]
        trades: list[list[object]] = [
            ["time_et", "open", "high", "low", "close", "volume"],
            *([at, 2, 3, 1, 2, 500] for at in minutes),
        ]
        write(folder / f"{symbol}_1min_quotes.csv", quotes)
        write(folder / f"{symbol}_1min_trades.csv", trades)
    columns = "contract_symbol,last_trade_date,strike,last_price,bid,ask,volume,open_interest,expiration,date_pulled"
    contracts = [
        [f"AAPL131018{right}00002000", "2013-10-04 14:30:00+00:00", 2, 1, 0.5, 1.5, 7, 9, "2013-10-18", "2013-10-04"]
        for right in "CP"
    ]
    write(folder / "yahoo_AAPL_2013-10-04.csv", [columns.split(","), *contracts])
    return build("recorded", folder=str(folder), clock=lambda: PLAYED)


def write(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


OPENERS: dict[str, Callable[[ExitStack, Path], Source]] = {
    "yahoo": open_yahoo,
    "polygon": open_polygon,
    "alpaca": open_alpaca,
    "ib": open_ib,
    "binance": open_binance,
    "simulated": open_simulated,
    "recorded": open_recorded,
}


@pytest.fixture(params=NAMES)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    plugged = PLUGIN in settings.MARKETDATA_SOURCES[request.param]
    assert plugged or request.param in OPENERS, f"say in OPENERS how a test opens the source {request.param!r}"
    with ExitStack() as stack:
        opened = build(request.param) if plugged else OPENERS[request.param](stack, tmp_path)
        stack.callback(opened.close)
        yield opened


def two(source: Source) -> tuple[str, str]:
    """Two symbols that it has."""
    return ("BTC-USD", "ETH-USD") if source.name == "binance" else ("AAPL", "MSFT")


def having(source: Source, capability: Capability) -> None:
    if capability not in source.capabilities:
        pytest.skip(f"{source.name} does not offer {capability}")


def test_it_is_a_source_of_its_market(source: Source) -> None:
    entry = settings.MARKETDATA_SOURCES[source.name]
    assert isinstance(source, Source)
    assert source.capabilities <= set(Capability)
    assert source.simulated == (entry["MARKET"] == "simulated")
    assert (Capability.STREAM in source.capabilities) == isinstance(source, StreamingSource)


def test_quotes_are_whole_and_say_who_gave_them(source: Source) -> None:
    having(source, Capability.QUOTES)
    answers = source.quotes(two(source))
    assert set(answers) == set(two(source))
    for symbol, quote in answers.items():
        assert isinstance(quote, Quote)
        conformance.check_quote(quote, symbol, source.name, simulated=source.simulated)


def test_bad_symbols_fail_alone_and_by_name(source: Source) -> None:
    having(source, Capability.QUOTES)
    good, _ = two(source)
    answers = source.quotes([good, *BAD])
    assert isinstance(answers[good], Quote)
    for symbol in BAD[1:]:
        assert isinstance(answers[symbol], SourceError)
    for symbol, answer in answers.items():
        conformance.check_answer(answer, symbol, source.name, simulated=source.simulated)


def test_no_symbols_no_quotes(source: Source) -> None:
    having(source, Capability.QUOTES)
    assert dict(source.quotes([])) == {}


def test_a_symbol_asked_twice_is_answered_once(source: Source) -> None:
    having(source, Capability.QUOTES)
    good, _ = two(source)
    assert set(source.quotes([good, good])) == {good}


@pytest.mark.parametrize("interval", [Interval.MINUTE, Interval.DAY])
def test_bars_rise_are_unique_and_lie_inside_what_was_asked(source: Source, interval: Interval) -> None:
    having(source, Capability.BARS)
    end = PLAYED if source.name == "recorded" else NOW
    start = end - timedelta(days=5)
    good, _ = two(source)
    bars = source.bars(good, interval, start, end)
    assert (bars.symbol, bars.interval, bars.vendor) == (good, interval, source.name)
    assert len(bars)
    conformance.check_bars(bars, start, end, simulated=source.simulated)
    assert all(bar.start.utcoffset() == timedelta(0) for bar in bars)


def test_a_range_without_time_in_it_has_no_bars(source: Source) -> None:
    having(source, Capability.BARS)
    at = PLAYED if source.name == "recorded" else NOW
    assert len(source.bars(two(source)[0], Interval.DAY, at, at)) == 0


@pytest.mark.parametrize("symbol", BAD[1:])
def test_bars_of_a_bad_symbol_fail_by_name(source: Source, symbol: str) -> None:
    having(source, Capability.BARS)
    with pytest.raises(SourceError):
        source.bars(symbol, Interval.DAY, NOW - timedelta(days=5), NOW)


def test_what_is_not_offered_is_refused_by_name(source: Source) -> None:
    if Capability.QUOTES not in source.capabilities:
        with pytest.raises(Unsupported):
            source.quotes(["AAPL"])
    if Capability.BARS not in source.capabilities:
        with pytest.raises(Unsupported):
            source.bars("AAPL", Interval.DAY, NOW - timedelta(days=5), NOW)


def test_knowing_asks_nobody_and_never_fails(source: Source) -> None:
    for symbol in ("AAPL", *BAD):
        assert source.knows(symbol) in (True, False, None)


def test_closing_twice_is_closing(source: Source) -> None:
    source.close()
    source.close()


def test_the_feature_matrix_is_the_readmes() -> None:
    matrix = conformance.matrix()
    print(matrix)
    text = README.read_text() if README.exists() else ""
    if MARKER not in text:
        pytest.skip(f"the README has no feature matrix yet (marker {MARKER})")
    assert text.split(MARKER, 1)[1].lstrip().startswith(matrix.rstrip())
