"""Interactive Brokers' quotes and bars: the real client library before a TWS of our own, in fair weather and foul."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from urllib.request import Request, urlopen

import numpy as np
import pytest
from django.conf import settings

from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.sources.base import (
    BadPayload,
    BudgetSpent,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
    VendorTimeout,
)
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.standins.ib import Fault, IbStandin
from marketdata.tests import conformance

MIXED = ("AAPL", "BRK.B", "BAC.PR.L", "^GSPC", "^VIX", "BTC-USD", "EUR-USD", "OCDO.L")
AT_THE_DOOR: dict[Fault, type[SourceError]] = {
    Fault.MUTE: VendorTimeout,
    Fault.GARBAGE: BadPayload,
    Fault.HTML: BadPayload,
    Fault.CLOSES: Unavailable,
    Fault.ID_TAKEN: Unavailable,
}
INSIDE: dict[Fault, type[SourceError]] = {
    Fault.RESET: Unavailable,
    Fault.CLEAN_CLOSE: Unavailable,
    Fault.LOST: Unavailable,
}
PER_LINE: dict[Fault, type[SourceError]] = {
    Fault.NOT_SUBSCRIBED: NotEntitled,
    Fault.COMPETING: Unavailable,
    Fault.MAX_LINES: RateLimited,
    Fault.MAX_MESSAGES: RateLimited,
    Fault.BAD_REQUEST: BadPayload,
    Fault.UNKNOWN: UnknownSymbol,
    Fault.EMPTY: UnknownSymbol,
    Fault.SILENT: VendorTimeout,
}
OF_BARS: dict[Fault, type[SourceError]] = {
    **INSIDE,
    Fault.PACING: RateLimited,
    Fault.NO_PERMISSION: NotEntitled,
    Fault.BAD_REQUEST: BadPayload,
    Fault.MAX_MESSAGES: RateLimited,
    Fault.SILENT: VendorTimeout,
}


@pytest.fixture
def standin() -> Iterator[IbStandin]:
    with IbStandin() as server:
        yield server


@pytest.fixture
def ib(standin: IbStandin) -> Iterator[InteractiveBrokers]:
    source = InteractiveBrokers(standin.host, standin.port, timeout=8)
    yield source
    source.close()


@pytest.fixture
def hasty(standin: IbStandin) -> Iterator[InteractiveBrokers]:
    """A client that waits for a second."""
    source = InteractiveBrokers(standin.host, standin.port, timeout=1, patience=1)
    yield source
    source.close()


def quote(source: InteractiveBrokers, symbol: str = "AAPL") -> Quote:
    answer = source.quotes([symbol])[symbol]
    assert isinstance(answer, Quote), answer
    conformance.check_quote(answer, symbol, "ib")
    return answer


def failure(ask: Callable[[], object]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask()
    return caught.value


def last_days(source: InteractiveBrokers, symbol: str = "AAPL", days: int = 9) -> Bars:
    now = datetime.now(UTC)
    return source.bars(symbol, Interval.DAY, now - timedelta(days=days), now)


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Ask again until it holds: each question may wait for its own deadline."""
    ends = monotonic() + seconds
    while not holds():
        assert monotonic() < ends, "it never came to be"


def answers_again(source: InteractiveBrokers) -> bool:
    try:
        return isinstance(source.quotes(["MSFT"])["MSFT"], Quote)
    except SourceError:
        return False


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


@pytest.mark.parametrize("fault", list(AT_THE_DOOR))
def test_every_fault_at_the_door_has_its_name_and_passes(
    standin: IbStandin, hasty: InteractiveBrokers, fault: Fault
) -> None:
    standin.fault = fault
    assert type(failure(lambda: hasty.quotes(["AAPL"]))) is AT_THE_DOOR[fault]
    standin.fault = None
    until(lambda: answers_again(hasty))


@pytest.mark.parametrize("fault", list(INSIDE))
def test_a_connection_that_ends_in_the_middle_has_its_name_and_passes(
    standin: IbStandin, hasty: InteractiveBrokers, fault: Fault
) -> None:
    quote(hasty)
    standin.fault = fault
    assert type(failure(lambda: hasty.quotes(["SPY"]))) is INSIDE[fault]
    standin.fault = None
    if fault is Fault.LOST:
        assert type(failure(lambda: hasty.quotes(["AAPL"]))) is Unavailable
        standin.say(1102, "Connectivity between IBKR and Trader Workstation has been restored - data maintained.")
    until(lambda: answers_again(hasty))


