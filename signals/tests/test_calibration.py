import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals import calibration
from signals.calibration import BINS, Calibrator, Terms, absorb, fresh, from_json, learn, predict, tally, to_json
from signals.domain import Edge

DAILY = Terms(horizon=5)
outcomes = st.lists(st.tuples(st.floats(-1, 1), st.booleans(), st.floats(-0.2, 0.2)), min_size=1, max_size=12)


def taught(steps: list[list[tuple[float, bool, float]]], terms: Terms = DAILY) -> Calibrator:
    known = fresh(terms)
    for step in steps:
        known = learn(known, *zip(*step, strict=True))
    return known


def columns(known: Calibrator) -> np.ndarray:
    return np.hstack([np.ravel(getattr(known, name)) for name in calibration.COLUMNS])


def test_at_first_it_is_a_coin_with_an_honest_width() -> None:
    said = predict(fresh(DAILY), 0.4)
    assert (said.confidence, said.base_rate, said.edge, said.probability) == (0.5, 0.5, 0.0, 0.5)
    assert said.high - said.confidence == pytest.approx(0.183, abs=1e-3)
    assert (said.status, said.n, said.n_eff, said.net) == (Edge.UNPROVEN, 0, 0.0, None)


@pytest.mark.parametrize(
    ("score", "expected"), [(-1, 0), (-0.3, 1), (-0.1, 2), (0, 3), (0.05, 4), (0.2, 5), (0.3, 6), (1, 6)]
)
def test_each_score_has_its_bin(score: float, expected: int) -> None:
    assert calibration.bins(np.asarray(float(score))) == expected


def test_one_step_by_hand() -> None:
    """Three outcomes, two won; m = (wins of the others + c/2) / (2 + c), c = 1/.22 - 1; n_eff by 3.3 (1 + 2 · .22)."""
    known = taught([[(0.2, True, 0.01), (0.2, False, -0.02), (-0.4, True, 0.03)]])
    c = 1 / 0.22 - 1
    won, lost = (1 + c / 2) / (2 + c), (2 + c / 2) / (2 + c)
    assert float(known.n) == pytest.approx(3 / (3.3 * 1.44))
    assert float(known.w) == pytest.approx(2 / (3.3 * 1.44))
    assert known.residual[5] == pytest.approx(1 - won - lost)
    assert known.residual[0] == pytest.approx(1 - won)
    assert (known.size[5], known.square[5], known.count[5], known.net[5]) == (2, 4, 2, pytest.approx(-0.01))
    said = predict(known, 0.2)
    n_eff, base = 2 / (3.3 * 1.05), (float(known.w) + 15) / (float(known.n) + 30)
    shrink = 0.02**2 / (0.02**2 + base * (1 - base) / n_eff)
    assert said.n_eff == pytest.approx(n_eff)
    assert said.confidence == pytest.approx(base + shrink * known.residual[5] / 2)
    half = 1.96 * np.sqrt(base * (1 - base) / (float(known.n) + 30) + 0.02**2 * (1 - shrink))
    assert said.high - said.confidence == pytest.approx(half, rel=1e-4)


def test_one_outcome_alone_is_measured_by_the_base_rate() -> None:
    assert taught([[(0.2, True, 0.01)]]).residual[5] == pytest.approx(0.5)


def test_it_forgets_by_half_in_its_half_life() -> None:
    terms = Terms(horizon=5, half_life=10)
    known = taught([[(0.2, True, 0.01)]], terms)
    elsewhere = taught([[(0.2, True, 0.01)], *[[(-0.9, True, 0.01)]] * 10], terms)
    assert elsewhere.size[5] == pytest.approx(known.size[5] / 2)
    assert elsewhere.residual[5] == pytest.approx(known.residual[5] / 2)
    assert elsewhere.count[5] == 1


def test_a_step_without_outcomes_changes_nothing() -> None:
    known = taught([[(0.2, True, 0.01)]])
    assert np.array_equal(columns(learn(known, [], [], [])), columns(known))
    assert np.array_equal(columns(learn(known, [np.nan], [True], [0.1])), columns(known))


