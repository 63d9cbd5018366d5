"""Splits and dividends: bars read in any shares, and a split day on which nothing happens."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from marketdata import ingest, store
from marketdata.actions import Action, Adjust, Kind, Steps, mended, ratio, restated, split
from marketdata.calendar import NEW_YORK
from marketdata.domain import Bars, Interval
from marketdata.tests.values import bars, quote

EX = date(2024, 6, 10)
"""NVIDIA's ten for one; a Monday."""
LATER = datetime(2025, 1, 2, tzinfo=UTC)
DAYS = [datetime(2024, 6, day, tzinfo=UTC) for day in (6, 7, 10, 11)]
RAW, NEW = [1200.0, 1208.9, 121.8, 120.9], [120.0, 120.89, 121.8, 120.9]


def ten_for_one(symbol: str = "NVDA", ex_date: date = EX, shares: float = 10) -> Action:
    return split(symbol, ex_date, shares, "yahoo")


def dividend(ex_date: date = date(2024, 6, 11), factor: float | None = 0.99) -> Action:
    return Action(symbol="NVDA", kind=Kind.DIVIDEND, ex_date=ex_date, value=0.01, factor=factor, vendor="yahoo")


def days(closes: list[float], starts: list[datetime] = DAYS) -> Bars:
    rows = [
        next(iter(bars(at, [close], Interval.DAY, symbol="NVDA"))) for at, close in zip(starts, closes, strict=False)
    ]
    return Bars.of("NVDA", Interval.DAY, "yahoo", rows)


def read(adjust: Adjust = Adjust.SPLITS, interval: Interval = Interval.DAY) -> Bars:
    return store.bars(
        "NVDA", interval, datetime(2024, 6, 1, tzinfo=UTC), datetime(2024, 6, 20, tzinfo=UTC), "live", LATER, adjust
    )


def closes(adjust: Adjust = Adjust.SPLITS) -> list[float]:
    return read(adjust).close.round(6).tolist()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given_bars", "basis"),
    [
        (days(RAW), None),
        (days(NEW), date(2024, 6, 11)),
        (days(NEW), EX),
        (days([1200.0, 1208.9]), date(2024, 6, 7)),
    ],
    ids=["as traded", "adjusted the day after", "adjusted on the day", "adjusted before it happened"],
)
def test_bars_read_the_same_however_they_came(given_bars: Bars, basis: date | None) -> None:
    store.save_bars(given_bars, "live", basis)
    store.save_actions([ten_for_one(), dividend()], "live")
    count = len(given_bars)
    assert closes() == NEW[:count]
    assert closes(Adjust.NONE) == RAW[:count]
    assert closes(Adjust.ALL) == [round(price * 0.99, 6) for price in NEW[: min(count, 3)]] + NEW[3:count]
    assert (read().adjusted, read(Adjust.NONE).adjusted) == (True, False)


@pytest.mark.django_db
def test_volumes_go_the_other_way() -> None:
    store.save_bars(days(RAW), "live")
    store.save_actions([ten_for_one(), dividend()], "live")
    assert read().volume.tolist() == read(Adjust.ALL).volume.tolist() == [1000.0, 1000.0, 100.0, 100.0]
    assert read(Adjust.NONE).volume.tolist() == [100.0] * 4


@pytest.mark.django_db
def test_a_series_of_two_bases_has_no_cliff() -> None:
    """Polled before the split and after it: the rows differ, the reading does not."""
    store.save_bars(days(RAW[:2], DAYS[:2]), "live", date(2024, 6, 7))
    store.save_bars(days(NEW[2:], DAYS[2:]), "live", date(2024, 6, 11))
    store.save_actions([ten_for_one()], "live")
    assert closes() == NEW
    assert closes(Adjust.NONE) == RAW


@pytest.mark.django_db
def test_a_bar_that_is_fetched_again_after_the_split_is_replaced_with_its_basis() -> None:
    store.save_bars(days(RAW[:2], DAYS[:2]), "live", date(2024, 6, 7))
    assert store.save_bars(days(NEW[:2], DAYS[:2]), "live", date(2024, 6, 12)) == 2
    store.save_actions([ten_for_one()], "live")
    assert closes() == NEW[:2]
    assert store.save_bars(days(NEW[:2], DAYS[:2]), "live", date(2024, 6, 13)) == 0


