"""Bars of Yahoo: reach, requests, dates, units, and the bar that still runs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from marketdata.domain import Interval, Quote
from marketdata.sources import yahoo_bars
from marketdata.sources.base import NoData
from marketdata.sources.yahoo import Yahoo
from marketdata.standins.yahoo import CHART, YahooStandin

MONDAY_NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""Noon in New York, a Monday."""


class Clock:
    """A clock that a test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY_NOON)


@pytest.fixture
def timed(clock: Clock) -> Iterator[tuple[Yahoo, YahooStandin]]:
    """Client and stand-in on the same clock."""
    with YahooStandin(clock=lambda: clock.at.timestamp()) as standin:
        source = Yahoo(standin.proxy, standin.ca_file, clock=clock)
        yield source, standin
        source.close()


Timed = tuple[Yahoo, YahooStandin]


def test_the_running_day_is_partial_until_its_session_is_over(timed: Timed, clock: Clock) -> None:
    source, _ = timed
    start = MONDAY_NOON - timedelta(days=5)
    running = source.bars("AAPL", Interval.DAY, start, clock.at)
    assert [bar.session_date.day for bar in running] == [26, 27, 2]
    assert [bar.partial for bar in running] == [False, False, True]
    clock.at = datetime(2026, 3, 2, 21, 0, 10, tzinfo=UTC)
    assert source.bars("AAPL", Interval.DAY, start, clock.at).last_is_partial
    clock.at = datetime(2026, 3, 2, 21, 0, 20, tzinfo=UTC)
    assert not source.bars("AAPL", Interval.DAY, start, clock.at).last_is_partial


def test_the_running_minute_is_partial_until_it_has_settled(timed: Timed, clock: Clock) -> None:
    source, _ = timed
    clock.at = MONDAY_NOON + timedelta(seconds=40)
    minutes = source.bars("AAPL", Interval.MINUTE, MONDAY_NOON - timedelta(minutes=5), clock.at)
    assert [bar.start.minute for bar in minutes] == [55, 56, 57, 58, 59, 0]
    assert minutes.last_is_partial
    assert minutes.volume[-1] == 0


def test_minutes_are_epoch_seconds_of_their_start_and_only_of_the_regular_session(timed: Timed) -> None:
    source, _ = timed
    friday = datetime(2026, 2, 27, tzinfo=UTC)
    minutes = source.bars("AAPL", Interval.MINUTE, friday, friday + timedelta(days=1))
    assert len(minutes) == 390
    assert minutes.start[0] == int(datetime(2026, 2, 27, 14, 30, tzinfo=UTC).timestamp())
    assert (np.diff(minutes.start) == 60).all()


def test_the_last_minute_before_midnight_of_what_never_closes_is_there(timed: Timed) -> None:
    source, _ = timed
    sunday = datetime(2026, 3, 1, tzinfo=UTC)
    minutes = source.bars("BTC-USD", Interval.MINUTE, sunday, sunday + timedelta(days=1))
    assert len(minutes) == 1440


@pytest.mark.parametrize("length", ["2m", "5m", "15m", "30m"])
def test_other_lengths_come_as_asked(timed: Timed, length: str) -> None:
    source, _ = timed
    friday = datetime(2026, 2, 27, tzinfo=UTC)
    bars = source.bars("AAPL", Interval(length), friday, friday + timedelta(days=1))
    assert len(bars) == 390 // int(length[:-1])
    assert (bars.high >= bars.low).all()


def test_daily_bars_cross_the_change_of_clocks_on_the_right_dates(timed: Timed, clock: Clock) -> None:
    source, _ = timed
    clock.at = datetime(2026, 4, 10, tzinfo=UTC)
    for symbol in ("AAPL", "OCDO.L", "EUR-USD"):
        bars = source.bars(symbol, Interval.DAY, datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 4, 4, tzinfo=UTC))
        weekdays = [day for day in (date(2026, 3, 2) + timedelta(days=i) for i in range(33)) if day.weekday() < 5]
        assert [bar.session_date for bar in bars] == weekdays
        assert (bars.start % 86400 == 0).all()


def test_pence_become_pounds_in_bars_too(timed: Timed) -> None:
    source, _ = timed
    bars = source.bars("OCDO.L", Interval.DAY, MONDAY_NOON - timedelta(days=5), MONDAY_NOON)
    quote = source.quotes(["OCDO.L"])["OCDO.L"]
    assert isinstance(quote, Quote)
    assert quote.price == pytest.approx(bars.close[-1], rel=0.1)
    assert (bars.close < 5).all()


def test_the_zone_of_a_symbol_is_asked_once(timed: Timed) -> None:
    source, standin = timed
    for _ in range(3):
        source.bars("IBM", Interval.DAY, MONDAY_NOON - timedelta(days=5), MONDAY_NOON)
    assert standin.requests[CHART] <= 4


def test_old_bars_are_not_kept_from_a_later_correction(timed: Timed) -> None:
    source, standin = timed
    start, end = MONDAY_NOON - timedelta(days=20), MONDAY_NOON - timedelta(days=10)
    source.bars("BAC", Interval.DAY, start, end)
    before = standin.requests[CHART]
    source.bars("BAC", Interval.DAY, start, end)
    assert standin.requests[CHART] == before + 1


@pytest.mark.parametrize(
    ("length", "back", "count"),
    [
        ("1m", 1, 1),
        ("1m", 7, 1),
        ("1m", 8, 2),
        ("1m", 100, 5),
        ("5m", 59, 1),
        ("5m", 400, 1),
        ("1h", 700, 1),
        ("1d", 9000, 1),
    ],
)
def test_how_many_requests_a_range_takes(length: str, back: int, count: int) -> None:
    now = MONDAY_NOON
    parts = list(yahoo_bars.requests(Interval(length), now - timedelta(days=back), now, now))
    assert len(parts) == count
    assert all(last - first <= timedelta(days=7) for first, last in parts if length == "1m")
    assert all(this[1] == following[0] for this, following in pairwise(parts))


@pytest.mark.parametrize(("length", "back"), [("1m", 31), ("5m", 61), ("1h", 731)])
def test_out_of_reach_is_no_data_with_the_reason(length: str, back: int) -> None:
    end = MONDAY_NOON - timedelta(days=back)
    with pytest.raises(NoData, match=r"Yahoo keeps .* bars for \d+ days"):
        list(yahoo_bars.requests(Interval(length), end - timedelta(days=1), end, MONDAY_NOON))


def test_the_future_and_an_empty_range_take_no_request() -> None:
    tomorrow = MONDAY_NOON + timedelta(days=3)
    for interval in (Interval.MINUTE, Interval.DAY):
        assert not list(yahoo_bars.requests(interval, tomorrow, tomorrow + timedelta(days=9), MONDAY_NOON))
        assert not list(yahoo_bars.requests(interval, MONDAY_NOON, MONDAY_NOON, MONDAY_NOON))
