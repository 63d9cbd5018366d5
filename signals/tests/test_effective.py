import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.wilson import wilson
from signals.effective import design_effect, effective, overlap


@pytest.mark.parametrize(("symbols", "expected"), [(26, 21.5), (40, 31.6), (1, 3.3)])
def test_many_symbols_on_one_day_are_worth_few(symbols: int, expected: float) -> None:
    assert design_effect(symbols, horizon=5) == pytest.approx(expected, abs=0.06)


def test_horizons_that_do_not_overlap_repeat_nothing() -> None:
    assert overlap(30, spacing=30) == 1.0
    assert overlap(30, spacing=1) == pytest.approx(19.8)
    with pytest.raises(ValueError, match="above 0 bars"):
        overlap(0)


def test_the_effective_number_counts_each_session_alone() -> None:
    assert effective([40, 0, 40], horizon=5) == pytest.approx(2 * 40 / design_effect(40, 5))
    assert effective([1] * 33, horizon=1) == pytest.approx(33)


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), page 861, method 3: 81 of 263, 15 of 148 and 0 of 20."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0.5, 0) == (0.0, 1.0)


@given(rate=st.floats(0, 1), n=st.floats(0.01, 1e6))
def test_the_interval_holds_its_rate_and_narrows_with_knowledge(rate: float, n: float) -> None:
    low, high = wilson(rate, n)
    assert 0 <= low <= rate + 1e-12
    assert rate - 1e-12 <= high <= 1
    more = wilson(rate, 4 * n)
    assert more[1] - more[0] <= high - low + 1e-12


def test_the_design_effect_is_that_of_correlated_coins() -> None:
    """40 outcomes a day with a correlation of .22: the rate's variance is 1 + 39 · .22 times that of free coins."""
    rng = np.random.default_rng(5)
    market = rng.standard_normal((20_000, 1))
    own = rng.standard_normal((20_000, 40))
    rho = np.sin(np.pi / 2 * 0.22)
    rates = ((np.sqrt(rho) * market + np.sqrt(1 - rho) * own) > 0).mean(axis=1)
    assert rates.var() / (0.25 / 40) == pytest.approx(design_effect(40, horizon=1), rel=0.05)