@pytest.mark.django_db
def test_minutes_fold_in_todays_shares_and_an_evening_belongs_to_its_own_day() -> None:
    """After hours of the day before are past midnight UTC: still old shares."""
    evening = datetime(2024, 6, 9, 19, 58, tzinfo=NEW_YORK).astimezone(UTC)
    store.save_bars(bars(evening, [1000.0] * 4, symbol="NVDA"), "live")
    morning = datetime(2024, 6, 10, 9, 30, tzinfo=NEW_YORK).astimezone(UTC)
    store.save_bars(bars(morning, [100.0] * 5, symbol="NVDA"), "live")
    store.save_actions([ten_for_one()], "live")
    found = read(interval=Interval.MINUTE)
    assert found.close.tolist() == [100.0] * 9
    assert read(Adjust.NONE, Interval.MINUTE).close.tolist() == [1000.0] * 4 + [100.0] * 5
    assert set(read(interval=Interval.FIVE_MINUTES).close.tolist()) == {100.0}


@pytest.mark.django_db
def test_actions_are_kept_by_market_and_corrected() -> None:
    assert store.save_actions([ten_for_one(), dividend(), ten_for_one("MSFT", date(1999, 3, 29), 2)], "live") == 3
    assert store.save_actions([ten_for_one(), dividend(factor=None)], "live") == 0
    assert store.actions("NVDA", "live") == [ten_for_one(), dividend()]
    assert store.save_actions([dividend(factor=0.98)], "live") == 1
    assert store.actions("NVDA", "live")[1].factor == 0.98
    assert store.actions("NVDA", "recorded") == []
    assert store.splits("live", date(2024, 1, 1)) == {"NVDA": [ten_for_one()]}


@given(
    st.lists(st.tuples(st.dates(), st.sampled_from([2.0, 3.0, 0.1, 20.0])), max_size=6, unique_by=lambda one: one[0]),
    st.dates(),
    st.dates(),
)
def test_steps_and_ratios_tell_the_same(known: list[tuple[date, float]], one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    splits = [split("X", at, shares, "yahoo") for at, shares in known]
    steps = Steps.of(splits, Kind.SPLIT)

    def factor(day: date) -> float:
        return steps.factors[int(np.searchsorted(np.array(steps.dates, "datetime64[D]"), np.datetime64(day), "right"))]

    assert factor(date.max) == 1.0
    assert factor(last) / factor(first) == pytest.approx(ratio(splits, first, last))
    before = quote(price=100.0, volume=50.0)
    assert restated(restated(before, 4.0), 0.25) == before


def test_a_close_of_the_old_shares_is_mended_and_a_new_one_left_alone() -> None:
    old, new = quote("NVDA", price=121.0, previous_close=1208.9), quote("NVDA", price=121.0, previous_close=120.89)
    fixed = mended(old, [ten_for_one()], EX)
    assert fixed.previous_close == pytest.approx(120.89)
    assert fixed.flags == {"split"}
    assert mended(new, [ten_for_one()], EX) is new
    assert mended(old, [ten_for_one()], EX + timedelta(days=1)) is old
    assert mended(quote("NVDA", price=None), [ten_for_one()], EX).price is None


def at(day: int, price: float, **fields: Any) -> Any:
    """A quote at noon in New York of a day of that June, judged at that moment."""
    moment = datetime(2024, 6, day, 12, tzinfo=NEW_YORK).astimezone(UTC)
    wide = {"open": None, "high": None, "low": None, "bid": None, "ask": None, "previous_close": None}
    return quote("NVDA", as_of=moment, received_at=moment, price=price, **wide | fields)


@pytest.mark.django_db(transaction=True)
class TestTheSplitDay:
    """The first quote of the new shares, through the whole of ingest."""

    @pytest.fixture(autouse=True)
    def live(self, settings: LazySettings) -> None:
        settings.MARKET = "live"
        ingest.quotes([at(7, 1208.9)])

    def test_a_known_split_alarms_nobody(self) -> None:
        store.save_actions([ten_for_one()], "live")
        done = ingest.quotes([at(10, 121.0, previous_close=1208.9)])
        assert (done.held, done.rejected) == ([], [])
        (shown,) = store.latest(["NVDA"], "live").values()
        assert (shown.price, shown.previous_close) == (121.0, pytest.approx(120.89))
        assert not shown.flags & {"jump", "split?"}
        assert shown.change_percent == pytest.approx(0.091, abs=0.001)

    def test_an_unknown_one_waits_for_a_second_tick_and_says_what_it_looks_like(self) -> None:
        (held,) = ingest.quotes([at(10, 121.0)]).held
        assert {"jump", "split?"} <= held.flags
        assert store.latest(["NVDA"], "live")["NVDA"].price == 1208.9

    def test_a_jump_beside_a_split_is_still_a_jump(self) -> None:
        store.save_actions([ten_for_one()], "live")
        (held,) = ingest.quotes([at(10, 60.0)]).held
        assert "jump" in held.flags

    def test_the_day_after_is_like_any_other(self) -> None:
        store.save_actions([ten_for_one()], "live")
        ingest.quotes([at(10, 121.0)])
        assert ingest.quotes([at(11, 120.0)]).held == []
        (held,) = ingest.quotes([at(12, 12.0)]).held
        assert "jump" in held.flags
