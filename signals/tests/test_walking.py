from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.domain import Bars, Interval
from signals import calibration, ranges, walking
from signals.domain import Horizon, Lean, Opinion
from signals.orchestrator import combine
from signals.panel import consensus, gather
from signals.tests.bars import cut, daily, sessions, wandering
from signals.walking import ALL, SIDES, Walk

FIVE = Horizon(interval=Interval.DAY, bars=5)
WEIGHTS = {"reversal": 1.0, "trend": 1.0}


@dataclass(frozen=True)
class Moved:
    """How far the price came in `bars` bars, times `sign`."""

    bars: int
    sign: float

    def scores(self, bars: Bars) -> np.ndarray:
        said = np.full(len(bars), np.nan)
        said[self.bars :] = self.sign * np.tanh(8 * (bars.close[self.bars :] / bars.close[: -self.bars] - 1))
        return said


@dataclass(frozen=True)
class Knowing:
    """An agent that looks at tomorrow: what a test of look-ahead must catch."""

    def scores(self, bars: Bars) -> np.ndarray:
        return np.append(np.sign(np.diff(bars.close)), 0.0) * 0.2


AGENTS = {"reversal": Moved(3, -1.0), "trend": Moved(20, 1.0)}
MARKET = {f"S{n}": wandering(f"S{n}", 420 - 30 * n, seed=n) for n in range(5)}


def walked(market: dict[str, Bars], agents: dict[str, object] = AGENTS) -> Walk:
    return walking.walk(market, agents, dict.fromkeys(agents, 1.0), FIVE)


def until(market: dict[str, Bars], row: int) -> dict[str, Bars]:
    return {name: cut(bars, int(sessions(420)[row])) for name, bars in market.items()}


def said(walk: Walk) -> dict[str, np.ndarray]:
    fields = {f"{f}/{s}/{n}": walk.said(f, s, n) for f in walk.tables for s in SIDES for n in walk.names}
    return fields | {"spread": walk.panel.spread, "quantile": walk.quantile, "score": walk.panel.consensus}


@pytest.mark.parametrize("row", [17, 133, 266, 341, 419])
def test_what_was_said_before_a_cut_stays_to_the_last_bit(row: int) -> None:
    whole, part = said(walked(MARKET)), said(walked(until(MARKET, row)))
    for name, values in part.items():
        assert np.array_equal(values, whole[name][:row], equal_nan=True), name


def test_an_agent_that_looks_ahead_is_caught_by_the_cut() -> None:
    agents = {"knowing": Knowing()}
    whole, part = walked(MARKET, agents), walked(until(MARKET, 133), agents)
    assert not np.array_equal(part.panel.consensus, whole.panel.consensus[:133], equal_nan=True)


def test_an_outcome_is_known_seven_rows_after_its_decision() -> None:
    walk = walked(MARKET)
    assert (walk.panel.due[100] == 107).all()
    changed = walk.panel.gross.copy()
    changed[100, 0] = 0.9 if changed[100, 0] < 0 else -0.9
    other = walking.through(replace(walk.panel, gross=changed), FIVE)
    same = [np.array_equal(walk.tables["net"][row], other.tables["net"][row], equal_nan=True) for row in range(110)]
    assert all(same[:107])
    assert not any(same[107:])
    assert (walk.quantile[:107] == other.quantile[:107]).all()


def test_it_learns_what_single_steps_learn() -> None:
    walk = walked(MARKET)
    panel = walk.panel
    for name, side, sign in (("reversal", Lean.UP, 1.0), (ALL, Lean.DOWN, -1.0)):
        score = panel.consensus if name == ALL else panel.scores[name]
        known = calibration.fresh(calibration.Terms(horizon=5))
        for row in range(len(panel.rows)):
            these = (panel.due == row) & ~np.isnan(panel.gross)
            net = sign * panel.gross[these] - FIVE.cost
            known = calibration.learn(known, score[these], net > 0, net)
        for column in calibration.COLUMNS:
            assert np.array_equal(getattr(walk.learnt(side, name), column), getattr(known, column)), column


