from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from marketdata.domain import Bars, Interval
from signals import scoring
from signals.domain import Action, ExpectedRange, Horizon, Lean, Opinion, Signal
from signals.tests.bars import daily, wandering

FIVE = Horizon(interval=Interval.DAY, bars=5)
JUDGED = 2
"""The bar that the signal judged; it closed at 102."""


def signal(bars: Bars, lean: Lean = Lean.UP, expected: ExpectedRange | None = None) -> Signal:
    end = datetime.fromtimestamp(int(bars.start[JUDGED]), UTC) + timedelta(days=1)
    return Signal(
        id="s1", market="live", symbol=bars.symbol, horizon="5d", at=end, action=Action.HOLD, lean=lean, score=0.2,
        price=float(bars.close[JUDGED]), calibrated=None, expected=expected, record=None,
        opinions=(
            Opinion(agent="a", version=1, parameters="p", score=0.2),
            Opinion(agent="b", version=1, parameters="p", score=None, abstains="too short"),
        ),
        gates=(), reasons=(), reasoning="", agent_set="set", inputs="i", decision="d",
    )  # fmt: skip


RISING = daily("AAPL", [100, 101, 102, 110, 111, 112, 113, 121, 150], [100, 100, 100, 110, 110, 110, 110, 110, 110])


def test_it_enters_at_the_next_open_and_leaves_at_the_last_close() -> None:
    known = scoring.outcome(signal(RISING), RISING, FIVE, regime="calm")
    assert known is not None
    assert (known.entry, known.exit) == (110.0, 121.0)
    assert known.gross == pytest.approx(0.1)
    assert known.net == pytest.approx(0.0995)
    assert known.won
    assert known.entered_at == datetime.fromtimestamp(int(RISING.start[3]), UTC)
    assert known.exited_at == datetime.fromtimestamp(int(RISING.start[7]), UTC) + timedelta(days=1)
    assert (known.signal, known.regime, dict(known.opinions)) == ("s1", "calm", {"a": 0.2})


def test_the_price_of_the_judged_bar_counts_for_nothing() -> None:
    """The rise from 102 to 110 came before anybody could have bought."""
    falling = daily("AAPL", [100, 101, 102, 110, 109, 108, 107, 106], [100, 100, 100, 110, 110, 109, 108, 107])
    known = scoring.outcome(signal(falling), falling, FIVE)
    assert known is not None
    assert known.gross == pytest.approx(106 / 110 - 1)
    assert not known.won


@pytest.mark.parametrize(
    ("gross", "lean", "net", "won"),
    [
        (0.0006, Lean.UP, 0.0001, True), (0.0005, Lean.UP, 0.0, False), (0.0004, Lean.UP, -0.0001, False),
        (-0.0006, Lean.DOWN, 0.0001, True), (-0.0004, Lean.DOWN, -0.0001, False), (0.01, Lean.DOWN, -0.0105, False),
        (0.0006, Lean.FLAT, 0.0001, True), (-0.01, Lean.FLAT, -0.0105, False),
    ],
)  # fmt: skip
def test_costs_are_paid_whichever_way(gross: float, lean: Lean, net: float, won: bool) -> None:
    said = scoring.net_of(lean, gross, 0.0005)
    assert said == pytest.approx(net)
    assert (said > 0) == won


def test_no_outcome_before_the_horizon_has_ended() -> None:
    seven = daily("AAPL", [100, 101, 102, 110, 111, 112, 113], [100, 100, 100, 110, 110, 110, 110])
    assert scoring.outcome(signal(seven), seven, FIVE) is None
    running = Bars(**{f: getattr(RISING, f) for f in RISING.__slots__} | {"last_is_partial": True})
    assert scoring.outcome(signal(running), running, FIVE) is not None
    last_day = Bars(**{f: getattr(running, f)[:8] if f in COLUMNS else getattr(running, f) for f in running.__slots__})
    assert scoring.outcome(signal(last_day), last_day, FIVE) is None


COLUMNS = ("start", "open", "high", "low", "close", "volume")


@pytest.mark.parametrize(("high", "inside"), [(0.11, True), (0.09, False)])
def test_the_expected_range_is_scored_too(high: float, inside: bool) -> None:
    expected = ExpectedRange(coverage=0.8, low=-high, high=high, sd=high)
    known = scoring.outcome(signal(RISING, expected=expected), RISING, FIVE)
    assert known is not None
    assert known.in_range is inside


def test_columns_say_what_single_outcomes_say() -> None:
    bars = wandering("AAPL", 40, seed=3)
    gross, ends = scoring.returns(bars, 5)
    known = scoring.outcome(signal(bars), bars, FIVE)
    assert known is not None
    assert gross[JUDGED] == known.gross
    assert ends[JUDGED] + 86_400 == known.exited_at.timestamp()
    assert np.isnan(gross[-5:]).all()
    assert not np.isnan(gross[:-5]).any()
    assert (ends[-5:] == -1).all()
