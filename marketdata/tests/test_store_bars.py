"""Stored bars, the bars folded from them, and the gap ledger."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from marketdata import calendar, store
from marketdata.actions import Action, Kind
from marketdata.domain import Bars, Interval
from marketdata.tests.values import bars

pytestmark = pytest.mark.django_db
OPEN = datetime(2024, 1, 16, 14, 30, tzinfo=UTC)
CLOSE = datetime(2024, 1, 16, 21, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = CLOSE + timedelta(days=1)


def read(interval: Interval = Interval.MINUTE, start: datetime = OPEN, end: datetime = CLOSE) -> Bars:
    return store.bars("AAPL", interval, start, end, "live", now=LATER)


def test_bars_come_back_as_they_were() -> None:
    given = bars(OPEN, [10.0, 11.0, 12.0])
    assert store.save_bars(given, "live") == 3
    assert list(read()) == list(given)
    assert list(read(end=OPEN + 2 * MINUTE)) == list(given)[:2]
    assert len(store.bars("AAPL", Interval.MINUTE, OPEN, CLOSE, "simulated")) == 0


def test_an_absent_volume_stays_absent() -> None:
    given = bars(OPEN, [10.0])
    given.volume[0] = np.nan
    store.save_bars(given, "live")
    assert next(iter(read())).volume is None


def test_the_same_bars_again_change_nothing() -> None:
    store.save_bars(bars(OPEN, [10.0, 11.0]), "live")
    assert store.save_bars(bars(OPEN, [10.0, 11.5, 12.0]), "live") == 2


def test_a_partial_bar_never_replaces_a_complete_one() -> None:
    store.save_bars(bars(OPEN, [10.0]), "live")
    assert store.save_bars(bars(OPEN, [99.0], last_is_partial=True), "live") == 0
    assert read().close.tolist() == [10.0]


def test_a_partial_bar_grows_and_closes_once() -> None:
    saved = store.write_bars(bars(OPEN, [10.0, 11.0], last_is_partial=True), "live")
    assert saved.closed.tolist() == [OPEN.timestamp()]
    assert read().last_is_partial
    store.save_bars(bars(OPEN, [10.0, 11.2], last_is_partial=True), "live")
    second = [(OPEN + MINUTE).timestamp()]
    assert store.write_bars(bars(OPEN, [10.0, 11.5]), "live").closed.tolist() == second
    assert store.write_bars(bars(OPEN, [10.0, 11.6]), "live").closed.tolist() == []
    assert read().close.tolist() == [10.0, 11.6]


def test_other_intervals_are_not_stored() -> None:
    with pytest.raises(ValueError, match="1m bars"):
        store.save_bars(bars(OPEN, [1.0], Interval.FIVE_MINUTES), "live")


def test_bars_fold_as_by_hand() -> None:
    store.save_bars(bars(OPEN, [10.0, 14.0, 8.0, 11.0, 12.0, 20.0, 21.0]), "live")
    five = list(read(Interval.FIVE_MINUTES))
    assert [(b.start, b.open, b.high, b.low, b.close, b.volume) for b in five] == [
        (OPEN, 9.0, 16.0, 5.0, 12.0, 500.0),
        (OPEN + 5 * MINUTE, 19.0, 23.0, 17.0, 21.0, 200.0),
    ]


@pytest.mark.parametrize("opened", [OPEN, datetime(2024, 7, 16, 13, 30, tzinfo=UTC)])
def test_hours_begin_with_the_session(opened: datetime) -> None:
    store.save_bars(bars(opened, [float(i) for i in range(5, 395)]), "live")
    found = store.bars("AAPL", Interval.HOUR, opened, opened + timedelta(hours=6.5), "live", now=LATER)
    assert found.start.tolist() == [int(opened.timestamp()) + 3600 * i for i in range(7)]
    assert found.volume.tolist() == [6000.0] * 6 + [3000.0]


def test_hours_of_a_market_without_sessions_begin_with_the_hour() -> None:
    store.save_bars(bars(OPEN, [5.0] * 60), "simulated")
    found = store.bars("AAPL", Interval.HOUR, OPEN - timedelta(hours=1), CLOSE, "simulated", now=LATER)
    assert found.start.tolist() == [int(OPEN.timestamp()) - 1800, int(OPEN.timestamp()) + 1800]


def test_a_folded_bar_is_whole_or_absent() -> None:
    store.save_bars(bars(OPEN, [5.0] * 20), "live")
    found = read(Interval.FIVE_MINUTES, OPEN + 3 * MINUTE, OPEN + 12 * MINUTE)
    assert found.start.tolist() == [int((OPEN + m * MINUTE).timestamp()) for m in (5, 10)]
    assert found.volume.tolist() == [500.0, 500.0]


def test_a_folded_bar_that_runs_is_partial() -> None:
    store.save_bars(bars(OPEN, [5.0] * 7), "live")
    now = OPEN + 7 * MINUTE
    assert store.bars("AAPL", Interval.FIVE_MINUTES, OPEN, CLOSE, "live", now=now).last_is_partial
    assert not read(Interval.FIVE_MINUTES).last_is_partial


def test_ten_years_of_days_are_read_whole() -> None:
    start = datetime(2014, 1, 1, tzinfo=UTC)
    store.save_bars(bars(start, [float(i + 5) for i in range(2520)], Interval.DAY), "live")
    found = read(Interval.DAY, start, LATER)
    assert found.close.tolist() == [float(i + 5) for i in range(2520)]


def note(given: Bars, now: datetime, end: datetime = CLOSE) -> None:
    expected = calendar.expected_bars(given.interval, OPEN, end, "live")
    store.record_coverage("AAPL", given.interval, "live", expected, given, now)


def test_the_ledger_knows_every_expected_bar() -> None:
    half = bars(OPEN, [5.0] * 100, last_is_partial=True)
    note(half, OPEN + 102 * MINUTE)
    found = store.coverage("AAPL", Interval.MINUTE, OPEN, CLOSE, "live")
    assert {state: found.count(state) for state in ("complete", "partial", "missing")} == {
        "complete": 99, "partial": 1, "missing": 1,
    }  # fmt: skip
    assert found.complete == ((OPEN, OPEN + 99 * MINUTE),)
    assert [found.state(OPEN + i * MINUTE) for i in (0, 99, 100, 101)] == ["complete", "partial", "missing", None]
    assert found.checked_at == OPEN + 102 * MINUTE


def test_the_ledger_learns_and_never_forgets() -> None:
    note(bars(OPEN + 10 * MINUTE, [5.0] * 380), LATER)
    note(bars(OPEN, [], last_is_partial=False), LATER + MINUTE)
    found = store.coverage("AAPL", Interval.MINUTE, OPEN, CLOSE, "live")
    assert (found.count("complete"), found.missing) == (380, ((OPEN, OPEN + 10 * MINUTE),))
    note(bars(OPEN, [5.0] * 10), LATER)
    found = store.coverage("AAPL", Interval.MINUTE, OPEN, CLOSE, "live")
    assert (found.complete, found.missing) == (((OPEN, CLOSE),), ())


def test_the_ledger_is_read_by_window() -> None:
    note(bars(OPEN, [5.0] * 390), LATER)
    found = store.coverage("AAPL", Interval.FIVE_MINUTES, OPEN + 5 * MINUTE, OPEN + 15 * MINUTE, "live")
    assert (found.interval, found.count("complete")) == (Interval.MINUTE, 10)
    assert store.coverage("MSFT", Interval.MINUTE, OPEN, CLOSE, "live").checked_at is None


def test_days_skip_weekends_without_a_gap() -> None:
    start = datetime(2024, 1, 2, tzinfo=UTC)
    expected = calendar.expected_bars(Interval.DAY, start, start + timedelta(days=30), "live")
    rows = [one for one in bars(start, [5.0] * 30, Interval.DAY) if one.start in expected]
    given = Bars.of("AAPL", Interval.DAY, "yahoo", rows[:-1])
    store.record_coverage("AAPL", Interval.DAY, "live", expected, given, LATER + timedelta(days=60))
    found = store.coverage("AAPL", Interval.DAY, start, start + timedelta(days=60), "live")
    assert (found.count("complete"), found.count("missing")) == (len(expected) - 1, 1)
    assert found.missing[0][0] == expected[-1]


def test_the_last_bars_of_many_symbols_come_at_once_and_as_each_alone() -> None:
    closes, noon = [10.0, 11.0, 12.0, 13.0, 14.0], OPEN + 5 * MINUTE
    for symbol in ("AAPL", "MSFT"):
        store.save_bars(bars(OPEN, closes, symbol=symbol, last_is_partial=symbol == "MSFT"), "live")
    found = store.windows(["AAPL", "MSFT", "AAPL", "IBM"], Interval.MINUTE, "live", noon, 3)
    assert {symbol: one.close.tolist() for symbol, one in found.items()} == {"AAPL": [12, 13, 14], "MSFT": [11, 12, 13]}
    assert not any(one.last_is_partial for one in found.values())
    last = store.last_starts(["AAPL", "MSFT", "IBM"], Interval.MINUTE, "live", noon)
    assert last == {"AAPL": noon - MINUTE, "MSFT": noon - 2 * MINUTE}
    assert store.windows(["AAPL"], Interval.MINUTE, "live", OPEN, 3) == {}


def test_a_window_is_in_todays_shares_if_a_split_lies_in_it_and_only_then() -> None:
    first, later = datetime(2024, 1, 16, tzinfo=UTC), datetime(2024, 1, 25, tzinfo=UTC)
    store.save_bars(bars(first, [100.0, 100.0, 50.0, 50.0], Interval.DAY), "live")
    day = (first + timedelta(days=2)).date()
    store.save_actions([Action(symbol="AAPL", kind=Kind.SPLIT, ex_date=day, value=2.0, factor=0.5, vendor="y")], "live")
    found = store.windows(["AAPL"], Interval.DAY, "live", later, 3)["AAPL"]
    assert found.close.tolist() == [50, 50, 50]
    assert found.volume.tolist() == [200, 100, 100]
    found = store.windows(["AAPL"], Interval.DAY, "live", later, 1)["AAPL"]
    assert found.close.tolist() == [50]


def test_bars_of_several_vendors_stay_in_order() -> None:
    for i in range(60):
        vendor = "yahoo" if i % 3 else "alpaca"
        store.save_bars(bars(OPEN + i * MINUTE, [10.0 + i], vendor=vendor), "live")
    rising = [10.0 + i for i in range(60)]
    assert read().close.tolist() == rising
    assert store.windows(["AAPL"], Interval.MINUTE, "live", CLOSE, 90)["AAPL"].close.tolist() == rising
    assert (np.diff(read(Interval.FIVE_MINUTES).start) == 300).all()
