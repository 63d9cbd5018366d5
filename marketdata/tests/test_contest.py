"""Two vendors, two prices."""

from datetime import timedelta
from typing import Any

import pytest

from marketdata.contest import Contest, deviation, judge, tolerance
from marketdata.domain import Quote, Session
from marketdata.tests.values import NOON, quote


def pair(first: float, second: float, seconds: float = 0, **fields: Any) -> list[Quote]:
    return [
        quote(vendor="polygon", price=first, seconds=seconds),
        quote(vendor="yahoo", price=second, seconds=seconds, **fields),
    ]


def at(seconds: float) -> Any:
    return NOON + timedelta(seconds=seconds)


def lasting(first: float, second: float) -> list[Contest | None]:
    found: list[Contest | None] = [None]
    for seconds in (0, 5, 10, 15):
        found.append(judge(pair(first, second, seconds), found[-1], (), at(seconds)))
    return found[1:]


def test_a_contest_is_told_once_it_has_lasted() -> None:
    found = lasting(100.0, 102.0)
    assert [one and one.is_told for one in found] == [False, False, True, True]
    last = found[-1]
    assert last is not None
    assert (last.vendors, last.since) == (("polygon", "yahoo"), NOON.timestamp())
    assert last.difference == pytest.approx(0.0196, abs=1e-4)


def test_the_same_two_quotes_seen_again_prove_nothing() -> None:
    first = judge(pair(100.0, 102.0), None, (), NOON)
    again = judge(pair(100.0, 102.0), first, (), at(30))
    assert again is not None
    assert not again.is_told


def test_agreement_ends_it_but_nothing_to_compare_does_not_at_once() -> None:
    contest = lasting(100.0, 102.0)[-1]
    assert judge(pair(100.0, 100.0, 20), contest, (), at(20)) is None
    assert judge(pair(100.0, 100.0, 20)[:1], contest, (), at(20)) is contest
    assert judge([], contest, (), at(700)) is None


def test_a_wide_spread_and_a_wild_market_tolerate_more() -> None:
    one, other = pair(100.0, 101.0, bid=99.0, ask=101.0)
    assert tolerance(one, other, ()) == pytest.approx(0.06)
    one, other = pair(100.0, 101.0)
    assert tolerance(one, other, [0.003, -0.002, 0.004, -0.005, 0.001]) == pytest.approx(6 * 1.4826 * 0.003)
    assert deviation([0.1] * 4) == 0.0
    assert lasting(100.0, 100.05)[-1] is None


@pytest.mark.parametrize(
    "fields",
    [
        {"delayed_by": 900}, {"session": Session.PRE}, {"currency": "GBP"}, {"price": None},
        {"flags": frozenset({"stale"})}, {"as_of": NOON - timedelta(seconds=6)},
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_not(fields: dict[str, Any]) -> None:
    one = quote(vendor="polygon", price=100.0)
    other = quote(**({"vendor": "yahoo", "price": 150.0} | fields))
    assert judge([one, other], None, (), NOON) is None


def test_old_quotes_are_no_evidence() -> None:
    assert judge(pair(100.0, 150.0), None, (), at(61)) is None
