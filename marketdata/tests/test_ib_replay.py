"""Recorded messages of TWS and printed results of real sessions, through the real decoder to our values."""

import ast
import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async import ContractDetails, Ticker
from ib_async.decoder import Decoder

from marketdata.domain import Bars, Interval, Quote
from marketdata.sources import ib_bars, ib_contracts, ib_errors, ib_pacing, ib_quotes
from marketdata.sources.base import BadPayload, NoData, RateLimited, SourceError, UnknownSymbol, VendorTimeout
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.standins.ib import IbStandin
from marketdata.standins.ib_client import VERSION
from marketdata.standins.ib_frames import recorded
from marketdata.symbols import IbName, ib
from marketdata.tests import conformance

NOW = datetime(2026, 3, 11, 16, 0, 5, tzinfo=UTC)
NAN = float("nan")


@pytest.fixture
def sessions(shared: Path) -> Path:
    """The folder of what was recorded with TWS; skips the test where there is none."""
    folder = shared / "vendors" / "fixtures" / "ib"
    if not folder.is_dir():
        pytest.skip("nothing recorded with TWS here: vendors/fixtures/ib")
    return folder


@pytest.fixture
def standin() -> Iterator[IbStandin]:
    with IbStandin() as server:
        yield server


@pytest.fixture
def source(standin: IbStandin) -> Iterator[InteractiveBrokers]:
    client = InteractiveBrokers(standin.host, standin.port, timeout=8)
    yield client
    client.close()


def decoded(text: str) -> list[ContractDetails]:
    """The contract details of recorded frames, by the library's own decoder."""
    found: list[ContractDetails] = []
    wrapper = SimpleNamespace(contractDetails=lambda request, details: found.append(details))
    for line in text.splitlines():
        Decoder(wrapper, VERSION).interpret(recorded(line))  # type: ignore[arg-type]
    return found


def test_recorded_contract_details_name_the_contract_that_was_asked_for(sessions: Path) -> None:
    for path in sessions.glob("contractDetails_*.txt"):
        symbol = path.name.split("_")[1]
        name = ib(symbol)
        assert name is not None
        details = decoded(path.read_text())
        assert len(details) == len(path.read_text().splitlines())
        chosen = ib_contracts.chosen(symbol, name, details)
        assert chosen.contract.conId == details[0].contract.conId
        assert (chosen.contract.exchange, chosen.currency, chosen.magnifier) == ("SMART", "USD", 1)
        with pytest.raises(UnknownSymbol):
            ib_contracts.chosen("OCDO.L", IbName("STK", symbol, "LSE", "GBP"), details)


def test_recorded_contract_details_on_the_wire_lead_to_a_quote(
    sessions: Path, standin: IbStandin, source: InteractiveBrokers
) -> None:
    frames = (sessions / "contractDetails_TSLA_2022-12-29.txt").read_text().splitlines()
    standin.replays = {"details": frames, "ticks": TICKS}
    quote = source.quotes(["TSLA"])["TSLA"]
    assert isinstance(quote, Quote)
    asked = next(fields for fields in standin.asked if fields[0] == "1")
    assert asked[3] == "76792991"
    told = (quote.price, quote.bid, quote.ask, quote.bid_size, quote.previous_close, quote.open, quote.volume)
    assert told == (121.82, 121.8, 121.85, 300, 112.71, 120.39, 1_500_000)
    assert quote.as_of == datetime(2022, 12, 29, 20, 0, 0, 250_000, tzinfo=UTC)


TICKS = [
    "81|0|0.01|9c0001|3|", "58|1|0|1|", "1|6|0|1|121.80|300|1|", "1|6|0|2|121.85|200|1|", "1|6|0|4|121.82|100|0|",
    "2|6|0|8|1500000|", "46|6|0|45|1672344000|", "46|6|0|48|121.82;100;1672344000250;1500000;120.1;true|",
    "1|6|0|9|112.71|0|0|", "1|6|0|14|120.39|0|0|", "45|6|0|49|0.0|",
]  # fmt: skip


