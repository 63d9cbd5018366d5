"""Recorded messages of TWS and printed results of real sessions, through the real decoder to our values."""

import ast
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ib_async import ContractDetails
from ib_async.decoder import Decoder

from marketdata.domain import Bars, Interval, Quote
from marketdata.sources import ib_bars, ib_contracts, ib_errors, ib_quotes
from marketdata.sources.base import BadPayload, SourceError, UnknownSymbol, VendorTimeout
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.standins.ib import IbStandin
from marketdata.standins.ib_client import VERSION
from marketdata.standins.ib_frames import recorded
from marketdata.symbols import IbName, ib
from marketdata.tests.patience import PATIENT
from marketdata.tests.tws import NOW, ticker


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
    client = InteractiveBrokers(standin.host, standin.port, timeout=PATIENT)
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
        assert (quote.as_of, quote.quote_as_of, quote.flags) == (told["time"], told["time"], {"no_exchange_time"})


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
