"""Prices and Greeks: against QuantLib, vollib and textbooks, and what must hold for all of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vollib.black_scholes_merton import black_scholes_merton
from vollib.black_scholes_merton.greeks import analytical

from options.pricing import DAYS, forward_price, greeks, price
from options.tests.references import by_dates, quantlib

HOUR = 1 / (24 * DAYS)
MANY = 4000


def options(many: int, seed: int = 4) -> dict[str, np.ndarray]:
    """Options of all kinds that trade: strikes up to five deviations off, an hour to five years, 1 % to 500 %."""
    dice = np.random.default_rng(seed)
    spot = np.exp(dice.uniform(np.log(100), np.log(6000), many))
    years = np.exp(dice.uniform(np.log(HOUR), np.log(5), many))
    sigma = np.exp(dice.uniform(np.log(0.01), np.log(5), many))
    strike = spot * np.exp(np.clip(dice.uniform(-5, 5, many) * sigma * np.sqrt(years), -1.5, 1.5))
    rate, dividends = dice.uniform(-0.01, 0.10, many), dice.uniform(0, 0.08, many)
    return {
        "forward": forward_price(spot, years, rate, dividends), "strike": strike, "years": years, "rate": rate,
        "sigma": sigma, "is_call": dice.random(many) < 0.5, "spot": spot,
    }  # fmt: skip


def test_every_price_and_greek_is_quantlibs() -> None:
    book = options(MANY)
    ours, sensitivities = price(*list(book.values())[:-1]), greeks(**book)
    for i in range(MANY):
        theirs, their_greeks = quantlib(*(column[i].item() for column in book.values()))
        assert abs(ours[i] - theirs) <= 1e-10
        for name, column in sensitivities._asdict().items():
            assert abs(column[i] - getattr(their_greeks, name)) <= 1e-10, name


@settings(max_examples=60)
@given(
    st.floats(1, 6000), st.floats(0.5, 2), st.integers(1, 1800), st.floats(-0.01, 0.1), st.floats(0, 0.08),
    st.floats(0.02, 5), st.booleans(),
)  # fmt: skip
def test_the_spot_form_is_quantlibs_analytic_engine(
    spot: float, moneyness: float, days: int, rate: float, dividends: float, sigma: float, is_call: bool
) -> None:
    strike, years = spot * moneyness, days / DAYS
    theirs, their_greeks = by_dates(spot, strike, days, rate, dividends, sigma, is_call)
    terms = forward_price(spot, years, rate, dividends), strike, years, rate, sigma, is_call
    assert price(*terms) == pytest.approx(theirs, rel=1e-12, abs=1e-10)
    for one, other in zip(greeks(*terms, spot), their_greeks, strict=True):
        assert one == pytest.approx(other, rel=1e-10, abs=1e-10)


def test_every_price_and_greek_is_vollibs() -> None:
    flags = ("p", "c")
    book = options(300, seed=5)
    dividends = book["rate"] - np.log(book["forward"] / book["spot"]) / book["years"]
    ours, sensitivities = price(*list(book.values())[:-1]), greeks(**book)
    for i in range(300):
        _, strike, years, rate, sigma, is_call, spot = (column[i].item() for column in book.values())
        terms = flags[is_call], spot, strike, years, rate, sigma, dividends[i].item()
        assert ours[i] == pytest.approx(black_scholes_merton(*terms), abs=1e-9)
        for name, column in sensitivities._asdict().items():
            assert column[i] == pytest.approx(getattr(analytical, name)(*terms), rel=1e-9, abs=1e-9), name


def test_hulls_examples() -> None:
    """Hull, 10th ed.: example 15.6 (price) and tables and examples 19.1 to 19.9 (Greeks of one call)."""
    forward = forward_price(42, 0.5, 0.10)
    both = price(forward, 40, 0.5, 0.10, 0.20, np.array([True, False]))
    assert both == pytest.approx([4.76, 0.81], abs=0.005)
    years = 20 / 52
    found = greeks(forward_price(49, years, 0.05), 50, years, 0.05, 0.20, True, 49)
    assert found.delta == pytest.approx(0.522, abs=5e-4)
    assert found.gamma == pytest.approx(0.066, abs=5e-4)
    assert found.vega * 100 == pytest.approx(12.1, abs=0.05)
    assert found.theta * DAYS == pytest.approx(-4.31, abs=0.005)
    assert found.rho * 100 == pytest.approx(8.91, abs=0.005)


def test_haugs_examples() -> None:
    """Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed., chapter 1: a stock, a future, a currency."""
    assert price(forward_price(60, 0.25, 0.08), 65, 0.25, 0.08, 0.30, True) == pytest.approx(2.1334, abs=5e-5)
    assert price(19, 19, 0.75, 0.10, 0.28, [True, False]) == pytest.approx([1.7011, 1.7011], abs=5e-5)
    assert price(forward_price(1.56, 0.5, 0.06, 0.08), 1.6, 0.5, 0.06, 0.12, True) == pytest.approx(0.0291, abs=5e-5)


OPTION = {
    "forward": st.floats(1, 6000), "strike": st.floats(1, 6000), "years": st.floats(0, 5),
    "rate": st.floats(-0.01, 0.1), "sigma": st.floats(0, 5),
}  # fmt: skip


@given(**OPTION)
def test_calls_less_puts_are_the_forward_contract(
    forward: float, strike: float, years: float, rate: float, sigma: float
) -> None:
    call, put = price(forward, strike, years, rate, sigma, np.array([True, False]))
    discount = np.exp(-rate * years)
    assert call - put == pytest.approx(discount * (forward - strike), abs=1e-11)
    assert discount * max(forward - strike, 0) * (1 - 1e-15) <= call <= discount * forward * (1 + 1e-15)
    assert discount * max(strike - forward, 0) * (1 - 1e-15) <= put <= discount * strike * (1 + 1e-15)


@given(**OPTION, is_call=st.booleans())
def test_greeks_are_finite_and_in_their_bounds(
    forward: float, strike: float, years: float, rate: float, sigma: float, is_call: bool
) -> None:
    found = greeks(forward, strike, years, rate, sigma, is_call, forward)
    assert all(np.isfinite(greek) for greek in found)
    assert 0 <= (found.delta if is_call else -found.delta) <= np.exp(-rate * years) * (1 + 1e-15)
    assert found.gamma >= 0
    assert found.vega >= 0
    assert found.rho >= 0 if is_call else found.rho <= 0


@given(**OPTION, is_call=st.booleans())
def test_more_volatility_never_costs_less(
    forward: float, strike: float, years: float, rate: float, sigma: float, is_call: bool
) -> None:
    low, high = price(forward, strike, years, rate, np.array([sigma, sigma * 1.01]), is_call)
    assert high >= low - 1e-12 * forward


def test_without_variance_the_intrinsic_value_is_left() -> None:
    strikes = np.array([90.0, 100.0, 110.0])
    for years, sigma in ((0.0, 0.3), (-1.0, 0.3), (0.5, 0.0)):
        discount = np.exp(-0.04 * max(years, 0))
        assert price(100, strikes, years, 0.04, sigma, True) == pytest.approx(discount * np.array([10, 0, 0]))
        assert price(100, strikes, years, 0.04, sigma, False) == pytest.approx(discount * np.array([0, 0, 10]))
        found = greeks(100, strikes, years, 0.04, sigma, True, 100)
        assert found.delta == pytest.approx(discount * np.array([1, 0.5, 0]))
        assert (found.gamma == 0).all()
        assert (found.vega == 0)[[0, 2]].all()
    expired = greeks(100, strikes, 0.0, 0.04, 0.3, True, 100)
    assert not np.any([expired.vega, expired.theta, expired.rho])


def test_what_is_not_a_number_stays_alone() -> None:
    sigma = np.array([0.2, np.nan, -0.1, 0.2])
    found = price(100, [90, 90, 90, np.nan], 0.5, 0.04, sigma, True)
    assert np.isnan(found).tolist() == [False, True, True, True]
    for greek in greeks(100, 90, [0.5, 0.5, 0.5, np.nan], 0.04, sigma, True, 100):
        assert np.isnan(greek).tolist() == [False, True, True, True]


def test_arguments_broadcast() -> None:
    table = price(100, np.array([[90], [100], [110]]), np.array([0.1, 0.5]), 0.04, 0.2, True)
    assert table.shape == (3, 2)
    assert table[1, 1] == price(100, 100, 0.5, 0.04, 0.2, True)
