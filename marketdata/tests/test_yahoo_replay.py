"""Recorded exchanges with Yahoo, replayed through the real client."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest

from marketdata import symbols
from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.sources import yahoo_quotes
from marketdata.sources.base import NoData, SourceError, UnknownSymbol
from marketdata.sources.yahoo import Yahoo
from marketdata.standins.yahoo import YahooStandin
from marketdata.tests import conformance

NOW = datetime(2025, 2, 20, 11, 47, 42, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class Then:
    """The real client with its clock at the time of the recording, before a stand-in that replays."""

    def __init__(self, folder: Path, standin: YahooStandin) -> None:
        self.folder = folder
        self._standin = standin
        self.source = Yahoo(standin.proxy, standin.ca_file, clock=lambda: NOW)

    def exchange(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name).read_text())
        return found

    def quotes(self, name: str) -> dict[str, Quote | SourceError]:
        recorded = self.exchange(name)
        self._standin.replay(recorded)
        asked = dict(parse_qsl(urlsplit(recorded["request"]["url"]).query))["symbols"].split(",")
        return self.source.quotes([symbols.from_yahoo(one) for one in asked])

    def bars(self, name: str, symbol: str, start: date, end: date, length: str) -> Bars:
        self._standin.replay(self.exchange(name))
        midnights = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (start, end)]
        return self.source.bars(symbol, Interval(length), *midnights)


@pytest.fixture
def then(exchanges: Path, standin: YahooStandin) -> Iterator[Then]:
    replayed = Then(exchanges, standin)
    yield replayed
    replayed.source.close()


def test_two_shares_after_the_close_keep_every_field(then: Then) -> None:
    answers = then.quotes("quote-AAPL-BABA.json")
    assert answers["AAPL"] == Quote(
        symbol="AAPL", vendor="yahoo", as_of=at(1739566800), received_at=NOW,
        price=244.6, bid=244.44, ask=253.37, bid_size=2, ask_size=1, quote_as_of=None,
        open=241.07, high=245.41, low=241, previous_close=241.53, volume=40896227, currency="USD",
        session=Session.CLOSED, ext_price=244.64, ext_as_of=at(1739581198), feed="realtime", delayed_by=0,
    )  # fmt: skip
    baba = answers["BABA"]
    assert isinstance(baba, Quote)
    assert (baba.price, baba.bid, baba.ask, baba.as_of) == (124.73, 124.75, 124.97, at(1739566802))
    assert (baba.bid_size, baba.ask_size, baba.currency) == (12, 18, "USD")
    assert baba.change_percent == pytest.approx(4.34164, abs=1e-4)


def test_london_is_told_in_pounds_and_labelled_delayed(then: Then) -> None:
    ocado = then.quotes("quote-OCDO.L.json")["OCDO.L"]
    assert isinstance(ocado, Quote)
    assert (ocado.currency, ocado.delayed_by, ocado.feed, ocado.session) == ("GBP", 900, "delayed", Session.REGULAR)
    prices = (ocado.price, ocado.bid, ocado.ask, ocado.open, ocado.high, ocado.low, ocado.previous_close)
    assert prices == pytest.approx((3.088, 3.085, 3.088, 3.082, 3.154158, 3.082, 3.152))
    assert (ocado.volume, ocado.bid_size, ocado.ask_size) == (113925, None, None)
    assert (ocado.as_of, ocado.ext_price, ocado.ext_as_of) == (at(1739788724), None, None)


def test_bitcoin_trades_round_the_clock_without_bid_and_ask(then: Then) -> None:
    bitcoin = then.quotes("quote-BTC-USD.json")["BTC-USD"]
    assert isinstance(bitcoin, Quote)
    assert (bitcoin.price, bitcoin.session, bitcoin.feed) == (96077.45, Session.ALWAYS, "indicative")
    assert (bitcoin.bid, bitcoin.ask, bitcoin.bid_size, bitcoin.ask_size) == (None,) * 4
    assert (bitcoin.volume, bitcoin.as_of) == (21228961792, at(1739789580))


def test_a_fund_after_hours(then: Then) -> None:
    fund = then.quotes("quote-QQQ.json")["QQQ"]
    assert isinstance(fund, Quote)
    assert (fund.price, fund.ext_price, fund.ext_as_of) == (538.15, 538.13, at(1739581191))
    assert (fund.bid, fund.ask, fund.previous_close, fund.volume) == (538.1, 538.22, 535.9, 17862572)


def test_a_row_with_little_in_it_gives_little(then: Then) -> None:
    tesla = then.quotes("quote-TSLA-fields-symbol.json")["TSLA"]
    assert tesla == Quote(
        symbol="TSLA", vendor="yahoo", as_of=at(1739566801), received_at=NOW, price=355.84,
        session=Session.CLOSED, feed="realtime", delayed_by=0,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["quote-BRKS.json", "quote-AAPL220121C00025000.json"])
def test_what_is_delisted_or_expired_is_unknown(then: Then, name: str) -> None:
    (answer,) = then.quotes(name).values()
    assert isinstance(answer, UnknownSymbol)


def test_daily_bars_of_apple_through_a_split_and_a_dividend(then: Then) -> None:
    name = "chart-AAPL-2020-08-31-to-2020-11-07.json"
    series = then.bars(name, "AAPL", date(2020, 8, 31), date(2020, 11, 7), "1d")
    raw = then.exchange(name)["response"]["bodyJson"]["chart"]["result"][0]["indicators"]["quote"][0]
    for column in ("open", "high", "low", "close", "volume"):
        assert np.array_equal(getattr(series, column), raw[column])
    rows = list(series)
    assert (len(rows), rows[0].session_date, rows[-1].session_date) == (49, date(2020, 8, 31), date(2020, 11, 6))
    assert rows[0].start == datetime(2020, 8, 31, tzinfo=UTC)
    assert (rows[0].close, rows[0].volume, series.adjusted) == (129.0399932861328, 225702700, True)
    assert not series.last_is_partial


def test_bitcoin_bars_end_before_the_end_that_was_asked(then: Then) -> None:
    name = "chart-BTC-USD-2020-01-01-to-2020-01-03.json"
    series = then.bars(name, "BTC-USD", date(2020, 1, 1), date(2020, 1, 3), "1d")
    assert [bar.session_date for bar in series] == [date(2020, 1, 1), date(2020, 1, 2)]
    assert list(series.close) == [7200.17431640625, 6985.47021484375]
    assert list(series.volume) == [18565664997, 20802083465]


def test_bars_of_a_currency_have_no_volume(then: Then) -> None:
    name = "chart-EURUSD=X-2020-01-01-to-2020-01-03.json"
    series = then.bars(name, "EUR-USD", date(2020, 1, 1), date(2020, 1, 4), "1d")
    assert [bar.session_date.day for bar in series] == [1, 2, 3]
    assert [bar.volume for bar in series] == [None, None, None]
    assert series.symbol == "EUR-USD"


def test_a_weekend_has_no_minutes(then: Then) -> None:
    name = "chart-AAPL-2025-02-01-to-2025-02-02-includePrePost-false-interval-1m.json"
    with pytest.raises(NoData):
        then.bars(name, "AAPL", date(2025, 2, 1), date(2025, 2, 2), "1m")


@pytest.mark.parametrize("name", ["options-AAPL.json", "options-QQQ.json", "options-AAPL-expire-2022-03-01.json"])
def test_the_quote_inside_a_chain_is_a_quote_like_any_other(then: Then, name: str) -> None:
    row = then.exchange(name)["response"]["bodyJson"]["optionChain"]["result"][0]["quote"]
    answer = yahoo_quotes.read(
        {"quoteResponse": {"result": [row]}}, {row["symbol"]: row["symbol"]}, datetime(2025, 2, 25, tzinfo=UTC)
    )
    quote = answer[row["symbol"]]
    assert isinstance(quote, Quote)
    assert (quote.price, quote.session) == (row["regularMarketPrice"], yahoo_quotes.SESSIONS[row["marketState"]])
    conformance.check_quote(quote, row["symbol"], "yahoo")


def test_every_recorded_quote_and_chart_gives_values_or_named_errors(then: Then) -> None:
    for path in sorted(then.folder.glob("quote-*.json")):
        for symbol, answer in then.quotes(path.name).items():
            conformance.check_answer(answer, symbol, "yahoo")
