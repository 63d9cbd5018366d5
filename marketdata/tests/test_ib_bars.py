"""Interactive Brokers' bars: page by page, within its limits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from marketdata.domain import Interval
from marketdata.sources.base import (
    UnknownSymbol,
    Unsupported,
)
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.standins.ib import IbStandin
from marketdata.tests import conformance
from marketdata.tests.patience import PATIENT
from marketdata.tests.tws import failure, last_days


@pytest.fixture
def standin() -> Iterator[IbStandin]:
    with IbStandin() as server:
        yield server


@pytest.fixture
def ib(standin: IbStandin) -> Iterator[InteractiveBrokers]:
    source = InteractiveBrokers(standin.host, standin.port, timeout=PATIENT)
    yield source
    source.close()


@pytest.mark.parametrize("interval", list(Interval))
def test_bars_of_every_length(ib: InteractiveBrokers, interval: Interval) -> None:
    now = datetime.now(UTC)
    start = now - timedelta(days=6)
    bars = ib.bars("AAPL", interval, start, now)
    assert len(bars)
    assert bars.adjusted
    conformance.check_bars(bars, start, now)


def test_a_month_of_minutes_is_asked_for_by_the_week_without_a_hole(standin: IbStandin, ib: InteractiveBrokers) -> None:
    # A fraction of a second after a minute has begun: that minute starts before the end, so it belongs to it.
    end = datetime.now(UTC).replace(second=0, microsecond=300_000) - timedelta(days=2)
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