def bars_on_the_wire(
    standin: IbStandin, source: InteractiveBrokers, symbol: str, interval: Interval, rows: str
) -> Bars:
    standin.replays = {"history": [rows]}
    return source.bars(symbol, interval, datetime(2013, 10, 1, tzinfo=UTC), datetime(2013, 10, 7, tzinfo=UTC))


def test_bars_come_in_epoch_seconds_or_dates(standin: IbStandin, source: InteractiveBrokers) -> None:
    minutes = "17|0|||2|1380898800|482.5|483|482|482.75|1200|482.6|34|1380898860|482.75|484|482.5|483.5|900|483|20|"
    bars = list(bars_on_the_wire(standin, source, "AAPL", Interval.MINUTE, minutes))
    assert [bar.start for bar in bars] == [datetime(2013, 10, 4, 15, i, tzinfo=UTC) for i in (0, 1)]
    assert (bars[0].open, bars[0].high, bars[0].low, bars[0].close, bars[0].volume) == (482.5, 483, 482, 482.75, 1200)
    days = (
        "17|0|||2|20131003|490.5|492.3|480.7|483.4|11528858|484.9|60|20131004|483.9|484.6|478.6|483.0|9236000|482|50|"
    )
    bars = list(bars_on_the_wire(standin, source, "AAPL", Interval.DAY, days))
    assert [bar.session_date for bar in bars] == [date(2013, 10, 3), date(2013, 10, 4)]
    assert bars[1].close == 483.0


def test_a_time_without_its_zone_is_no_time(standin: IbStandin, source: InteractiveBrokers) -> None:
    naive = "17|0|||1|20131004  15:30:00|482.5|483|482|482.75|1200|482.6|34|"
    with pytest.raises(BadPayload):
        bars_on_the_wire(standin, source, "AAPL", Interval.MINUTE, naive)
    zoned = "17|0|||1|20131004 11:00:00 US/Eastern|482.5|483|482|482.75|1200|482.6|34|"
    bars = list(bars_on_the_wire(standin, source, "AAPL", Interval.FIVE_MINUTES, zoned))
    assert bars[0].start == datetime(2013, 10, 4, 15, tzinfo=UTC)


def test_a_broken_row_is_named_in_time(standin: IbStandin) -> None:
    hasty = InteractiveBrokers(standin.host, standin.port, patience=1)
    with pytest.raises((BadPayload, VendorTimeout)):
        bars_on_the_wire(standin, hasty, "AAPL", Interval.MINUTE, "17|0|||2|1380898800|x|483|482|")
    hasty.close()


def printed(sessions: Path, kind: str) -> list[dict[str, Any]]:
    """The objects of a kind that real sessions printed, as their attributes."""
    text = " ".join(cell["output"] for path in sessions.glob("*.json") for cell in json.loads(path.read_text()))
    return [found for one in re.finditer(rf"\b{kind}\(", text) if (found := _attributes(text[one.start() :]))]


def _attributes(text: str) -> dict[str, Any]:
    """The keyword arguments of a printed object."""
    depth = 0
    for i, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == ")" and depth == 0:
            try:
                call = ast.parse(text[: i + 1], mode="eval").body
            except SyntaxError:
                return {}
            return {one.arg or "": _value(one.value) for one in call.keywords} if isinstance(call, ast.Call) else {}
    return {}


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "datetime.datetime":
        return datetime(*[ast.literal_eval(one) for one in node.args], tzinfo=UTC if node.keywords else None)
    with suppress(ValueError):
        return ast.literal_eval(node)
    return None


def test_printed_tickers_become_quotes(sessions: Path) -> None:
    tickers = printed(sessions, "Ticker")
    assert tickers
    for told in tickers:
        made = ticker(**{name: value for name, value in told.items() if name != "contract" and value is not None})
        quote = ib_quotes.quote("EUR-USD", made, "USD", 1, NOW, warned=False)
        if "bid" not in told:
            assert isinstance(quote, SourceError)
            continue
        assert isinstance(quote, Quote)
        assert (quote.bid, quote.ask, quote.bid_size) == (told["bid"], told["ask"], told["bidSize"])
        assert (quote.price, quote.open, quote.previous_close) == (None, None, told["close"])
        assert (quote.as_of, quote.flags) == (told["time"], {"no_exchange_time"})


