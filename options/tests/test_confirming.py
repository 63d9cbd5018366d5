"""Verdicts at their boundaries, counts that flicker, moves since the alert, and shares with their interval."""

from dataclasses import replace
from datetime import date, timedelta
from math import comb

import pytest

from options.confirming import confirmed, is_newer, moved, rates
from options.domain import Alert, Verdict
from options.expecting import nothing
from options.rules import BUILT_IN, alerts
from options.tests.chains import NOON, analysed, chain
from options.wilson import wilson

NEXT = date(2024, 1, 17)


@pytest.fixture
def alert() -> Alert:
    row = {"bid": 4.9, "ask": 5.1, "volume": 1000.0, "open_interest": 400.0}
    (found,) = alerts(analysed(chain([row])), nothing(1), BUILT_IN)
    return found


@pytest.mark.parametrize(
    ("interest", "verdict"),
    [
        (900.0, Verdict.OPENED), (899.0, Verdict.UNCLEAR), (400.0, Verdict.UNCLEAR), (None, Verdict.UNCLEAR),
        (0.0, Verdict.UNCLEAR),
    ],
)  # fmt: skip
def test_half_of_the_volume_decides(alert: Alert, interest: float | None, verdict: Verdict) -> None:
    found = confirmed(alert, interest, NEXT)
    assert found.verdict is verdict
    assert found.change == (None if interest is None else interest - 400)
    assert found.confirmed_at == NEXT


def test_a_fall_by_half_of_the_volume_closed_positions(alert: Alert) -> None:
    held = replace(alert, open_interest=2000.0)
    assert confirmed(held, 1500.0, NEXT).verdict is Verdict.CLOSED
    assert confirmed(held, 1501.0, NEXT).verdict is Verdict.UNCLEAR


def test_the_volume_of_the_whole_session_counts(alert: Alert) -> None:
    found = confirmed(alert, 900.0, NEXT, volume=3000.0)
    assert (found.verdict, found.volume) == (Verdict.UNCLEAR, 3000.0)


def test_a_count_that_was_absent_tells_nothing(alert: Alert) -> None:
    assert confirmed(replace(alert, open_interest=None), 900.0, NEXT).verdict is Verdict.UNCLEAR


def test_counts_of_one_date_are_never_compared(alert: Alert) -> None:
    with pytest.raises(ValueError, match="cannot confirm"):
        confirmed(alert, 900.0, alert.session)


def test_a_count_is_newer_when_it_differs_and_stands_still_and_no_date_says_otherwise() -> None:
    day, steady = date(2024, 1, 16), NOON - timedelta(minutes=30)
    assert is_newer(day, NEXT, NOON, steady, differs=True)
    assert is_newer(None, None, NOON, steady, differs=True)
    assert is_newer(day, None, NOON, steady, differs=True)
    assert not is_newer(day, day, NOON, steady, differs=True)
    assert not is_newer(day, NEXT, NOON, steady, differs=False)
    assert not is_newer(day, NEXT, NOON, steady + timedelta(seconds=1), differs=True)


def test_best_and_worst_are_the_extremes_of_later_prices(alert: Alert) -> None:
    later = [NOON + timedelta(minutes=i) for i in range(5)]
    assert moved(alert, 9.0, NOON) == alert
    found = alert
    for price, at in zip([6.0, None, 4.0, 5.5], later[1:], strict=True):
        found = moved(found, price, at)
    assert (found.best, found.worst) == (pytest.approx(0.2), pytest.approx(-0.2))


def test_rates_count_what_is_known_and_name_what_is_not(alert: Alert) -> None:
    found = [replace(alert, verdict=one) for one in (*[Verdict.OPENED] * 3, Verdict.CLOSED, Verdict.PENDING)]
    (rate,) = rates(found)
    assert (rate.alerts, rate.opened, rate.closed, rate.unclear, rate.pending) == (5, 3, 1, 0, 1)
    assert rate.share == 0.75
    assert rate.low < 0.75 < rate.high
    (unknown,) = rates([alert])
    assert (unknown.share, unknown.low, unknown.high) == (None, None, None)


@pytest.mark.parametrize("truth", [0.1, 0.5, 0.8])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(truth: float) -> None:
    covered = sum(
        comb(40, k) * truth**k * (1 - truth) ** (40 - k)
        for k in range(41)
        if wilson(k / 40, 40)[0] <= truth <= wilson(k / 40, 40)[1]
    )
    assert 0.92 < covered < 0.98