@pytest.mark.parametrize("fault", list(PER_LINE))
def test_every_refusal_concerns_its_symbol_only(standin: IbStandin, hasty: InteractiveBrokers, fault: Fault) -> None:
    quote(hasty)
    standin.fault = fault
    answers = hasty.quotes(["AAPL", "SPY"])
    assert isinstance(answers["AAPL"], Quote)
    assert type(answers["SPY"]) is PER_LINE[fault]


@pytest.mark.parametrize("fault", list(OF_BARS))
def test_every_fault_of_bars_has_its_name_and_passes(
    standin: IbStandin, hasty: InteractiveBrokers, fault: Fault
) -> None:
    quote(hasty)
    standin.fault = fault
    began = monotonic()
    assert type(failure(lambda: last_days(hasty))) is OF_BARS[fault]
    assert monotonic() - began < 2.5
    standin.fault = None
    standin.say(1102)
    until(lambda: answers_again(hasty))


@pytest.mark.parametrize("fault", [Fault.NO_DATA, Fault.EMPTY])
def test_a_range_without_trades_has_no_bars(standin: IbStandin, ib: InteractiveBrokers, fault: Fault) -> None:
    quote(ib)
    standin.fault = fault
    assert len(last_days(ib)) == 0


def test_no_message_tells_where_tws_is_or_whose_it_is(standin: IbStandin, hasty: InteractiveBrokers) -> None:
    standin.fault = Fault.RESET
    error = failure(lambda: hasty.quotes(["AAPL"]))
    told = f"{error} {error!r} {error.__cause__!r} {error.remedy}"
    assert not [secret for secret in ("127.0.0.1", str(standin.port), "DU0") if secret in told]


def test_nobody_there_is_unavailable_and_is_not_knocked_at_without_end() -> None:
    source = InteractiveBrokers("127.0.0.1", 9, timeout=1)
    errors = [failure(lambda: source.quotes(["AAPL"])) for _ in range(20)]
    assert {type(error) for error in errors} == {Unavailable}
    assert errors[1] is errors[0]
    source.close()


def test_processes_beside_each_other_take_the_next_id(standin: IbStandin, ib: InteractiveBrokers) -> None:
    other = InteractiveBrokers(standin.host, standin.port, timeout=8)
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


def test_after_a_drop_everything_is_subscribed_again_and_no_old_price_is_shown(
    standin: IbStandin, ib: InteractiveBrokers
) -> None:
    ib.quotes(["AAPL", "SPY"])
    standin.quiet = True
    standin.drop()
    assert standin.await_(lambda: not standin.clients)
    until(lambda: answered(ib, "AAPL") and standin.lines == 2)
    answer = ib.quotes(["AAPL"])["AAPL"]
    assert isinstance(answer, SourceError), answer
    standin.quiet = False
    until(lambda: isinstance(ib.quotes(["AAPL"])["AAPL"], Quote))


def answered(source: InteractiveBrokers, symbol: str) -> bool:
    try:
        return bool(source.quotes([symbol]))
    except SourceError:
        return False


def test_after_1101_everything_is_subscribed_again_and_no_old_price_is_shown(
    standin: IbStandin, hasty: InteractiveBrokers
) -> None:
    hasty.quotes(["AAPL", "SPY"])
    standin.quiet = True
    standin.say(1100)
    until(lambda: not answered(hasty, "AAPL"))
    standin.forget_lines()
    standin.say(1101)
    assert standin.await_(lambda: standin.requests["ticks"] == 4)
    until(lambda: answered(hasty, "AAPL"))
    assert isinstance(hasty.quotes(["AAPL"])["AAPL"], SourceError)
    standin.quiet = False
    until(lambda: isinstance(hasty.quotes(["AAPL"])["AAPL"], Quote))


def test_a_farm_that_is_down_is_flagged(standin: IbStandin, ib: InteractiveBrokers) -> None:
    quote(ib)
    standin.say(2103, "Market data farm connection is broken:usfarm")
    until(lambda: "farm_down" in quote(ib).flags)
    standin.say(2104, "Market data farm connection is OK:usfarm")
    until(lambda: "farm_down" not in quote(ib).flags)