def test_printed_bars_keep_their_numbers_where_their_time_is_known(sessions: Path) -> None:
    bars = printed(sessions, "BarData")
    assert bars
    for told in bars:
        with pytest.raises(BadPayload):
            ib_bars.read([SimpleNamespace(**told)], "TSLA", Interval.HALF_HOUR, NOW)
        zoned = SimpleNamespace(**{**told, "date": told["date"].replace(tzinfo=UTC)})
        (bar,) = ib_bars.read([zoned], "TSLA", Interval.HALF_HOUR, NOW)
        assert [bar.open, bar.high, bar.low, bar.close] == [told[name] for name in ("open", "high", "low", "close")]


def test_printed_errors_have_their_names(sessions: Path) -> None:
    text = " ".join(cell["output"] for path in sessions.glob("*.json") for cell in json.loads(path.read_text()))
    found = {
        int(code): ib_errors.named(int(code), said) for code, said in re.findall(r"Error (\d+), reqId[^:]*:(.*)", text)
    }
    assert found
    assert all(isinstance(error, SourceError) for error in found.values())


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("HMDS query returned no data: AAPL@SMART Trades", NoData),
        ("Historical data request pacing violation", RateLimited),
        ("API historical data query cancelled: 5", VendorTimeout),
    ],
)
def test_162_means_what_its_text_says(text: str, error: type[SourceError]) -> None:
    assert type(ib_errors.named(162, f"Historical Market Data Service error message:{text}")) is error


def ticker(**values: Any) -> Ticker:
    found = Ticker()
    # Making one empties it.
    for name, value in {"time": NOW, **values}.items():
        setattr(found, name, value)
    return found


def read(**values: Any) -> Quote:
    found = ib_quotes.quote("AAPL", ticker(**values), "USD", 1, NOW, warned=False)
    assert isinstance(found, Quote)
    return found


def test_minus_one_nan_and_no_size_are_absent() -> None:
    one = read(last=10.0, bid=-1.0, bidSize=0.0, ask=NAN, askSize=5.0, high=-1.0, volume=-1.0)
    assert (one.bid, one.ask, one.bid_size, one.ask_size, one.high, one.volume) == (None,) * 6
    assert isinstance(ib_quotes.quote("AAPL", ticker(bid=-1.0, ask=-1.0), "USD", 1, NOW, warned=False), NoData)


def test_the_price_is_as_old_as_its_trade_not_as_the_last_packet() -> None:
    at = datetime(2026, 3, 11, 15, 59, 0, tzinfo=UTC)
    assert read(last=10.0, lastTimestamp=at).as_of == at
    assert read(last=10.0, lastTimestamp=at, rtTime=at + timedelta(milliseconds=250)).as_of.microsecond == 250_000
    assert read(last=10.0, rtTime=at).as_of == at
    assert read(last=10.0).flags == {"no_exchange_time"}
    late = read(last=10.0, delayedLastTimestamp=at)
    assert (late.as_of, late.feed, late.delayed_by) == (at, "delayed", 900)


@pytest.mark.parametrize(
    ("kind", "feed", "delay"),
    [(1, "realtime", 0), (2, "frozen", None), (3, "delayed", 900), (4, "delayed_frozen", None), (9, None, None)],
)
def test_each_type_of_market_data_has_its_label(kind: int, feed: str | None, delay: int | None) -> None:
    one = read(last=10.0, marketDataType=kind)
    assert (one.feed, one.delayed_by) == (feed, delay)


def test_a_halt_is_flagged() -> None:
    assert "halted" in read(last=10.0, halted=1.0, lastTimestamp=NOW).flags
    assert not read(last=10.0, halted=0.0, lastTimestamp=NOW).flags


