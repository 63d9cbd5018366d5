"""What can go wrong with TWS: each has its name, concerns only whom it must, and passes."""

from collections.abc import Iterator
from time import monotonic

import pytest

from marketdata.domain import Quote
from marketdata.sources.base import (
    BadPayload,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    VendorTimeout,
)
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.standins.ib import IbStandin
from marketdata.standins.ib_faults import Fault
from marketdata.tests.patience import HUNG, PATIENT, patience
from marketdata.tests.tws import answered, answers_again, failure, last_days, quote, until

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
SLOW = (Fault.MUTE, Fault.GARBAGE, Fault.HTML, Fault.SILENT)
"""Those that only the client's own deadline ends."""


@pytest.fixture
def standin() -> Iterator[IbStandin]:
    with IbStandin() as server:
        yield server


@pytest.fixture
def ib(standin: IbStandin) -> Iterator[InteractiveBrokers]:
    source = InteractiveBrokers(standin.host, standin.port, timeout=PATIENT)
    yield source
    source.close()


@pytest.fixture
def hasty(standin: IbStandin, request: pytest.FixtureRequest) -> Iterator[InteractiveBrokers]:
    """A client that waits shortly where nothing would come."""
    seconds = patience(request, 4, SLOW)
    source = InteractiveBrokers(standin.host, standin.port, timeout=seconds, patience=seconds)
    yield source
    source.close()


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
    assert monotonic() - began < HUNG
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


def test_noise_changes_no_quote(standin: IbStandin, ib: InteractiveBrokers) -> None:
    quote(ib)
    standin.fault = Fault.NOISE
    quote(ib)
    standin.fault = None
    quote(ib, "SPY")


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
