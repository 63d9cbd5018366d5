from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals import reliability

pairs = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=10, max_size=60)


def columns(values: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([p for p, _ in values]), np.array([float(y) for _, y in values])


@given(values=pairs, count=st.integers(1, 12))
def test_the_parts_make_up_the_whole(values: list[tuple[float, bool]], count: int) -> None:
    confidence, won = columns(values)
    said = reliability.parts(confidence, won, count)
    whole = said.reliability - said.resolution + said.uncertainty + said.within
    assert whole == pytest.approx(reliability.brier(confidence, won), abs=1e-12)


def test_the_parts_of_forecasts_without_spread_within_their_bins() -> None:
    """Two forecasts, each in a bin of its own: .2 (1 of 4 won) and .8 (2 of 4 won)."""
    confidence = np.array([0.2] * 4 + [0.8] * 4)
    won = np.array([1, 0, 0, 0, 1, 1, 0, 0.0])
    said = reliability.parts(confidence, won, 2)
    assert said.reliability == pytest.approx((0.05**2 + 0.3**2) / 2)
    assert said.resolution == pytest.approx(0.125**2)
    assert said.uncertainty == pytest.approx(0.375 * 0.625)
    assert said.within == pytest.approx(0)
    assert reliability.calibration_error(confidence, won, 2) == pytest.approx((0.05 + 0.3) / 2)


def test_a_perfect_forecaster_shows_just_the_noise() -> None:
    rng = np.random.default_rng(4)
    chance = rng.uniform(0.4, 0.6, 4000)
    shown = [reliability.calibration_error(chance, (rng.random(4000) < chance).astype(float)) for _ in range(60)]
    assert np.mean(shown) == pytest.approx(reliability.noise_floor(chance, 4000), rel=0.1)


def test_a_vote_share_shown_as_confidence_is_caught() -> None:
    rng = np.random.default_rng(4)
    vote = rng.uniform(0.4, 1.0, 4000)
    won = (rng.random(4000) < 0.5).astype(float)
    assert reliability.calibration_error(vote, won) > 5 * reliability.noise_floor(vote, 4000)
    assert reliability.skill(vote, np.full(4000, 0.5), won) < -0.1


def test_the_diagram_holds_every_outcome_once() -> None:
    rng = np.random.default_rng(4)
    confidence = rng.random(103)
    bins = reliability.diagram(confidence, (rng.random(103) < confidence).astype(float), n_eff=20)
    assert sum(one.n for one in bins) == 103
    assert all(one.wilson_low <= one.hit_rate <= one.wilson_high for one in bins)
    assert all(a.high <= b.low for a, b in pairwise(bins))
    wide = reliability.diagram(confidence, np.ones(103), n_eff=5)
    assert wide[0].wilson_low < bins[-1].wilson_low


def test_precision_rises_with_the_threshold_where_confidence_means_something() -> None:
    confidence = np.linspace(0.3, 0.9, 100)
    said = reliability.choosing(confidence, (confidence > 0.6).astype(float))
    assert (said[0].coverage, said[-1].coverage) == (1.0, 0.1)
    assert said[0].precision == pytest.approx(0.5)
    assert said[-1].precision == 1.0
    assert said[-1].threshold == pytest.approx(confidence[-10])


def test_blocks_widen_the_interval_of_returns_that_follow_each_other() -> None:
    rng = np.random.default_rng(4)
    totals = np.repeat(rng.standard_normal(100), 10)
    low, high = reliability.bootstrapped(totals, np.ones(1000), block=20)
    alone = reliability.bootstrapped(totals, np.ones(1000), block=1)
    assert low < totals.mean() < high
    assert high - low > 2 * (alone[1] - alone[0])
    assert (low, high) == reliability.bootstrapped(totals, np.ones(1000), block=20)


def test_the_bootstraps_interval_is_that_of_the_mean() -> None:
    rng = np.random.default_rng(8)
    totals = rng.standard_normal(900)
    low, high = reliability.bootstrapped(totals, np.ones(900), block=1)
    assert high - low == pytest.approx(2 * 1.96 / 30, rel=0.1)