def test_what_it_says_is_what_one_score_is_told() -> None:
    walk = walked(MARKET)
    last = walk.panel.consensus[-1]
    for column, score in enumerate(last):
        if not np.isnan(score):
            told = calibration.predict(walk.learnt(Lean.UP), float(score))
            assert walk.said("confidence", Lean.UP)[-1, column] == told.confidence
            assert walk.said("probability", Lean.UP)[-1, column] == told.probability
    assert np.isnan(walk.said("low", Lean.DOWN)[0]).all()


def test_a_cold_start_forgets_what_was_before() -> None:
    panel = walked(MARKET).panel
    cold = walking.through(panel, FIVE, since=200)
    assert (cold.tables["n"][:207] == 0).all()
    assert cold.tables["n"][207].sum() > 0
    assert (cold.quantile[:207] == ranges.START).all()


def test_symbols_may_begin_pause_and_end() -> None:
    bars = wandering("HALT", 300, seed=9)
    keep = np.r_[0:100, 200:300]
    names = ("start", "open", "high", "low", "close", "volume")
    halted = replace(bars, **{name: getattr(bars, name)[keep] for name in names})
    panel = gather({"HALT": halted, "REST": wandering("REST", 250, seed=8)}, AGENTS, WEIGHTS, FIVE)
    assert panel.symbols == ("HALT", "REST")
    assert len(panel.rows) == 300
    assert np.isnan(panel.consensus[100:200, 0]).all()
    assert np.isnan(panel.gross[95:100, 0]).all(), "a return over the halt is no outcome"
    assert not np.isnan(panel.gross[94, 0])
    assert np.isnan(panel.gross[245:, 1]).all()


def test_the_common_score_is_the_weighted_mean_of_those_that_have_one() -> None:
    scores = {"a": np.array([[0.5, np.nan, np.nan]]), "b": np.array([[-0.1, 0.3, np.nan]])}
    said = consensus(scores, {"a": 3.0, "b": 1.0})
    assert said[0, :2] == pytest.approx([(1.5 - 0.1) / 4, 0.3])
    assert np.isnan(said[0, 2])
    assert np.isnan(consensus({"a": scores["a"]}, {"a": 0.0})).all()


@given(
    scores=st.dictionaries(st.sampled_from("badce"), st.one_of(st.none(), st.floats(-1, 1)), min_size=1),
    weights=st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.7]), min_size=5, max_size=5),
)
def test_it_is_that_of_the_live_agents_to_the_last_bit(scores: dict[str, float | None], weights: list[float]) -> None:
    weighs = dict(zip("abcde", weights, strict=True))
    opinions = [Opinion(agent=name, version=1, parameters="", score=one) for name, one in scores.items()]
    live = combine(opinions, weighs)
    said = consensus({name: np.array([[np.nan if one is None else one]]) for name, one in scores.items()}, weighs)
    assert said[0, 0] == live.score or (np.isnan(said[0, 0]) and not live.weights)


def test_no_bars_are_no_market() -> None:
    with pytest.raises(ValueError, match="at least one symbol"):
        walked({"NONE": daily("NONE", [])})


@dataclass(frozen=True)
class Broken:
    """One that fails over S1, and elsewhere says too much now and then."""

    def scores(self, bars: Bars) -> np.ndarray:
        if bars.symbol == "S1":
            raise ZeroDivisionError("no bars")
        return np.where(np.arange(len(bars)) % 7 == 0, 3.0, 0.5)


def test_an_agent_that_fails_silences_nobody_else() -> None:
    alone, beside = walked(MARKET), walked(MARKET, {**AGENTS, "broken": Broken()})
    one = beside.panel.symbols.index("S1")
    assert np.isnan(beside.panel.scores["broken"][:, one]).all()
    assert np.array_equal(beside.panel.consensus[:, one], alone.panel.consensus[:, one], equal_nan=True)
    told = beside.panel.scores["broken"][~np.isnan(beside.panel.scores["broken"])]
    assert set(told.tolist()) == {0.5}
