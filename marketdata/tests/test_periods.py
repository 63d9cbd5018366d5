"""Which bars a period means: real sessions of New York, with their holidays and half days."""

from datetime import UTC, date, datetime

import pytest

from marketdata.domain import Interval
from marketdata.periods import DEFAULTS, INTERVALS, Impossible, Period, choose, first_session, midnight, months_before


@pytest.mark.parametrize("spelling", ["1D", "1d", "max", "Max", "5y"])
def test_a_period_may_be_written_in_any_case(spelling: str) -> None:
    period, interval = choose(spelling, None)
    assert period == spelling.upper()
    assert interval is DEFAULTS[period]


def test_an_interval_may_be_written_in_any_case() -> None:
    assert choose("1d", "15M") == (Period.SESSION, Interval.FIFTEEN_MINUTES)


def test_every_default_is_allowed() -> None:
    assert all(DEFAULTS[period] in INTERVALS[period] for period in Period)


@pytest.mark.parametrize(
    ("period", "interval", "code", "named"),
    [
        ("2D", None, "unknown-period", "1D, 5D, 1M, 3M, 6M, 1Y, 5Y, MAX"),
        ("", None, "unknown-period", "MAX"),
        ("1D", "7m", "unknown-interval", "1m, 2m, 5m, 15m, 30m, 1h, 1d"),
        ("1Y", "1m", "impossible-interval", "1d"),
        ("1M", "1m", "impossible-interval", "5m, 15m, 30m, 1h, 1d"),
    ],
)
def test_what_is_impossible_names_what_is_possible(period: str, interval: str | None, code: str, named: str) -> None:
    with pytest.raises(Impossible, match=named) as refused:
        choose(period, interval)
    assert refused.value.code == code
    assert ", ".join(refused.value.allowed).endswith(named)


@pytest.mark.parametrize(
    ("period", "today", "first"),
    [
        (Period.SESSION, date(2013, 10, 11), date(2013, 10, 11)),
        (Period.FIVE_SESSIONS, date(2013, 10, 11), date(2013, 10, 7)),
        # Thanksgiving 2024 (28 November) has no session, the half day after it has.
        (Period.FIVE_SESSIONS, date(2024, 12, 2), date(2024, 11, 25)),
        (Period.MONTH, date(2024, 3, 31), date(2024, 2, 29)),
        (Period.YEAR, date(2024, 2, 29), date(2023, 2, 28)),
        (Period.MAX, date(2024, 2, 29), date(1990, 1, 2)),
    ],
)
def test_where_a_period_begins(period: Period, today: date, first: date) -> None:
    assert first_session(period, today, "live") == first


def test_a_market_that_never_closes_has_a_session_each_day() -> None:
    assert first_session(Period.FIVE_SESSIONS, date(2024, 12, 2), "simulated") == date(2024, 11, 28)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2024, 1, 15), 1, date(2023, 12, 15)),
        (date(2024, 12, 31), 1, date(2024, 11, 30)),
        (date(2024, 12, 31), 12, date(2023, 12, 31)),
        (date(2024, 5, 31), 3, date(2024, 2, 29)),
        (date(2024, 5, 31), 60, date(2019, 5, 31)),
    ],
)
def test_months_back(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


def test_midnight_is_that_of_the_market_and_for_daily_bars_the_date_in_disguise() -> None:
    summer = date(2013, 10, 4)
    assert midnight(summer, Interval.MINUTE, "live") == datetime(2013, 10, 4, 4, tzinfo=UTC)
    assert midnight(date(2013, 12, 4), Interval.MINUTE, "live") == datetime(2013, 12, 4, 5, tzinfo=UTC)
    assert midnight(summer, Interval.DAY, "live") == datetime(2013, 10, 4, tzinfo=UTC)
    assert midnight(summer, Interval.MINUTE, "simulated") == datetime(2013, 10, 4, tzinfo=UTC)
