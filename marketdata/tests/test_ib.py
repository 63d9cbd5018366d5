"""Interactive Brokers' quotes: the real client library before a TWS of our own."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from django.conf import settings

from marketdata.domain import Quote, Session
from marketdata.sources.base import (
    BudgetSpent,
    Unavailable,
    UnknownSymbol,
    Unsupported,
)
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.standins.ib import IbStandin
from marketdata.standins.ib_faults import Fault
from marketdata.tests import conformance
from marketdata.tests.patience import PATIENT
from marketdata.tests.tws import answered, failure, last_days, quote, until

MIXED = ("AAPL", "BRK.B", "BAC.PR.L", "^GSPC", "^VIX", "BTC-USD", "EUR-USD", "OCDO.L")


@pytest.fixture
def standin() -> Iterator[IbStandin]:
    with IbStandin() as server:
        yield server


@pytest.fixture
def ib(standin: IbStandin) -> Iterator[InteractiveBrokers]:
    source = InteractiveBrokers(standin.host, standin.port, timeout=PATIENT)
    yield source
    source.close()


def test_every_kind_of_symbol_has_its_quote(standin: IbStandin, ib: InteractiveBrokers) -> None:
    answers = ib.quotes(MIXED)
    for symbol in MIXED:
        answer = answers[symbol]
        assert isinstance(answer, Quote), answer
        conformance.check_quote(answer, symbol, "ib")
        assert (answer.feed, answer.delayed_by) == ("realtime", 0)
        assert answer.previous_close is not None
    assert standin.requests["ticks"] == len(MIXED)


def test_a_line_stays_open_and_is_read_at_each_poll(standin: IbStandin, ib: InteractiveBrokers) -> None:
    first = quote(ib)
    until(lambda: quote(ib).as_of > first.as_of)
    assert (standin.requests["details"], standin.requests["ticks"], standin.requests["cancel"]) == (1, 1, 0)


def test_nobody_quotes_an_index_and_nobody_trades_a_currency(ib: InteractiveBrokers) -> None:
    index, pair = quote(ib, "^GSPC"), quote(ib, "EUR-USD")
    assert (index.bid, index.ask, index.bid_size, index.volume, index.currency) == (None,) * 5
    assert (pair.price, pair.volume, pair.currency, pair.session) == (None, None, "USD", Session.ALWAYS)
    assert pair.flags == {"no_exchange_time"}
    assert pair.bid is not None


def test_pence_are_told_in_pounds(ib: InteractiveBrokers) -> None:
    one = quote(ib, "OCDO.L")
    assert one.currency == "GBP"
    assert one.price is not None
    assert 2.9 < one.price < 3.3
    bars = last_days(ib, "OCDO.L")
    assert ((bars.close > 2.9) & (bars.close < 3.3)).all()


def test_what_cannot_be_had_fails_alone(ib: InteractiveBrokers) -> None:
    answers = ib.quotes(["AAPL", "NOPE", "^NOPE", "M&M.NS", "GC=F", "AAPL,SPY", "../AAPL", ""])
    assert isinstance(answers["AAPL"], Quote)
    found = [type(answers[symbol]) for symbol in ("NOPE", "^NOPE", "M&M.NS", "GC=F", "AAPL,SPY", "../AAPL", "")]
    assert found == [UnknownSymbol, UnknownSymbol, Unsupported, Unsupported, *[UnknownSymbol] * 3]


def test_an_unknown_symbol_is_not_asked_for_at_each_poll(standin: IbStandin, ib: InteractiveBrokers) -> None:
    for _ in range(3):
        assert isinstance(ib.quotes(["NOPE"])["NOPE"], UnknownSymbol)
    assert standin.requests["details"] == 1


def test_what_this_source_never_has_needs_no_connection(standin: IbStandin, ib: InteractiveBrokers) -> None:
    assert isinstance(ib.quotes(["GC=F"])["GC=F"], Unsupported)
    assert dict(ib.quotes([])) == {}
    assert not standin.requests


def test_processes_beside_each_other_take_the_next_id(standin: IbStandin, ib: InteractiveBrokers) -> None:
    other = InteractiveBrokers(standin.host, standin.port, timeout=PATIENT)
    assert quote(ib).symbol == quote(other).symbol
    assert sorted(standin.clients) == [1, 2]
    other.close()


def test_delayed_data_are_labelled_however_tws_tells_it(standin: IbStandin, ib: InteractiveBrokers) -> None:
    standin.delayed = True
    one = quote(ib)
    assert (one.feed, one.delayed_by) == ("delayed", 900)
    assert timedelta(seconds=890) < one.received_at - one.as_of < timedelta(seconds=910)
    standin.says_type = False
    assert quote(ib, "MSFT").delayed_by == 900
    standin.delayed, standin.fault = False, Fault.DELAYED_WARNING
    assert quote(ib, "SPY").delayed_by == 900
    standin.says_type, standin.fault = True, None
    assert quote(ib, "QQQ").delayed_by == 0


def test_lines_give_way_to_those_that_are_wanted_now(standin: IbStandin) -> None:
    source = InteractiveBrokers(standin.host, standin.port, lines=2, timeout=PATIENT)
    source.quotes(["AAPL", "SPY"])
    answers = source.quotes(["QQQ", "MSFT", "TSLA"])
    assert [type(answers[symbol]) for symbol in ("QQQ", "MSFT", "TSLA")] == [Quote, Quote, BudgetSpent]
    assert standin.await_(lambda: standin.requests["cancel"] == 2)
    assert standin.lines == 2
    source.close()


def test_what_was_closed_says_so(ib: InteractiveBrokers) -> None:
    quote(ib)
    ib.close()
    assert isinstance(failure(lambda: ib.quotes(["AAPL"])), Unavailable)


def test_the_command_serves_and_switches_its_faults() -> None:
    command = [sys.executable, "manage.py", "standins", "ib", "--port", "0"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = iter(process.stdout)
        host, port = next(
            found for line in lines if (found := re.search(r"IB_HOST=(\S+) IB_PORT=(\d+)", line))
        ).groups()
        control = next(found[1] for line in lines if (found := re.search(r"PUT (\S+)/fault", line)))
        source = InteractiveBrokers(host, int(port), timeout=PATIENT)
        quote(source)
        with urlopen(Request(f"{control}/say/1100", method="POST"), timeout=30) as answer:
            assert json.load(answer)["requests"]["ticks"] == 1
        until(lambda: not answered(source, "AAPL"))
        source.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