def test_a_reused_ticker_forgets() -> None:
    old = ticker(last=10.0, bid=9.0, lastTimestamp=NOW, marketDataType=3, close=8.0)
    ib_quotes.wipe(old)
    assert isinstance(ib_quotes.quote("AAPL", old, "USD", 1, NOW, warned=False), NoData)
    assert old.marketDataType == 1


def test_ten_minutes_hold_sixty_requests_and_two_seconds_five_of_one_contract() -> None:
    pacer, now, sent = ib_pacing.Pacer(), 0.0, []
    for i in range(200):
        wait = pacer.wait(i % 3, i, now)
        now += wait
        assert pacer.wait(i % 3, i, now) == pytest.approx(0, abs=1e-9)
        pacer.sent(i % 3, i, now)
        sent.append((now, i % 3))
    for at, one in sent:
        assert sum(at - 600 < other <= at for other, _ in sent) <= 60
        assert sum(at - 2 < other <= at and same == one for other, same in sent) <= 5


def test_the_same_request_waits_and_bid_ask_counts_twice() -> None:
    pacer = ib_pacing.Pacer()
    pacer.sent("AAPL", "x", 0.0, weight=2)
    assert pacer.wait("AAPL", "x", 1.0) == 14.0
    assert pacer.wait("AAPL", "y", 1.0) == 0.0
    for i in range(29):
        pacer.sent(i, i, 100.0, weight=2)
    assert pacer.wait("SPY", "z", 101.0, weight=1) == 499.0


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.datetimes()
times = st.none() | st.datetimes(timezones=st.just(UTC)) | st.datetimes() | st.text(max_size=4)
tickers = st.builds(
    SimpleNamespace,
    **dict.fromkeys(ib_quotes.READ, anything), **dict.fromkeys(ib_quotes.TIMES, times),
    marketDataType=st.integers(0, 5) | anything,
)  # fmt: skip


@given(tickers, st.sampled_from(["AAPL", "^GSPC", "EUR-USD", "OCDO.L"]), st.booleans())
def test_any_ticker_gives_a_quote_or_an_error_of_the_tree(one: Any, symbol: str, warned: bool) -> None:
    late = datetime(2101, 1, 1, tzinfo=UTC)
    answer = ib_quotes.quote(symbol, one, "USD", 100, late, warned)
    if isinstance(answer, Quote) and answer.as_of > late:
        return
    conformance.check_answer(answer, symbol, "ib")


rows = st.builds(
    SimpleNamespace, date=times | st.dates(), open=anything, high=anything, low=anything, close=anything,
    volume=anything,
)  # fmt: skip


@given(st.lists(rows, max_size=5), st.sampled_from(list(Interval)))
def test_any_rows_give_columns_or_an_error_of_the_tree(found: list[Any], interval: Interval) -> None:
    with suppress(SourceError):
        bars = ib_bars.read(found, "AAPL", interval, NOW)
        assert all(bar.low > 0 and (bar.volume is None or bar.volume >= 0) for bar in bars)


@given(st.integers(-10, 20_000), st.text(max_size=40))
def test_any_code_is_news_or_an_error_of_the_tree(code: int, text: str) -> None:
    error = ib_errors.named(code, text)
    assert error is None or isinstance(error, SourceError)


@given(
    st.sampled_from(list(Interval)), st.integers(0, 3_000_000_000), st.integers(0, 400 * 86_400),
    st.integers(0, 3_000_000_000),
)  # fmt: skip
def test_pages_cover_the_range_and_end(interval: Interval, first: int, length: int, now: int) -> None:
    start = datetime.fromtimestamp(first, UTC)
    pages = ib_bars.pages(interval, start, start + timedelta(seconds=length), datetime.fromtimestamp(now, UTC))
    most = 400 / ib_bars.DAYS_PER_REQUEST.get(interval, 7)
    assert len(pages) <= math.ceil(most) + 1
    assert all(re.fullmatch(r"\d+ [SDY]", page.duration) for page in pages)
