"""Sessions against exchange_calendars and against days known by heart."""

from datetime import UTC, date, datetime, timedelta

import pytest

from marketdata import calendar
from marketdata.calendar import NEW_YORK
from marketdata.domain import Interval, Session


def et(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=NEW_YORK)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (et(2024, 1, 16, 3, 59, 59), Session.CLOSED),
        (et(2024, 1, 16, 4, 0), Session.PRE),
        (et(2024, 1, 16, 9, 29, 59), Session.PRE),
        (et(2024, 1, 16, 9, 30), Session.REGULAR),
        (et(2024, 1, 16, 15, 59, 59), Session.REGULAR),
        (et(2024, 1, 16, 16, 0), Session.POST),
        (et(2024, 1, 16, 19, 59, 59), Session.POST),
        (et(2024, 1, 16, 20, 0), Session.CLOSED),
        (et(2024, 1, 13, 12, 0), Session.CLOSED),  # a Saturday
        (et(2024, 1, 15, 12, 0), Session.CLOSED),  # Martin Luther King day
        (et(2024, 7, 3, 12, 59), Session.REGULAR),  # half day
        (et(2024, 7, 3, 13, 0), Session.POST),
        (et(2024, 7, 3, 17, 0), Session.CLOSED),
    ],
)
@pytest.mark.parametrize("market", ["live", "recorded"])
def test_the_phase_of_the_day(at: datetime, expected: Session, market: str) -> None:
    assert calendar.session(at, market) is expected
    assert calendar.is_open(at, market) is (expected is Session.REGULAR)


@pytest.mark.parametrize(
    ("friday", "monday", "before", "after"),
    [
        (date(2024, 3, 8), date(2024, 3, 11), 14, 13),  # clocks go forward on Sunday 10 March
        (date(2024, 11, 1), date(2024, 11, 4), 13, 14),  # and back on Sunday 3 November
        (date(2013, 11, 1), date(2013, 11, 4), 13, 14),
    ],
)
def test_the_open_moves_with_daylight_saving(friday: date, monday: date, before: int, after: int) -> None:
    opened = calendar.hours(friday, "live")
    assert opened is not None
    assert opened[0] == datetime(friday.year, friday.month, friday.day, before, 30, tzinfo=UTC)
    assert calendar.next_open(opened[1], "live") == datetime(
        monday.year, monday.month, monday.day, after, 30, tzinfo=UTC
    )


def test_the_next_open_and_close_pass_over_a_holiday() -> None:
    thursday_night = et(2024, 3, 28, 21, 0)  # Good Friday follows
    assert calendar.next_open(thursday_night, "live") == et(2024, 4, 1, 9, 30)
    assert calendar.next_close(thursday_night, "live") == et(2024, 4, 1, 16, 0)
    assert calendar.next_close(et(2024, 11, 29, 10, 0), "live") == et(2024, 11, 29, 13, 0)


def test_the_session_date_of_a_closed_hour_is_the_last_session() -> None:
    assert calendar.session_date(et(2024, 1, 14, 12, 0), "live") == date(2024, 1, 12)
    assert calendar.session_date(et(2024, 1, 16, 3, 0), "live") == date(2024, 1, 12)
    assert calendar.session_date(et(2024, 1, 16, 19, 0), "live") == date(2024, 1, 16)
    assert calendar.session_date(datetime(2024, 1, 17, 0, 30, tzinfo=UTC), "live") == date(2024, 1, 16)
    assert calendar.session_date(datetime(2024, 1, 17, 0, 30, tzinfo=UTC), "simulated") == date(2024, 1, 17)


def test_expected_minutes_are_those_of_the_regular_session() -> None:
    whole = calendar.expected_bars(Interval.MINUTE, et(2024, 7, 3), et(2024, 7, 4), "live")
    assert len(whole) == 210
    assert (whole[0], whole[-1]) == (et(2024, 7, 3, 9, 30), et(2024, 7, 3, 12, 59))
    assert len(calendar.expected_bars(Interval.MINUTE, et(2024, 7, 1), et(2024, 7, 6), "recorded")) == 3 * 390 + 210
    some = calendar.expected_bars(Interval.FIVE_MINUTES, et(2024, 7, 3, 9, 31), et(2024, 7, 3, 9, 45), "live")
    assert some == [et(2024, 7, 3, 9, 35), et(2024, 7, 3, 9, 40)]
    assert len(calendar.expected_bars(Interval.HOUR, et(2024, 7, 2), et(2024, 7, 3), "live")) == 7
    assert calendar.expected_bars(Interval.MINUTE, et(2024, 7, 6), et(2024, 7, 6), "live") == []


def test_expected_days_are_dates_at_midnight_utc() -> None:
    days = calendar.expected_bars(
        Interval.DAY, datetime(2024, 1, 12, tzinfo=UTC), datetime(2024, 1, 18, tzinfo=UTC), "live"
    )
    assert [day.day for day in days] == [12, 16, 17]
    assert all(day.hour == 0 and day.tzinfo is UTC for day in days)


def test_the_simulated_market_never_closes() -> None:
    sunday = datetime(2024, 1, 14, 3, 0, tzinfo=UTC)
    assert calendar.session(sunday, "simulated") is Session.ALWAYS
    assert calendar.is_open(sunday, "simulated")
    assert calendar.next_open(sunday, "simulated") is None
    assert calendar.next_close(sunday, "simulated") is None
    assert calendar.sessions(date(2024, 1, 13), date(2024, 1, 15), "simulated") == [
        date(2024, 1, i) for i in (13, 14, 15)
    ]
    minutes = calendar.expected_bars(Interval.MINUTE, sunday, sunday + timedelta(days=1), "simulated")
    assert len(minutes) == 1440
    assert minutes[0] == sunday


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # exchange_calendars under pandas 3.1
def test_every_session_since_1990_is_that_of_the_exchange() -> None:
    import exchange_calendars

    exchange = exchange_calendars.get_calendar("XNYS", start="1990-01-01", end="2024-12-31")
    ours = calendar.sessions(date(1990, 1, 1), date(2024, 12, 31), "live")
    assert ours == [stamp.date() for stamp in exchange.sessions]
    assert [calendar.hours(day, "live") for day in ours[::50]] == [
        (opened.to_pydatetime(), closed.to_pydatetime())
        for opened, closed in zip(exchange.opens[::50], exchange.closes[::50], strict=True)
    ]


def test_a_date_beyond_the_calendar_is_a_clear_error() -> None:
    with pytest.raises(calendar.OutOfCalendar, match=r"1985-01-02 is outside the trading calendar.*1990-01-02"):
        calendar.session(et(1985, 1, 2, 12, 0), "live")
    with pytest.raises(calendar.OutOfCalendar):
        calendar.sessions(date(2020, 1, 1), date(2100, 1, 1), "live")
    with pytest.raises(ValueError, match="no market 'mars'"):
        calendar.session(et(2024, 1, 16, 12, 0), "mars")
    with pytest.raises(ValueError, match="no time zone"):
        calendar.session(datetime(2024, 1, 16, 12, 0), "live")  # noqa: DTZ001


def test_a_year_ahead_is_known() -> None:
    ahead = datetime.now(UTC) + timedelta(days=364)
    assert calendar.next_open(ahead, "live") is not None
