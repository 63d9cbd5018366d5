"""From a view to a signal: what acts, what is announced, and what one broken agent does to the others."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pytest
from django.conf import settings

from marketdata.domain import Interval
from signals import calibration, gates, judging, learning, standing
from signals.agents.base import BOTH, opine_once
from signals.agents.rsi_reversal import RsiReversal
from signals.domain import Action, Edge, Evidence, Gate, Horizon, Lean, MarketView, Opinion, Reason
from signals.gates import Past
from signals.judging import Bench
from signals.learning import State
from signals.tests.house import history
from signals.tests.values import CLOSE, signal, view
from signals.walking import SIDES

HORIZON = Horizon(interval=Interval.DAY, bars=5)
NOW = CLOSE + timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class Says:
    """Always the same; NaN fails."""

    id: ClassVar[str] = "says"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    score: float = 0.4

    def opinion(self, view: MarketView) -> Opinion:
        """Its score."""
        if np.isnan(self.score):
            raise ZeroDivisionError("no bars")
        return opine_once(self, self.score, ())


def bench(*agents: object, state: State | None = None) -> Bench:
    return Bench(
        agents=agents, weights={}, agent_set="set", horizon=HORIZON,  # type: ignore[arg-type]
        limits=gates.read(Interval.DAY, settings.SIGNALS_GATES), state=state,
    )  # fmt: skip


def proven(side: Lean, score: float) -> State:
    """1,000 sessions in which this score won in one direction, and others did not."""
    state = learning.fresh(["says"], HORIZON)
    count, wins, net = (np.zeros((2, 2, 7)) for _ in range(3))
    at, way = int(calibration.bins(np.float64(score))), SIDES.index(side)
    count[...], wins[...] = 2, 1
    wins[:, way, at], net[:, way, at] = 2, 0.02
    for _ in range(1000):
        step = calibration.Tally(count=count, wins=wins, net=net)
        state = replace(state, calibrator=calibration.absorb(state.calibrator, step))
    return state


def seen() -> MarketView:
    return replace(view(), bars=history("AAPL"))


@pytest.mark.parametrize(("score", "lean", "action"), [(0.4, Lean.UP, Action.BUY), (-0.4, Lean.DOWN, Action.SELL)])
def test_a_proven_lean_acts(score: float, lean: Lean, action: Action) -> None:
    found = judging.judge(seen(), NOW, bench(Says(score), state=proven(lean, score)), Past())
    assert (found.action, found.lean, found.reasons) == (action, lean, ())
    assert found.calibrated
    assert found.calibrated.status is Edge.PROVEN
    assert found.expected
    assert all(gate.passed for gate in found.gates)


@pytest.mark.parametrize("state", [None, proven(Lean.UP, 0.0), proven(Lean.DOWN, 0.4)])
def test_an_unproven_lean_holds(state: State | None) -> None:
    found = judging.judge(seen(), NOW, bench(Says(), state=state), Past())
    assert (found.action, found.lean) == (Action.HOLD, Lean.UP)
    assert Reason.UNPROVEN in found.reasons
    assert (found.confidence is None) is (state is None)


def test_what_is_proven_but_stale_holds() -> None:
    found = judging.judge(seen(), NOW + timedelta(days=30), bench(Says(), state=proven(Lean.UP, 0.4)), Past())
    assert (found.action, found.reasons) == (Action.HOLD, (Reason.STALE,))


def test_the_same_inputs_give_the_same_signal_and_others_another() -> None:
    one, again = (judging.judge(seen(), NOW, bench(RsiReversal()), Past()) for _ in range(2))
    assert one == again
    later = judging.judge(seen(), NOW + timedelta(seconds=1), bench(RsiReversal()), Past())
    assert (later.id, later.inputs) == (one.id, one.inputs)
    assert later.decision != one.decision


def test_settings_of_the_first_rules_have_their_name_still() -> None:
    """It stands in decisions that were stored before there were others."""
    first = replace(bench(), limits=gates.Limits(**OLD), rules=1, horizon=Horizon(interval=Interval.MINUTE, bars=30))
    assert first.parameters == "43e7198ba73f0b8884d8fe7205a7736a7c32cf2c02764e61ec307afb0177a6a2"
    assert replace(first, rules=gates.RULES).parameters != first.parameters


OLD: dict[str, Any] = {
    "late": 150, "quote_age": 60, "delayed_by": 60, "missing": 0.1, "within_session": True, "outcomes": 30,
    "weak": 0.05, "proof": 0.95, "cooldown": 30, "guard_span": 120, "guard_stops": 10, "guard_pause": 60, "stop": 0.02,
    "drawdown_span": 390, "drawdown_trades": 40, "drawdown_pause": 60, "drawdown": 0.05, "low_span": 390,
    "low_trades": 8, "low_pause": 120, "profit": -0.05,
}  # fmt: skip


def test_an_agent_that_fails_silences_nobody_else() -> None:
    timed = standing.Timed(Says(float("nan")))
    for broken in (Says(float("nan")), timed):
        found = judging.judge(seen(), NOW, bench(broken, RsiReversal()), Past())
        assert found.opinions[0].abstains == "it failed: ZeroDivisionError: no bars"
        assert found.opinions[1].score is not None
        assert set(found.weights) == {"rsi_reversal"}
    assert (timed.opinions, timed.abstained) == (1, 1)


@dataclass(frozen=True, slots=True)
class Odd:
    """It says what it was given."""

    id: ClassVar[str] = "odd"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = BOTH
    said: Any = None

    def opinion(self, view: MarketView) -> Any:
        """That."""
        return self.said


def odd(score: Any, words: str = "It is {value}.", value: Any = 1.0, agent: str = "odd") -> Opinion:
    shown = Evidence(name="x", value=value, contribution=0.1, words=words)
    return Opinion(agent=agent, version=1, parameters="", score=score, evidence=(shown,))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (None, "it said None: give an Opinion of odd version 1"),
        (odd(0.3, agent="rsi_reversal"), "give an Opinion of odd version 1"),
        (odd(float("nan")), "the score nan is not from -1 to 1"),
        (odd(float("inf")), "the score inf is not from -1 to 1"),
        (odd("0.3"), "numbers are Python's finite floats"),
        (odd(np.float64(0.3)), "numpy.float64"),
        (odd(0.3, value=float("nan")), "numbers are Python's finite floats"),
        (odd(0.3, words="It is {thing}."), "words have {value} and {threshold}"),
        (odd(1.5), "the score 1.5 is not from -1 to 1"),
    ],
)
def test_what_is_no_sound_opinion_counts_as_a_failure(said: Any, why: str) -> None:
    timed = standing.Timed(Odd(said))
    for broken in (Odd(said), timed):
        found = judging.judge(seen(), NOW, bench(broken, RsiReversal()), Past())
        assert found.opinions[0].abstains.startswith("it failed: Unsound: ")
        assert why in found.opinions[0].abstains
        assert set(found.weights) == {"rsi_reversal"}
        assert found.score == found.opinions[1].score
    assert (timed.opinions, timed.abstained) == (1, 1)


def test_a_whole_number_is_a_score() -> None:
    found = judging.judge(seen(), NOW, bench(Odd(odd(1))), Past())
    assert (found.score, found.opinions[0].score, found.lean) == (1.0, 1.0, Lean.UP)


COOLING = Gate(reason=Reason.COOLDOWN, passed=False)


@pytest.mark.parametrize(
    ("fields", "past", "leans", "told"),
    [
        ({"action": Action.BUY, "lean": Lean.UP}, Past(), False, True),
        ({"action": Action.BUY, "lean": Lean.UP, "gates": (COOLING,)}, Past(), True, False),
        ({}, Past(announced_at=CLOSE, announced=Action.SELL, lean=Lean.DOWN), False, True),
        ({}, Past(announced_at=CLOSE, announced=Action.HOLD, lean=Lean.DOWN), False, False),
        ({}, Past(), True, True),
        ({"lean": Lean.FLAT}, Past(), True, False),
        ({"lean": Lean.FLAT}, Past(announced_at=CLOSE, announced=Action.HOLD, lean=Lean.UP), True, True),
        ({"lean": Lean.FLAT}, Past(announced_at=CLOSE, announced=Action.HOLD, lean=Lean.FLAT), True, False),
    ],
)
def test_what_is_announced(fields: dict[str, object], past: Past, leans: bool, told: bool) -> None:
    assert judging.announces(signal(**fields), past, leans) is told