def test_lines_give_way_to_those_that_are_wanted_now(standin: IbStandin) -> None:
    source = InteractiveBrokers(standin.host, standin.port, lines=2, timeout=8)
    source.quotes(["AAPL", "SPY"])
    answers = source.quotes(["QQQ", "MSFT", "TSLA"])
    assert [type(answers[symbol]) for symbol in ("QQQ", "MSFT", "TSLA")] == [Quote, Quote, BudgetSpent]
    assert standin.await_(lambda: standin.requests["cancel"] == 2)
    assert standin.lines == 2
    source.close()


def test_noise_changes_no_quote(standin: IbStandin, ib: InteractiveBrokers) -> None:
    quote(ib)
    standin.fault = Fault.NOISE
    quote(ib)
    standin.fault = None
    quote(ib, "SPY")


@pytest.mark.parametrize("interval", list(Interval))
def test_bars_of_every_length(ib: InteractiveBrokers, interval: Interval) -> None:
    now = datetime.now(UTC)
    start = now - timedelta(days=6)
    bars = ib.bars("AAPL", interval, start, now)
    assert len(bars)
    assert bars.adjusted
    conformance.check_bars(bars, start, now)


def test_a_month_of_minutes_is_asked_for_by_the_week_without_a_hole(standin: IbStandin, ib: InteractiveBrokers) -> None:
    end = datetime.now(UTC) - timedelta(days=2)
    bars = ib.bars("BTC-USD", Interval.MINUTE, end - timedelta(days=20), end)
    assert standin.requests["history"] == 3
    assert len(bars) == 20 * 1440
    assert set(np.diff(bars.start)) == {60}


def test_days_are_dates(ib: InteractiveBrokers) -> None:
    start, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 14, tzinfo=UTC)
    days = [bar.session_date.day for bar in ib.bars("AAPL", Interval.DAY, start, end)]
    assert days == [2, 3, 4, 5, 6, 9, 10, 11, 12, 13]


def test_the_running_bar_is_partial_and_the_same_question_is_answered_from_memory(
    standin: IbStandin, ib: InteractiveBrokers
) -> None:
    now = datetime.now(UTC)
    for _ in range(2):
        bars = ib.bars("BTC-USD", Interval.MINUTE, now - timedelta(minutes=15), now + timedelta(minutes=1))
        assert bars.last_is_partial
        assert set(np.diff(bars.start)) == {60}
    old = ib.bars("BTC-USD", Interval.MINUTE, now - timedelta(minutes=30), now - timedelta(minutes=20))
    assert not old.last_is_partial


def test_currencies_and_indices_have_bars_without_volume(standin: IbStandin, ib: InteractiveBrokers) -> None:
    for symbol in ("EUR-USD", "^GSPC"):
        assert np.isnan(last_days(ib, symbol).volume).all()
    assert [fields[19] for fields in standin.asked if fields[0] == "20"] == ["MIDPOINT", "TRADES"]


def test_bars_of_what_cannot_be_had_fail_by_name(ib: InteractiveBrokers) -> None:
    assert isinstance(failure(lambda: last_days(ib, "NOPE")), UnknownSymbol)
    assert isinstance(failure(lambda: last_days(ib, "../AAPL")), UnknownSymbol)
    assert isinstance(failure(lambda: last_days(ib, "GC=F")), Unsupported)


def test_a_history_that_its_limits_forbid_is_refused_before_anything_is_sent(
    standin: IbStandin, ib: InteractiveBrokers
) -> None:
    now = datetime.now(UTC)
    error = failure(lambda: ib.bars("AAPL", Interval.MINUTE, now - timedelta(days=300), now))
    assert isinstance(error, Unsupported)
    assert standin.requests["history"] == 0


def test_a_tws_that_answers_no_more_is_hung_up_on(standin: IbStandin) -> None:
    source = InteractiveBrokers(standin.host, standin.port, timeout=4, heartbeat=0.3)
    quote(source)
    assert standin.await_(lambda: standin.requests["other"] >= 3)
    assert list(standin.clients) == [1]
    standin.fault = Fault.SILENT
    assert standin.await_(lambda: not standin.clients)
    standin.fault = None
    until(lambda: answers_again(source))
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
        source = InteractiveBrokers(host, int(port), timeout=8)
        quote(source)
        with urlopen(Request(f"{control}/say/1100", method="POST"), timeout=5) as answer:
            assert json.load(answer)["requests"]["ticks"] == 1
        until(lambda: not answered(source, "AAPL"))
        source.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
