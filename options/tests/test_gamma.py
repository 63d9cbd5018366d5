"""Dealer gamma and max pain against what they are by their definitions."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from options.chain import analyse
from options.domain import Chain
from options.gamma import dollars, exposure_at, profile, unpriced, zero_gamma
from options.history import standing
from options.pain import by_expiry, max_pain
from options.pricing import greeks
from options.rule_sets import Truths
from options.smile import ordered
from options.term import of_days
from options.tests.priced import RATE, SESSION, SPOT, changed, expiry, joined, made


def book(calls: float, puts: float) -> object:
    chain = changed(made((7, 28, 98)), lambda one: one.is_call, open_interest=calls)
    return analyse(changed(chain, lambda one: ~one.is_call, open_interest=puts), RATE)


def test_calls_alone_are_positive_and_puts_alone_negative_at_every_spot() -> None:
    for analysis, sign in ((book(100, 0), 1), (book(0, 100), -1)):
        assert all(sign * point.net >= 0 for point in (*profile(analysis), *exposure_at(analysis)))
        assert analysis.summary.gex * sign > 0
        assert zero_gamma(analysis) is None
        assert "does not change its sign" in analysis.summary.reasons["zero_gamma"]


@pytest.mark.parametrize(
    ("nobody_bids", "told"),
    [(lambda one: one.strike < 75, True), (lambda one: one.strike == 100, False), (lambda one: one.strike > 80, False)],
)
def test_a_book_is_told_only_whole(nobody_bids: Callable[[Chain], Truths], told: bool) -> None:
    """Where nobody bids there is no volatility: far from the money that costs no gamma, near it the sum would lie."""
    whole = made((7, 28, 98))
    summary = analyse(changed(whole, nobody_bids, bid=np.nan), RATE).summary
    assert (summary.gex is not None) is told
    if told:
        assert summary.gex == pytest.approx(analyse(whole, RATE).summary.gex, abs=1e3)
    else:
        assert "of the gamma is of contracts whose quotes tell no volatility" in summary.reasons["gex"]
        assert summary.reasons["zero_gamma"] == summary.reasons["gex"]


def test_an_expiry_without_a_smile_counts_with_the_volatility_of_the_next() -> None:
    whole = analyse(changed(made((7, 28)), lambda one: one.is_call, open_interest=300.0), RATE)
    dollars_of = np.add(*map(np.abs, dollars(whole, SPOT)))
    front = whole.chain.expiry == np.datetime64(expiry(7))
    quiet = changed(whole.chain, lambda one: front, bid=np.nan, ask=np.nan)
    share = dollars_of[front].sum() / dollars_of.sum()
    assert unpriced(analyse(quiet, RATE), 3) == pytest.approx(share, rel=0.02)
    assert unpriced(whole, 3) == pytest.approx(0, abs=1e-3)


def test_the_profile_by_strike_sums_to_the_whole() -> None:
    analysis = book(100, 250)
    points = profile(analysis)
    assert sum(point.net for point in points) == pytest.approx(analysis.summary.gex)
    assert [point.price for point in points] == sorted({point.price for point in points})
    chain = analysis.chain
    by_hand = np.nansum(
        np.where(chain.is_call, 1, -1) * analysis.gamma * chain.open_interest * chain.multiplier * SPOT**2 * 0.01
    )
    assert analysis.summary.gex == pytest.approx(by_hand)
    calls, puts = dollars(analysis, SPOT)
    assert (calls >= 0).all()
    assert (puts <= 0).all()


def test_the_book_at_another_spot_is_priced_anew_with_each_strikes_own_volatility() -> None:
    analysis, spot = book(100, 250), 107.0
    (point,) = exposure_at(analysis, [spot])
    chain, known = analysis.chain, np.isfinite(analysis.iv)
    years = (chain.expiry - np.datetime64(SESSION)).astype(float) / 365
    again = greeks(spot * np.exp(RATE * years), chain.strike, years, RATE, analysis.iv, chain.is_call, spot).gamma
    amount = np.where(chain.is_call, 1, -1) * again * chain.open_interest * chain.multiplier * spot**2 * 0.01
    assert point.net == pytest.approx(amount[known].sum(), rel=1e-6)
    (here,) = exposure_at(analysis, [SPOT])
    assert here.net == pytest.approx(analysis.summary.gex)


def test_zero_gamma_is_the_nearest_spot_at_which_the_book_changes_sign() -> None:
    chain = changed(made((28,), strikes=np.arange(70, 131, 1.0)), lambda one: one.strike > 0, open_interest=0.0)
    chain = changed(chain, lambda one: one.is_call & (one.strike == 110), open_interest=1000.0)
    chain = changed(chain, lambda one: ~one.is_call & (one.strike == 90), open_interest=1000.0)
    analysis = analyse(chain, RATE)
    zero = analysis.summary.zero_gamma
    assert zero is not None
    assert 95 < zero < 105
    (below,), (at,), (above,) = (exposure_at(analysis, [zero * part]) for part in (0.99, 1.0, 1.01))
    assert below.net < 0 < above.net
    assert abs(at.net) < 1e-6 * above.net


def test_without_a_spot_there_is_no_gamma() -> None:
    chain = changed(made((28,), spot=None), lambda one: one.strike > 0, bid=np.nan, ask=np.nan)
    analysis = analyse(chain, RATE)
    assert (profile(analysis), exposure_at(analysis), zero_gamma(analysis)) == ((), (), None)


def brute(strike: np.ndarray, is_call: np.ndarray, held: np.ndarray, lot: np.ndarray) -> dict[float, float]:
    """The pain of every settlement by its definition."""
    return {
        float(at): sum(
            (np.maximum(at - k, 0) if call else np.maximum(k - at, 0)) * n * m
            for k, call, n, m in zip(strike, is_call, held, lot, strict=True)
        )
        for at in np.unique(strike)
    }


ROW = st.tuples(
    st.integers(1, 40), st.booleans(), st.sampled_from([0, 0, 1, 5, 1000, None]), st.sampled_from([10, 100])
)


@given(rows=st.lists(ROW, min_size=1, max_size=60), spot=st.one_of(st.none(), st.floats(1, 120)))
@settings(max_examples=300, deadline=None)
def test_max_pain_is_that_of_brute_force(rows: list[tuple[int, bool, int | None, int]], spot: float | None) -> None:
    strike = np.array([k * 2.5 for k, *_ in rows])
    is_call = np.array([call for _, call, _, _ in rows])
    held = np.array([np.nan if n is None else n for *_, n, _ in rows], np.float64)
    lot = np.array([float(m) for *_, m in rows])
    found = max_pain(strike, is_call, held, lot, spot)
    if not np.nansum(held) > 0:
        assert found is None
        return
    pains = brute(strike, is_call, np.nan_to_num(held), lot)
    alike = [at for at, pain in pains.items() if pain == min(pains.values())]
    assert found in alike
    assert spot is None or abs(found - spot) == min(abs(at - spot) for at in alike)


def test_max_pain_is_told_by_expiry_up_to_a_day_and_without_adjusted_contracts() -> None:
    chain = joined(made((7, 28, 98)), made((7,), root="ABC1", held=1e9))
    chain = changed(chain, lambda one: (one.strike > 100) & (one.root == "ABC"), open_interest=0.0)
    found = by_expiry(chain, SPOT, expiry(45))
    assert list(found) == [expiry(7), expiry(28)]
    assert set(found.values()) == {80.0}
    assert by_expiry(replace(chain, open_interest=np.full(len(chain), np.nan)), SPOT, expiry(45)) == {}


def test_the_rank_is_among_the_last_year_of_own_sessions() -> None:
    past = [9.0, *([0.1 + i / 1000 for i in range(252)])]
    assert standing(0.2, past)[:3] == (pytest.approx(100 * 0.1 / 0.251), pytest.approx(100 * 100 / 252), 252)
    assert standing(0.5, past)[:2] == (100, 100)
    assert standing(0.05, past)[:2] == (0, 0)


@pytest.mark.parametrize(
    ("today", "past", "n", "why"),
    [
        (0.2, [0.2] * 59, 59, "59 of 60 sessions that are needed"),
        (0.2, [*[None] * 40, *[0.2] * 59], 59, "59 of 60"),
        (0.2, [*[float("nan")] * 240, *[0.3] * 20], 20, "20 of 60"),
        (None, [0.2] * 100, 100, "no 30-day volatility today"),
        (0.2, [0.2] * 60, 60, "the same in all sessions"),
    ],
)
def test_too_few_sessions_have_no_rank(today: float | None, past: list[float | None], n: int, why: str) -> None:
    found = standing(today, past)
    assert (found.rank, found.sessions) == (None, n)
    assert why in found.no_rank


def test_a_horizon_outside_the_expiries_has_no_volatility() -> None:
    term = [(7.0, 0.3), (28.0, 0.2), (56.0, 0.25)]
    assert of_days(term, 28.0) == pytest.approx(0.2)
    assert of_days(term, 42.0) == pytest.approx(((0.04 * 28 + 0.0625 * 56) / 2 / 42) ** 0.5)
    assert of_days(term, 7.0) == pytest.approx(0.3)
    assert (of_days(term, 5.0), of_days(term, 57.0), of_days([], 30.0)) == (None, None, None)


def test_an_option_farther_out_cannot_be_dearer() -> None:
    strikes = np.array([50, 70, 80, 90, 95, 100, 105, 110, 120, 700, 710, 720.0])
    prices = np.array([0.1, 0.1, 9.0, 0.5, 1.0, 2.0, 1.0, 0.4, 0.1, 30.0, 20.0, 12.0])
    assert ordered(strikes, prices, 100.0).tolist() == [True, True, False, *[True] * 6, *[False] * 3]
