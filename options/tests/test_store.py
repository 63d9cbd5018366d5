"""Chains into Postgres and back: value by value, twice without a change, and part by part."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection

from options import store
from options.domain import Analysis, ChainSummary, NoIV, Slice
from options.expecting import BUCKETS, nothing
from options.tests.chains import NOON, SESSION, analysed, chain

pytestmark = pytest.mark.django_db
NEAR, FAR = date(2024, 1, 26), date(2024, 6, 21)
ROWS: list[dict[str, Any]] = [
    {"expiry": expiry, "strike": strike, "is_call": is_call, "bid": 1.0, "ask": 1.1, "volume": volume,
     "open_interest": interest, "vendor_iv": 0.4}
    for expiry in (NEAR, FAR)
    for strike, volume, interest in ((95.0, 10.0, 100.0), (100.0, 0.0, 0.0), (105.5, None, None))
    for is_call in (True, False)
]  # fmt: skip


def full(rows: list[dict[str, Any]] = ROWS, minutes: float = 0, days: int = 0, **more: Any) -> Analysis:
    """With a smile and Greeks, so many minutes after noon and days after the first."""
    at = NOON + timedelta(minutes=minutes, days=days)
    value = analysed(chain(rows, taken_at=at, session=SESSION + timedelta(days=days), **more))
    slices = tuple(
        Slice(root="TEST", expiry=expiry, years=years, rate=0.04, forward=100.5, by_parity=True,
              strikes=np.array([95.0, 100.0]), ivs=np.array([0.3, 0.25]), atm_iv=0.25)
        for expiry, years in ((NEAR, 0.01), (FAR, 0.4))
    )  # fmt: skip
    column = np.linspace(0.1, 1.2, len(rows))
    column[-1] = np.nan
    reasons = np.where(np.isnan(column), NoIV.NO_BID.value, "")
    summary = replace(value.summary, iv30=0.25 + days / 100, reasons={"iv_rank": "have 0 of 60"}, oldest_at=at)
    return replace(
        value, slices=slices, iv=column, no_iv=reasons, delta=column, gamma=column / 100, vega=column, theta=-column,
        rho=column, summary=summary,
    )  # fmt: skip


def same(one: Any, other: Any, but: tuple[str, ...] = ()) -> None:
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name not in but:
            np.testing.assert_array_equal(mine, theirs, field.name)


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_a_chain_comes_back_value_by_value() -> None:
    given = full()
    saved = store.save(given)
    assert (saved.parts, saved.summary) == (2, True)
    found = store.latest("TEST", "live")
    same(found.chain, given.chain)
    same(found, given, but=("chain", "slices"))
    for mine, theirs in zip(found.slices, given.slices, strict=True):
        same(mine, theirs, but=("taken_at",))
    assert store.expiries("TEST", "live") == [("TEST", NEAR), ("TEST", FAR)]
    assert store.contracts("TEST") == sorted(given.chain.symbol.tolist(), key=lambda s: (s[4:10], s[11:], s[10]))


def test_one_expiry_alone_can_be_read() -> None:
    store.save(full())
    found = store.latest("TEST", "live", FAR)
    assert set(found.chain.expiry.tolist()) == {FAR}
    assert [one.expiry for one in found.slices] == [FAR]
    assert store.latest("TEST", "live", date(2030, 1, 1)) is None
    assert store.latest("TEST", "recorded") is None


def test_twice_is_once() -> None:
    store.save(full())
    before = store.fingerprint("TEST", "live")
    assert store.save(full()) == store.Saved(0, False, ())
    assert store.fingerprint("TEST", "live") == before
    assert (count("option_snapshot"), count("option_session"), count("option_contract")) == (2, 2, 12)


def test_near_expiries_alone_do_not_take_the_far_ones_away() -> None:
    store.save(full())
    near = full(ROWS[:6], minutes=1, delayed_by=900)
    assert store.save(near, fresh={("TEST", NEAR)}).parts == 1
    kept, told = store.current("TEST", "live", SESSION, without={("TEST", NEAR)})
    assert told == {("TEST", FAR): NOON}
    assert set(kept.expiry.tolist()) == {FAR}
    found = store.latest("TEST", "live")
    assert len(found.chain) == 12
    assert [one.taken_at for one in found.slices] == [NOON + timedelta(minutes=1), NOON]
    assert found.chain.taken_at == NOON + timedelta(minutes=1)


def test_what_ended_during_the_session_is_not_in_its_newest_chain() -> None:
    today = [row | {"expiry": SESSION} for row in ROWS[:6]]
    store.save(full(today))
    close = (datetime(2024, 1, 16, 21, 0, tzinfo=UTC) - NOON).total_seconds() / 60
    store.save(full(ROWS[:6], minutes=close))
    assert set(store.latest("TEST", "live").chain.expiry.tolist()) == {NEAR}
    assert store.latest("TEST", "live", SESSION).chain.expiry[0].item() == SESSION


def test_an_older_snapshot_never_replaces_a_newer_one() -> None:
    store.save(full(minutes=5))
    assert store.save(full(minutes=1)).parts == 0
    assert store.latest("TEST", "live").chain.taken_at == NOON + timedelta(minutes=5)
    assert count("option_snapshot") == 4


def test_the_volume_of_an_earlier_session_is_not_told_as_todays() -> None:
    store.save(full())
    store.save(full(ROWS[:6], days=1), fresh={("TEST", NEAR)})
    found = store.latest("TEST", "live")
    assert found.chain.session == SESSION + timedelta(days=1)
    assert np.isnan(found.chain.volume[6:]).all()
    assert found.chain.volume[0] == 10.0
    assert found.chain.open_interest[6] == 100.0


def test_memory_is_what_the_sessions_before_said() -> None:
    with_volume = [row | {"volume": 50.0 + place, "open_interest": 100.0} for place, row in enumerate(ROWS)]
    for day in range(3):
        expected = store.expected(full(with_volume, days=day).chain)
        store.save(full(with_volume, days=day), expected=expected)
    first, second = (store.expected(full(with_volume, days=day).chain) for day in (0, 1))
    assert np.isnan(first.own).all()
    assert np.isnan(first.turnover).all()
    np.testing.assert_allclose(second.own, 50.0 + np.arange(12))
    more = [row | {"volume": 100.0} for row in with_volume]
    store.save(full(more, days=3), expected=store.expected(full(more, days=3).chain))
    later = store.expected(full(with_volume, days=4).chain, plain=True)
    np.testing.assert_allclose(later.own, 0.8 * (50.0 + np.arange(12)) + 20.0)
    np.testing.assert_array_equal(later.sessions, np.full(12, 4.0))
    volumes = np.array([[50.0 + place] * 3 + [100.0] for place in range(12)])
    np.testing.assert_allclose(later.average, volumes.mean(axis=1))
    np.testing.assert_allclose(later.deviation, volumes.std(axis=1, ddof=1))
    assert 0.5 < np.nanmin(later.turnover) < np.nanmax(later.turnover) < 1.2


def test_a_new_strike_has_no_memory_and_the_others_keep_theirs() -> None:
    store.save(full(), expected=replace(nothing(12), own=np.arange(12.0), turnover=np.full(BUCKETS, 0.2)))
    rows = [ROWS[0] | {"strike": 90.0}, *ROWS]
    own = store.expected(full(rows, days=1).chain).own
    assert np.isnan(own[0])
    assert own[1] == pytest.approx(2.0)
    assert own[3] == pytest.approx(1.6)
    assert own[5] == 4.0  # nobody told a volume


def test_the_open_interest_stands_still_until_it_changes() -> None:
    changed = [row | {"open_interest": 777.0} for row in ROWS]
    for minutes, rows in ((0, ROWS), (1, ROWS), (2, changed), (3, changed)):
        store.save(full(rows, minutes=minutes))
    found = store.of_session("TEST", "live", SESSION, ["expiry", "still_since", "taken_at"])
    assert {row["still_since"] for row in found} == {NOON + timedelta(minutes=2)}
    assert {row["taken_at"] for row in found} == {NOON + timedelta(minutes=3)}


def test_summaries_are_the_last_of_each_session() -> None:
    for day, minutes in ((0, 0), (0, 5), (1, 0), (2, 0)):
        store.save(full(days=day, minutes=minutes))
    found = store.summaries("TEST", "live")
    assert [one.session for one in found] == [SESSION + timedelta(days=day) for day in range(3)]
    assert found[0].taken_at == NOON + timedelta(minutes=5)
    assert found[0] == full(minutes=5).summary
    assert store.past_iv30("TEST", "live", SESSION + timedelta(days=2)) == [0.25, 0.26]
    assert [one.session for one in store.summaries("TEST", "live", 1)] == [SESSION + timedelta(days=2)]


def test_old_history_goes_and_the_last_of_each_session_stays() -> None:
    for day, minutes in ((0, 0), (0, 5), (2, 0)):
        store.save(full(days=day, minutes=minutes))
    store.save(full(market="recorded"))
    store.make_partitions(SESSION, SESSION + timedelta(days=2))
    store.retain(SESSION + timedelta(days=1), SESSION)
    assert count("option_snapshot") == 4  # two of the later day, and two of the recording, which has no age
    assert count("option_session") == 6
    assert len(store.summaries("TEST", "live")) == 2
    assert count("chain_summary") == 3
    store.retain(SESSION + timedelta(days=1), SESSION + timedelta(days=1))
    assert store.sessions("TEST", "live") == [SESSION + timedelta(days=2)]
    assert store.sessions("TEST", "recorded") == [SESSION]
    store.forget("TEST", "live")
    assert store.latest("TEST", "live") is None
    assert store.underlyings("recorded") == ["TEST"]


def test_a_moment_without_a_summary_says_nothing() -> None:
    store.save(full())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM chain_summary")
    found = store.latest("TEST", "live").summary
    assert isinstance(found, ChainSummary)
    assert (found.iv30, found.spot) == (None, 100.0)


def test_why_rows_were_left_out_is_kept_once() -> None:
    for minutes in range(2):
        store.save(full(minutes=minutes, left_out=("X: said twice", "Y: bid is -1")), expected=nothing(12))
    assert store.rejects("TEST", "live", SESSION) == ["X: said twice", "Y: bid is -1"]


def test_a_reason_that_repeats_a_broken_row_can_be_written() -> None:
    store.save(analysed(replace(chain(ROWS), left_out=("X\0: half \ud800 a pair",))))
    assert store.rejects("TEST", "live", SESSION) == ["X?: half ? a pair"]