@settings(max_examples=40)
@given(steps=st.lists(outcomes, max_size=6))
def test_the_residuals_are_those_of_each_outcome_against_the_others(
    steps: list[list[tuple[float, bool, float]]],
) -> None:
    known, expected = fresh(DAILY), np.zeros(BINS)
    for step in steps:
        base = (float(known.w) + 15) / (float(known.n) + 30)
        expected *= 0.5 ** (1 / 504)
        for i, (score, won, _) in enumerate(step):
            wins = sum(other[1] for j, other in enumerate(step) if j != i)
            c = 1 / 0.22 - 1
            expected[calibration.bins(np.asarray(score))] += won - (wins + c * base) / (len(step) - 1 + c)
        known = learn(known, *zip(*step, strict=True))
    assert known.residual == pytest.approx(expected, abs=1e-9)


@settings(max_examples=40)
@given(steps=st.lists(outcomes, max_size=8), score=st.floats(-1, 1))
def test_what_it_says_is_always_possible(steps: list[list[tuple[float, bool, float]]], score: float) -> None:
    said = predict(taught(steps), score)
    assert 0 <= said.low <= said.confidence <= said.high <= 1
    assert 0 <= said.probability <= 1
    assert said.n_eff <= said.n or said.n == 0
    assert (said.edge > 0) == (said.probability > 0.5) or said.edge == 0


@settings(max_examples=40)
@given(steps=st.lists(outcomes, max_size=5))
def test_it_comes_back_from_json_to_the_last_bit(steps: list[list[tuple[float, bool, float]]]) -> None:
    known = taught(steps)
    back = from_json(json.loads(json.dumps(to_json(known))))
    assert np.array_equal(columns(back), columns(known))
    assert back.terms == known.terms


def test_json_of_other_bins_is_refused() -> None:
    with pytest.raises(ValueError, match="rebuild it from the outcomes"):
        from_json(to_json(fresh(DAILY)) | {"edges": [0.0]})


@settings(max_examples=40)
@given(steps=st.lists(outcomes, min_size=1, max_size=4))
def test_many_at_once_learn_what_each_alone_does(steps: list[list[tuple[float, bool, float]]]) -> None:
    both = fresh(DAILY, (2,))
    for step in steps:
        one = tally(*zip(*step, strict=True))
        none = replace(one, count=one.count * 0, wins=one.wins * 0, net=one.net * 0)
        pair = {name: np.stack([getattr(none, name), getattr(one, name)]) for name in ("count", "wins", "net")}
        both = absorb(both, replace(one, **pair))
    alone = taught(steps)
    for name in calibration.COLUMNS:
        assert np.array_equal(getattr(both, name)[1], getattr(alone, name))
        assert not getattr(both, name)[0].any()


@pytest.mark.parametrize(
    ("probability", "net", "expected"),
    [
        (0.95, 0.001, Edge.PROVEN), (0.95, 0.0, Edge.UNPROVEN), (0.99, float("nan"), Edge.UNPROVEN),
        (0.9499, 0.001, Edge.UNPROVEN), (0.05, 0.001, Edge.NEGATIVE), (0.051, -0.01, Edge.UNPROVEN),
    ],
)  # fmt: skip
def test_proven_needs_certainty_and_money(probability: float, net: float, expected: Edge) -> None:
    assert calibration.status(probability, net) is expected


def world(edge: float, days: int, seed: int) -> Calibrator:
    """40 coins a day that share a market; those with a score of .2 (every second) win `edge` more often than .5."""
    rng = np.random.default_rng(seed)
    known = fresh(Terms(horizon=1))
    scores = np.where(np.arange(40) % 2, 0.2, 0.0)
    for _ in range(days):
        chance = 0.5 + 0.2 * rng.uniform(-1, 1) + np.where(scores > 0, edge, 0)
        won = rng.random(40) < chance
        known = learn(known, scores, won, np.where(won, 0.02, -0.01))
    return known


def test_an_edge_that_is_there_is_found_and_not_exaggerated() -> None:
    said = predict(world(0.14, 250, 1), 0.2)
    assert said.status is Edge.PROVEN
    assert 0.58 < said.confidence < 0.66


def test_an_edge_against_the_lean_is_called_negative() -> None:
    assert predict(world(-0.14, 250, 2), 0.2).status is Edge.NEGATIVE


def test_where_nothing_is_nothing_is_proven() -> None:
    found = [predict(world(0.0, 120, seed), 0.2).status for seed in range(30)]
    assert found.count(Edge.PROVEN) <= 3


def test_its_interval_holds_the_true_rate() -> None:
    """Worlds whose base rate is .5: 95 % intervals hold it nearly always."""
    said = [predict(world(0.0, 60, seed), 0.2) for seed in range(60)]
    assert sum(one.low <= 0.5 <= one.high for one in said) >= 55
