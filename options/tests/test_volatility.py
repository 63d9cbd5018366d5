"""Implied volatilities: the way back to the last digit, a reason wherever there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from vollib.black.implied_volatility import implied_volatility as vollibs

from options.domain import NoIV
from options.normalised import deviation
from options.pricing import forward_price, greeks, price
from options.tests.test_pricing import options
from options.volatility import REASON, implied_volatility

MANY = 200_000
EPSILON = np.finfo(float).eps


def test_the_way_back_is_exact_wherever_the_price_holds_it() -> None:
    book = options(MANY)
    terms = [book[name] for name in ("forward", "strike", "years", "rate")]
    value = price(*terms, book["sigma"], book["is_call"])
    found, why = implied_volatility(value, *terms, book["is_call"])
    worth = greeks(**book).vega * 100
    # What the rounding of the price, and of the parity that takes its intrinsic value off, leaves open.
    open_to = 4 * EPSILON * value / np.maximum(worth, 1e-300)
    told = open_to < 1e-8
    assert told.mean() > 0.9
    assert (why[told] == "").all()
    assert np.abs(found - book["sigma"])[told].max() <= 1e-8
    assert (np.isnan(found) == (why != "")).all()
    sharp = open_to < 1e-14
    assert np.abs(found - book["sigma"])[sharp].max() < 1e-12


def test_out_of_the_money_the_smallest_prices_are_told() -> None:
    """Down to a price of 1e-200, where in the money nothing is left of them."""
    strikes = 100 * np.exp(np.linspace(-3, 3, 601))
    for sigma in (0.05, 0.2, 0.8):
        calls = strikes >= 100
        value = price(100, strikes, 0.25, 0.04, sigma, calls)
        found, why = implied_volatility(value, 100, strikes, 0.25, 0.04, calls)
        seen = value > 1e-200
        assert seen.sum() > 50
        assert (why[seen] == "").all()
        assert found[seen] == pytest.approx(sigma, rel=1e-9)


@settings(max_examples=300)
@given(
    st.floats(1, 6000), st.floats(-6, 6), st.floats(1 / 8760, 5), st.floats(-0.01, 0.1), st.floats(0.01, 5),
    st.booleans(),
)  # fmt: skip
def test_any_price_has_its_volatility_or_a_reason(
    forward: float, deviations: float, years: float, rate: float, sigma: float, is_call: bool
) -> None:
    strike = forward * np.exp(deviations * sigma * years**0.5)
    value = price(forward, strike, years, rate, sigma, is_call)
    found, why = implied_volatility(value, forward, strike, years, rate, is_call)
    assert np.isnan(found) == (why != "")
    if why == "":
        assert price(forward, strike, years, rate, found, is_call) == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_the_far_tails_are_bracketed() -> None:
    """Where the guess is far off: nearly nothing is left of the price, or to its bound."""
    x = np.array([-1e-9, -20.0, -60.0, -1e-3, -30.0, 0.0])
    s = np.array([1e-7, 0.9, 3.0, 14.0, 16.0, 1e-8])
    most, d1 = np.exp(x / 2), x / s + s / 2
    b = most * ndtr(d1) - ndtr(d1 - s) / most
    missing = most * ndtr(-d1) + ndtr(d1 - s) / most
    with np.errstate(all="ignore"):
        assert deviation(x, b, missing, most) == pytest.approx(s, rel=1e-6)
        assert deviation(x, b, missing, most)[[1, 2, 4]] == pytest.approx(s[[1, 2, 4]], rel=1e-12)


def test_vollib_says_the_same() -> None:
    book = options(200, seed=8)
    terms = [book[name] for name in ("forward", "strike", "years", "rate")]
    calls = book["strike"] >= book["forward"]
    value = price(*terms, book["sigma"], calls)
    found, _ = implied_volatility(value, *terms, calls)
    for i in np.flatnonzero((value > 1e-6) & (book["sigma"] * np.sqrt(book["years"]) < 3)):
        forward, strike, years, rate = (column[i].item() for column in terms)
        theirs = vollibs(value[i].item(), forward, strike, rate, years, "c" if calls[i] else "p")
        assert found[i] == pytest.approx(theirs, rel=1e-9)


def test_hulls_example() -> None:
    """Hull, 10th ed., 15.11: a call at 1.875 with spot 21, strike 20, 10 %, three months implies 23.5 %."""
    found, why = implied_volatility(1.875, forward_price(21, 0.25, 0.10), 20, 0.25, 0.10, True)
    assert found == pytest.approx(0.2345, abs=1e-4)
    assert why == NoIV.NONE


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ((5.0, 100.0, 100.0, 0.0, 0.04), NoIV.EXPIRED),
        ((5.0, 100.0, 100.0, -0.1, 0.04), NoIV.EXPIRED),
        ((np.nan, 100.0, 100.0, 0.5, 0.04), NoIV.NO_QUOTE),
        ((0.0, 100.0, 100.0, 0.5, 0.04), NoIV.NO_QUOTE),
        ((-1.0, 100.0, 100.0, 0.5, 0.04), NoIV.NO_QUOTE),
        ((np.inf, 100.0, 100.0, 0.5, 0.04), NoIV.NO_QUOTE),
        ((5.0, np.nan, 100.0, 0.5, 0.04), NoIV.NO_FORWARD),
        ((5.0, 0.0, 100.0, 0.5, 0.04), NoIV.NO_FORWARD),
        ((5.0, -100.0, -100.0, 0.5, 0.04), NoIV.NO_FORWARD),
        ((5.0, 100.0, 100.0, 0.5, np.nan), NoIV.NO_FORWARD),
        ((9.0, 110.0, 100.0, 0.5, 0.04), NoIV.BELOW_INTRINSIC),
        ((10 * np.exp(-0.02), 110.0, 100.0, 0.5, 0.04), NoIV.BELOW_INTRINSIC),
        ((100.0, 100.0, 90.0, 0.5, 0.0), NoIV.ABOVE_BOUND),
        ((101.0, 100.0, 110.0, 0.5, 0.0), NoIV.ABOVE_BOUND),
        ((5.0, 100.0, 100.0, 0.5, 0.04), NoIV.NONE),
    ],
)
def test_where_there_is_none_the_reason_is_told(terms: tuple[float, ...], reason: NoIV) -> None:
    found, why = implied_volatility(*terms, True)
    assert str(why) == reason
    assert np.isnan(found) == (reason != NoIV.NONE)


def test_puts_have_the_strike_for_a_bound() -> None:
    _, why = implied_volatility([79.0, 80.0], 100.0, 80.0, 0.5, 0.0, False)
    assert why.tolist() == ["", NoIV.ABOVE_BOUND]


def test_reasons_of_all_kinds_fit_and_shapes_broadcast() -> None:
    found, why = implied_volatility(5.0, [[100.0], [np.nan]], [90.0, 100.0, 110.0], 0.5, 0.04, False)
    assert found.shape == why.shape == (2, 3)
    assert why.dtype == np.dtype(REASON)
    why[0, 0] = NoIV.OUTSIDE_SMILE
    assert why[0, 0] == NoIV.OUTSIDE_SMILE
    assert implied_volatility([], 100.0, 100.0, 0.5, 0.0, True)[0].shape == (0,)
