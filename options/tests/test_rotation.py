"""Who is asked for, and that nobody is forgotten."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from options.rotation import due, near

TODAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 5, 15, tzinfo=UTC)
WEEKS = [date(2026, 1, 9) + timedelta(weeks=i) for i in range(12)]
FAR = [date(2026, 6, 18), date(2027, 1, 15), date(2028, 1, 21)]
LISTED = [*WEEKS, *FAR]


def test_near_are_nine_days_and_the_nearest_monthly() -> None:
    assert near(LISTED, TODAY) == {date(2026, 1, 9), date(2026, 1, 16)}
    assert near(LISTED, date(2026, 1, 19)) == {date(2026, 1, 23), date(2026, 2, 20)}
    assert near([date(2026, 6, 18)], date(2026, 1, 5)) == {date(2026, 6, 18)}


def test_at_first_all_are_asked_in_one_range_where_one_question_may_hold_them() -> None:
    assert due(LISTED, {}, NOW, TODAY, most=99) == ((LISTED[0], LISTED[-1]),)


def test_neighbours_are_one_range_and_the_others_are_not() -> None:
    asked = dict.fromkeys(LISTED, NOW - timedelta(minutes=2))
    asked |= dict.fromkeys(WEEKS[5:7], NOW - timedelta(hours=1))
    assert due(LISTED, asked, NOW, TODAY, most=99) == ((WEEKS[0], WEEKS[1]), (WEEKS[5], WEEKS[6]))
    assert due(LISTED, asked, NOW, TODAY, most=1) == ((WEEKS[5], WEEKS[5]),)


def test_what_has_expired_is_not_asked_for() -> None:
    assert due([date(2026, 1, 2)], {}, NOW, TODAY, most=9) == ()


@pytest.mark.parametrize("most", [1, 3])
def test_a_poor_budget_sees_the_near_more_often_and_forgets_nobody(most: int) -> None:
    asked: dict[date, datetime] = {}
    seen: Counter[date] = Counter()
    for turn in range(240):
        now = NOW + turn * timedelta(minutes=7)
        for first, last in due(LISTED, asked, now, TODAY, most):
            chosen = [one for one in LISTED if first <= one <= last]
            seen.update(chosen)
            asked |= dict.fromkeys(chosen, now)
    assert sum(seen.values()) <= 240 * most
    assert min(seen.values()) >= 6
    assert min(seen[one] for one in near(LISTED, TODAY)) > max(seen[one] for one in FAR)
