"""Learning step by step is what the walk through history does at once."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from marketdata.domain import Interval
from signals import learning, scoring, walking
from signals.agents.moving_averages import MovingAverages
from signals.agents.rsi_reversal import RsiReversal
from signals.domain import Horizon, Lean, Outcome
from signals.orchestrator import lean_of
from signals.tests.bars import DAY, wandering
from signals.walking import ALL

HORIZON = Horizon(interval=Interval.DAY, bars=5)
AGENTS = {one.id: one for one in (RsiReversal(), MovingAverages())}
SYMBOLS = ("AAA", "BBB", "CCC")


@pytest.fixture(scope="module")
def walk() -> walking.Walk:
    bars = {symbol: wandering(symbol, 420, seed) for seed, symbol in enumerate(SYMBOLS)}
    return walking.walk(bars, AGENTS, dict.fromkeys(AGENTS, 1.0), HORIZON)


def outcomes(walk: walking.Walk) -> list[Outcome]:
    """Those that the walk has learned from, as the service would have stored them."""
    panel, told = walk.panel, []
    for row, column in zip(*np.nonzero((panel.due < len(panel.rows)) & ~np.isnan(panel.gross)), strict=True):
        score = float(panel.consensus[row, column])
        if np.isnan(score):
            continue
        lean, gross = lean_of(score), float(panel.gross[row, column])
        side = Lean.DOWN if lean is Lean.DOWN else Lean.UP
        at = datetime.fromtimestamp(int(panel.rows[row]) + DAY, UTC)
        net = scoring.net_of(lean, gross, HORIZON.cost)
        spread, ended = panel.spread[row, column], int(panel.rows[panel.due[row, column] - 2])
        inside = None if np.isnan(spread) else abs(gross / spread) <= walk.quantile[row]
        told.append(Outcome(
            signal=f"{row}-{column}", market="", symbol=panel.symbols[column], horizon="5d", lean=lean,
            action="HOLD", score=score, confidence=float(walk.said("confidence", side)[row, column]), at=at,
            entered_at=at, entry=1.0, exited_at=datetime.fromtimestamp(ended + DAY, UTC), exit=1 + gross, gross=gross,
            net=net, won=net > 0, in_range=inside, regime="", agent_set="",
            opinions={
                name: float(one[row, column]) for name, one in panel.scores.items() if not np.isnan(one[row, column])
            },
            base_rate=float(walk.said("base_rate", side)[row, column]),
        ))  # fmt: skip
    return told


def test_steps_of_outcomes_teach_what_the_walk_teaches(walk: walking.Walk) -> None:
    at_once = learning.walked(walk, HORIZON, AGENTS)
    step_by_step = learning.learn(learning.fresh(AGENTS, HORIZON), outcomes(walk), HORIZON)
    common = at_once.names.index(ALL)
    for name in ("n", "w", "residual", "net", "count"):
        one, other = (getattr(state.calibrator, name)[common] for state in (at_once, step_by_step))
        assert np.allclose(one, other, rtol=1e-9), name
    assert np.allclose(at_once.did[:, [0, 2, 3, 4, 5, 6, 7]], step_by_step.did[:, [0, 2, 3, 4, 5, 6, 7]], rtol=1e-9)
    assert step_by_step.quantile == pytest.approx(at_once.quantile, abs=0.05)


def test_a_record_stands_beside_the_base_rate_and_always_long(walk: walking.Walk) -> None:
    state, all_of_them = learning.walked(walk, HORIZON, AGENTS), outcomes(walk)
    for lean in (Lean.UP, Lean.DOWN):
        these, told = [one for one in all_of_them if one.lean is lean], learning.record(state, lean)
        assert told
        assert (told.n, told.wins) == (len(these), sum(one.won for one in these))
        assert told.net_bp == pytest.approx(1e4 * np.mean([one.net for one in these]))
        assert told.always_long_bp == pytest.approx(1e4 * np.mean([one.gross - HORIZON.cost for one in these]))
        assert told.low < told.hit_rate < told.high  # type: ignore[operator]
        assert told.n_eff < told.n / 3
    assert learning.record(state, Lean.FLAT) is None


def test_an_agent_of_which_history_says_nothing_begins_with_nothing(walk: walking.Walk) -> None:
    state = learning.walked(walk, HORIZON, ["options_flow", *AGENTS])
    assert state.calibrator.count[state.names.index("options_flow")].sum() == 0
    assert state.calibrator.count[state.names.index("rsi_reversal")].sum() > 1000
    assert learning.predict(state, 0.2, Lean.UP, "options_flow").confidence == pytest.approx(0.5)


def test_a_state_is_the_same_again_from_json(walk: walking.Walk) -> None:
    told = learning.to_json(learning.walked(walk, HORIZON, AGENTS))
    assert learning.to_json(learning.from_json(told)) == told


def test_an_outcome_over_a_gap_teaches_nothing(walk: walking.Walk) -> None:
    one = outcomes(walk)[0]
    rows = [one.exited_at + timedelta(days=i - 1) for i in range(3)]
    assert learning.is_free(one, rows, HORIZON)
    assert not learning.is_free(one, rows[:2], HORIZON)
    assert not learning.is_free(one, [row - timedelta(days=1) for row in rows], HORIZON)
    assert learning.is_whole(one, HORIZON)
