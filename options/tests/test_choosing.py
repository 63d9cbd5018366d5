"""Filters and pages of a chain: the right contracts, each exactly once."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from options import cursors
from options.choosing import Choice, Moneyness, Place, chosen, page
from options.domain import Chain
from options.tests.shown import FAR, NEAR, chain, occ

ALL = Choice()


def symbols(value: Chain, choice: Choice = ALL) -> list[str]:
    return [str(value.symbol[row]) for row in chosen(value, choice, value.spot)]


def shuffled(value: Chain) -> Chain:
    """The same contracts as another vendor might list them."""
    order = np.random.default_rng(7).permutation(len(value))
    columns = {name: getattr(value, name)[order] for name in ("symbol", "root", "expiry", "strike", "is_call")}
    return replace(value, **columns)


def test_contracts_are_in_the_order_of_expiry_strike_and_side_however_they_came() -> None:
    expected = [occ(day, k, call) for day in (NEAR, FAR) for k in (180.0, 185.0, 190.0) for call in (True, False)]
    assert symbols(shuffled(chain())) == expected


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        (Choice(expiries=frozenset({NEAR})), 6),
        (Choice(expiries=frozenset({NEAR, FAR})), 12),
        (Choice(expiries=frozenset({NEAR.replace(year=2030)})), 0),
        (Choice(is_call=False), 6),
        (Choice(strike_min=185.0), 8),
        (Choice(strike_min=185.0, strike_max=185.0), 4),
        (Choice(strike_max=180.0, is_call=True, expiries=frozenset({FAR})), 1),
    ],
)
def test_filters_leave_what_was_asked_for(choice: Choice, count: int) -> None:
    assert len(symbols(chain(), choice)) == count


def test_moneyness_is_told_by_the_spot() -> None:
    value = replace(chain(), spot=185.0)
    assert symbols(value, Choice(moneyness=Moneyness.ITM, expiries=frozenset({NEAR}))) == [
        occ(NEAR, 180.0, True), occ(NEAR, 190.0, False),
    ]  # fmt: skip
    in_, out = (set(symbols(value, Choice(moneyness=one))) for one in (Moneyness.ITM, Moneyness.OTM))
    assert not in_ & out
    assert in_ | out == set(symbols(value))
    assert {occ(NEAR, 185.0, call) for call in (True, False)} <= out


def test_at_the_money_is_the_nearest_listed_strike_of_each_expiry() -> None:
    assert symbols(replace(chain(), spot=186.9), Choice(moneyness=Moneyness.ATM)) == [
        occ(day, 185.0, call) for day in (NEAR, FAR) for call in (True, False)
    ]  # fmt: skip
    between = symbols(replace(chain(), spot=187.5), Choice(moneyness=Moneyness.ATM, is_call=True))
    assert between == [occ(day, strike, True) for day in (NEAR, FAR) for strike in (185.0, 190.0)]


def test_without_a_spot_nothing_is_in_or_out_of_the_money() -> None:
    value = replace(chain(), spot=None)
    assert len(symbols(value)) == 12
    assert not any(symbols(value, Choice(moneyness=one)) for one in Moneyness if one is not Moneyness.ALL)


@given(st.integers(1, 13))
def test_pages_have_each_contract_once(limit: int) -> None:
    value, after, seen = shuffled(chain()), None, []
    for _ in range(13):
        shown, after = page(value, chosen(value, ALL), after, limit)
        seen += [str(value.symbol[row]) for row in shown]
        if after is None:
            break
    assert seen == symbols(value)


def test_contracts_that_come_between_two_pages_shift_nothing() -> None:
    value = chain()
    few = replace(value, **{n: getattr(value, n)[2:] for n in ("symbol", "root", "expiry", "strike", "is_call")})
    shown, after = page(few, chosen(few, ALL), None, 4)
    more, _ = page(value, chosen(value, ALL), after, 99)
    assert [*few.symbol[shown], *value.symbol[more]] == symbols(few)


def test_a_place_survives_although_its_contract_is_gone() -> None:
    value = chain()
    rows, _ = page(value, chosen(value, ALL), Place(NEAR, "AAPL", 182.5, True), 1)
    assert [str(value.symbol[row]) for row in rows] == [occ(NEAR, 185.0, True)]


def test_cursors_come_back_as_they_were() -> None:
    where, at = Place(NEAR, "AAPL", 182.5, True), datetime(2026, 11, 20, 20, 30, 0, 5, tzinfo=UTC)
    assert cursors.place(cursors.of_place(where)) == where
    assert cursors.moment(cursors.of_moment(at, "live-AAPL-1")) == (at, "live-AAPL-1")
    assert cursors.of_place(where).isascii()


FORGED = [
    "", "!", "AAAA", "x" * 5000, cursors.of_moment(datetime(2026, 1, 1), "naive"),  # noqa: DTZ001
    cursors._write("2026-99-99", "AAPL", 1.0, True), cursors._write("2026-01-01", "A\0", 1.0, True),
    cursors._write("2026-01-01", "AAPL", 1, True), cursors._write("soon", "x"), cursors._write(*"[[[["), "日本",
]  # fmt: skip


@pytest.mark.parametrize("text", FORGED)
def test_what_is_no_cursor_is_refused_with_the_remedy(text: str) -> None:
    for read in (cursors.place, cursors.moment):
        with pytest.raises(cursors.BadCursor, match="`next` of the page before"):
            read(text)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    for read in (cursors.place, cursors.moment):
        try:
            read(text)
        except cursors.BadCursor:
            continue
