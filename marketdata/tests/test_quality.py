from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.quality import check, check_bars

NOW = datetime(2025, 6, 2, 15, 0, tzinfo=UTC)
GOOD = Quote(
    symbol="AAPL", vendor="one", as_of=NOW - timedelta(seconds=1), received_at=NOW, price=100.0, bid=99.99, ask=100.01,
    bid_size=300, ask_size=200, open=99.0, high=101.0, low=98.0, previous_close=99.5, volume=1000.0, currency="USD",
    session=Session.REGULAR, delayed_by=0,
)
BEFORE = replace(GOOD, as_of=NOW - timedelta(seconds=6), price=99.9, volume=900.0)


def test_a_sound_quote_passes_unchanged() -> None:
    assert check(GOOD, BEFORE, None, NOW).passed == (GOOD,)


@pytest.mark.parametrize("junk", [0.0, -1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["price", "bid", "ask", "open", "previous_close"])
def test_what_is_no_price_is_absent(name: str, junk: float) -> None:
    (passed,) = check(replace(GOOD, **{name: junk}), None, None, NOW).passed
    assert getattr(passed, name) is None


def test_no_price_and_no_market_is_rejected() -> None:
    verdict = check(replace(GOOD, price=0, bid=0, ask=None), None, None, NOW)
    assert verdict.passed == ()
    assert verdict.rejected[0][1] == "it has neither price nor bid nor ask"


def test_bid_and_ask_alone_are_a_quote_without_a_price() -> None:
    (passed,) = check(replace(GOOD, price=None), None, None, NOW).passed
    assert (passed.price, passed.bid, passed.change) == (None, 99.99, None)


def test_a_crossed_market_is_dropped_and_a_locked_one_kept() -> None:
    (crossed,) = check(replace(GOOD, bid=100.02), None, None, NOW).passed
    assert (crossed.bid, crossed.ask, crossed.bid_size, "crossed" in crossed.flags) == (None, None, None, True)
    (locked,) = check(replace(GOOD, bid=100.01), None, None, NOW).passed
    assert (locked.bid, locked.flags) == (100.01, frozenset())


@pytest.mark.parametrize("at", [NOW + timedelta(days=400), NOW.replace(tzinfo=None)])
def test_bid_and_ask_of_the_future_or_of_no_known_time_are_left_out(at: datetime) -> None:
    quote = replace(GOOD, quote_as_of=at, ext_price=7.0, ext_as_of=at)
    (passed,) = check(quote, None, None, NOW).passed
    assert (passed.bid, passed.ask, passed.bid_size, passed.quote_as_of) == (None, None, None, None)
    assert (passed.ext_price, passed.ext_as_of, passed.price) == (None, None, 100.0)
    assert passed.flags == {"future"}


def test_what_is_no_number_is_absent() -> None:
    strange = replace(GOOD, bid="99.99", ask=[], volume="many")  # type: ignore[arg-type]
    (passed,) = check(strange, None, None, NOW).passed
    assert (passed.bid, passed.ask, passed.volume, passed.price) == (None, None, None, 100.0)


def test_a_wide_market_is_flagged() -> None:
    (wide,) = check(replace(GOOD, bid=90.0), None, None, NOW).passed
    assert wide.flags == {"wide"}


def test_the_future_is_rejected_and_the_past_is_stale() -> None:
    ahead = replace(GOOD, as_of=NOW + timedelta(seconds=3))
    assert "future" in check(ahead, None, None, NOW).rejected[0][1]
    (old,) = check(replace(GOOD, as_of=NOW - timedelta(seconds=30)), None, None, NOW).passed
    assert "stale" in old.flags
    (delayed,) = check(replace(GOOD, as_of=NOW - timedelta(seconds=910), delayed_by=900), None, None, NOW).passed
    assert "stale" not in delayed.flags
    (closed,) = check(replace(old, flags=frozenset(), session=Session.CLOSED), None, None, NOW).passed
    assert "stale" not in closed.flags


def test_the_same_again_says_nothing_new() -> None:
    verdict = check(GOOD, GOOD, None, NOW)
    assert (verdict.passed, verdict.kept, verdict.rejected) == ((), (), ())


def test_an_older_quote_of_another_vendor_is_kept_but_not_shown() -> None:
    verdict = check(replace(BEFORE, vendor="two"), GOOD, None, NOW)
    assert verdict.passed == ()
    assert verdict.kept[0].flags >= {"late"}


def test_a_jump_waits_for_a_second_tick() -> None:
    jumped = replace(GOOD, price=14.4, high=15.0, low=14.0, open=14.5)
    first = check(jumped, BEFORE, None, NOW)
    assert first.passed == ()
    assert first.held is not None
    assert first.kept == (first.held,)
    assert first.held.flags >= {"jump", "split?"} or first.held.flags >= {"jump"}
    later = replace(jumped, as_of=NOW, price=14.5)
    second = check(later, BEFORE, first.held, NOW)
    assert (second.released, second.passed, second.held) == ((first.held,), (later,), None)


def test_a_jump_that_returns_is_never_shown() -> None:
    first = check(replace(GOOD, price=200.0, high=201.0), BEFORE, None, NOW)
    second = check(replace(GOOD, as_of=NOW), BEFORE, first.held, NOW)
    assert (second.released, len(second.passed), second.held) == ((), 1, None)


def test_a_recording_is_shown_as_it_was_recorded() -> None:
    odd = replace(GOOD, price=14.27, bid=14.30, ask=14.28)
    (shown,) = check(odd, BEFORE, None, NOW, faithful=True).passed
    assert (shown.price, shown.bid, shown.ask) == (14.27, 14.30, 14.28)
    assert shown.flags == {"crossed", "jump", "split?"}


@pytest.mark.parametrize(("price", "name"), [(49.95, "split?"), (14.27, "split?"), (9990.0, "unit?")])
def test_a_jump_by_a_whole_factor_says_so(price: float, name: str) -> None:
    held = check(replace(GOOD, price=price, high=None, low=None), BEFORE, None, NOW).held
    assert held is not None
    assert name in held.flags


def test_without_a_last_price_the_previous_close_is_the_measure() -> None:
    assert check(replace(GOOD, previous_close=30.0), None, None, NOW).held is not None


def test_falling_volume_and_disagreeing_vendors_are_flagged() -> None:
    (fell,) = check(replace(GOOD, volume=800.0), BEFORE, None, NOW).passed
    assert "volume" in fell.flags
    apart = replace(BEFORE, as_of=GOOD.as_of - timedelta(seconds=6))
    (other,) = check(replace(GOOD, vendor="two", price=101.0), apart, None, NOW).passed
    assert "disagree" not in other.flags
    near = replace(BEFORE, as_of=GOOD.as_of - timedelta(seconds=2))
    (other,) = check(replace(GOOD, vendor="two", price=101.0), near, None, NOW).passed
    assert "disagree" in other.flags


def test_a_high_below_the_price_belongs_to_another_day() -> None:
    (passed,) = check(replace(GOOD, high=99.0), None, None, NOW).passed
    assert (passed.high, passed.low, passed.open, passed.price) == (None, None, None, 100.0)


ANY = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


@given(price=ANY, bid=ANY, ask=ANY, high=ANY, low=ANY, volume=ANY, size=ANY, age=st.floats(-1e6, 1e6))
def test_whatever_a_vendor_says_nothing_unsound_is_shown(
    price: float | None, bid: float | None, ask: float | None, high: float | None, low: float | None,
    volume: float | None, size: float | None, age: float,
) -> None:
    quote = replace(GOOD, price=price, bid=bid, ask=ask, high=high, low=low, volume=volume, bid_size=size,
                    as_of=NOW - timedelta(seconds=age))
    for shown in check(quote, BEFORE, None, NOW).passed:
        prices = [p for p in (shown.price, shown.bid, shown.ask, shown.high, shown.low) if p is not None]
        assert prices
        assert all(np.isfinite(p) and p > 0 for p in prices)
        assert shown.bid is None or shown.ask is None or shown.bid <= shown.ask
        assert (shown.as_of - NOW).total_seconds() <= 2


def bars(rows: list[tuple[float, ...]]) -> Bars:
    start, opened, high, low, close, volume = (np.array(column, float) for column in zip(*rows, strict=True))
    return Bars(symbol="AAPL", interval=Interval.MINUTE, vendor="one", start=start.astype(np.int64), open=opened,
                high=high, low=low, close=close, volume=volume)


def test_bars_are_sorted_unique_and_sound() -> None:
    t = NOW.timestamp() - 600
    found, reasons = check_bars(
        bars([
            (t + 60, 2, 3, 1, 2, 10), (t, 2, 3, 1, 2, 10), (t, 2, 3, 1, 2.5, 11), (t + 120, 2, 1, 3, 2, 10),
            (t + 180, 0, 3, 1, 2, 10), (t + 6000, 2, 3, 1, 2, 10), (t + 240, 2, 3, 1, 2, np.nan),
        ]), NOW)
    assert list(found.start - int(t)) == [0, 60, 240]
    assert found.close[0] == 2.5
    assert len(reasons) == 3
    assert next(iter(reasons)).startswith("1 × ")


def test_no_bars_stay_no_bars() -> None:
    empty = Bars.of("AAPL", Interval.DAY, "one", [])
    found, reasons = check_bars(empty, NOW)
    assert (len(found), reasons) == (0, ())
