"""What an analysis finds in chains whose answers are known, and that what cannot be told is None with its reason."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from options.chain import analyse
from options.domain import Analysis, Chain, ChainSummary, NoIV
from options.forward import own_spot
from options.pricing import greeks
from options.tests.priced import RATE, SPOT, STRIKES, TAKEN_AT, changed, expiry, joined, made

OPTIONAL = [one.name for one in fields(ChainSummary) if one.default is None and not one.name.endswith("_expiry")]
UNTOLD = {"delayed_by", "open_interest_date", "oldest_at"}


def skewed(strike: float, years: float) -> float:
    return 0.2 - 0.1 * float(np.log(strike / SPOT)) + 0.02 * years


def told(analysis: Analysis) -> None:
    """Each number of the summary is finite, or None with a reason; and no reason is for a number that is there."""
    for name in OPTIONAL:
        value = getattr(analysis.summary, name)
        assert value is None or not isinstance(value, float) or np.isfinite(value), name
        assert (value is None) == (name in analysis.summary.reasons) or name in UNTOLD, name
    assert all(analysis.summary.reasons.values())


@given(
    carry=st.floats(-0.05, 0.1), sigma=st.floats(0.08, 1.5), days=st.sampled_from([7, 28, 98, 364]),
    moved=st.floats(-0.03, 0.03), absent=st.booleans(),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_the_forward_of_european_prices_is_exact(
    carry: float, sigma: float, days: int, moved: float, absent: bool
) -> None:
    chain = made((days,), smile=lambda k, t: sigma, carry=carry, spot=None if absent else SPOT * (1 + moved))
    (one,) = analyse(chain, RATE).slices
    assert one.by_parity
    assert one.forward == pytest.approx(SPOT * np.exp(carry * days / 365), rel=1e-9)
    assert one.atm_iv == pytest.approx(sigma, rel=1e-6)


def test_volatilities_and_greeks_are_those_the_prices_were_made_of() -> None:
    chain = made((7, 28, 98), smile=skewed)
    found = analyse(chain, RATE)
    known = np.isfinite(found.iv)
    assert (found.no_iv[known] == "").all()
    assert known.mean() > 0.8
    sigma = np.array([skewed(k, d) for k, d in zip(chain.strike, _years(chain), strict=True)])
    assert found.iv[known] == pytest.approx(sigma[known], rel=1e-6)
    years = _years(chain)
    whole = greeks(SPOT * np.exp(RATE * years), chain.strike, years, RATE, sigma, chain.is_call, SPOT)
    for name in ("delta", "gamma", "vega", "theta", "rho"):
        assert getattr(found, name)[known] == pytest.approx(getattr(whole, name)[known], rel=1e-5, abs=1e-9)
    assert np.isnan(found.gamma[~known]).all()
    told(found)


def test_calls_and_puts_of_a_strike_share_its_volatility() -> None:
    chain = made((28,), smile=skewed)
    # An in-the-money price with early exercise in it must not count.
    dear = changed(chain, lambda one: ~one.is_call & (one.strike > 120), bid=40.0, ask=40.2)
    for found in (analyse(chain, RATE), analyse(dear, RATE)):
        calls, puts = found.iv[found.chain.is_call], found.iv[~found.chain.is_call]
        assert np.array_equal(calls, puts, equal_nan=True)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"bid": np.nan}, NoIV.NO_BID),
        ({"bid": 0.0}, NoIV.NO_BID),
        ({"bid": np.nan, "ask": np.nan}, NoIV.NO_QUOTE),
        ({"ask": np.nan}, NoIV.NO_QUOTE),
        ({"bid": 3.0, "ask": 2.0}, NoIV.CROSSED),
        ({"bid": 2.0, "ask": 2.0}, NoIV.CROSSED),
        ({"bid": 0.01, "ask": 2.0}, NoIV.WIDE),
        ({"bid": 150.0, "ask": 151.0}, NoIV.ABOVE_BOUND),
    ],
)
def test_the_last_quoted_strike_says_why_it_has_no_volatility(values: dict[str, float], reason: NoIV) -> None:
    chain = changed(made((182,)), lambda one: (one.strike == STRIKES[-1]) & one.is_call, **values)
    found = analyse(chain, RATE)
    row = int(np.flatnonzero((chain.strike == STRIKES[-1]) & chain.is_call)[0])
    assert found.no_iv[row] == reason
    assert np.isnan(found.iv[row])
    assert np.isfinite(found.iv).sum() == len(chain) - 2
    assert chain.open_interest[row] == 100
    told(found)


def test_between_quoted_strikes_the_smile_is_a_line_unless_nobody_bids() -> None:
    def inside(one: Chain) -> object:
        return (one.strike == 110) & one.is_call

    for values, there in (({"bid": 0.01, "ask": 2.0}, True), ({"bid": 0.0}, False)):
        chain = changed(made((98,)), inside, **values)
        found = analyse(chain, RATE)
        assert bool(np.isfinite(found.iv[chain.strike == 110]).all()) == there
        assert np.isfinite(found.iv[(chain.strike >= 105) & (chain.strike != 110) & (chain.strike <= 120)]).all()


def test_adjusted_contracts_are_kept_without_a_volatility() -> None:
    usual = changed(made((28,)), lambda one: ~one.is_call, open_interest=50.0)
    chain = joined(usual, made((28,), root="ABC1", held=1e6))
    found = analyse(chain, RATE)
    other = chain.root == "ABC1"
    assert set(found.no_iv[other]) == {NoIV.ADJUSTED}
    assert np.isnan(found.gamma[other]).all()
    assert len(found.slices) == 1
    assert found.summary.gex == pytest.approx(analyse(usual, RATE).summary.gex)
    assert found.summary.max_pain == analyse(usual, RATE).summary.max_pain


def test_two_roots_of_one_date_have_each_its_own_forward() -> None:
    chain = joined(made((28,), root="SPX", carry=0.0), made((28, 56), root="SPXW", carry=0.06))
    found = analyse(chain, RATE)
    forwards = {(one.root, one.expiry): one.forward for one in found.slices}
    assert forwards[("SPX", expiry(28))] == pytest.approx(SPOT)
    assert forwards[("SPXW", expiry(28))] == pytest.approx(SPOT * np.exp(0.06 * 28 / 365))
    assert (found.summary.expiries, found.summary.contracts) == (2, len(chain))


def test_a_far_spot_does_not_move_the_volatilities() -> None:
    chain = made((7, 28), smile=skewed)
    before = analyse(chain, RATE)
    for spot in (95.0, 70.0, 700.0, None):
        found = analyse(replace(chain, spot=spot), RATE)
        assert np.array_equal(found.iv, before.iv, equal_nan=True)
        assert found.summary.gex == pytest.approx(before.summary.gex)
        assert found.summary.spot == spot
        implied, why = own_spot(found.chain, found.slices)
        assert implied == pytest.approx(SPOT)
        assert "by put–call parity" in why
        told(found)


def test_a_spot_later_than_the_quotes_is_not_theirs() -> None:
    chain = replace(made((7,)), spot=100.3, spot_as_of=TAKEN_AT + timedelta(hours=3))
    implied, why = own_spot(chain, analyse(chain, RATE).slices)
    assert (implied, why[:30]) == (pytest.approx(SPOT), "100.30 is later than the quote")
    near = replace(chain, spot_as_of=TAKEN_AT)
    assert own_spot(near, analyse(near, RATE).slices) == (100.3, "")


def test_contracts_of_before_a_split_do_not_rule_those_after_it() -> None:
    old = made((28,), strikes=[k * 7 for k in range(80, 125)], carry=RATE)
    scaled = np.maximum(700 - old.strike, 0.5), np.maximum(old.strike - 700, 0.5)
    stale = replace(
        old, bid=np.where(old.is_call, *scaled), ask=np.where(old.is_call, *scaled) + 0.1, open_interest=old.bid * 0
    )
    new = made((28,), strikes=range(80, 125))
    new = changed(new, lambda one: ~one.is_call & (one.strike < 100), open_interest=500.0)
    new = changed(new, lambda one: one.is_call & (one.strike > 100), open_interest=900.0)
    found, plain = analyse(joined(stale, new), RATE), analyse(new, RATE)
    for name in ("forward", "gex", "zero_gamma", "skew_25d", "expected_move", "straddle"):
        assert getattr(found.summary, name) == pytest.approx(getattr(plain.summary, name), rel=1e-6), name


def test_the_summary_of_a_known_chain() -> None:
    chain = made((7, 28, 35, 98), smile=skewed)
    # Volume and premium by side.
    chain = changed(chain, lambda one: ~one.is_call, volume=30.0, open_interest=50.0)
    found = analyse(chain, RATE, past=[0.1 + i / 1000 for i in range(100)])
    one = found.summary
    told(found)
    assert (one.call_volume, one.put_volume) == (10 * len(chain) / 2, 30 * len(chain) / 2)
    assert (one.put_call_volume, one.put_call_oi) == (3, 0.5)
    both = [(chain.mid * chain.volume)[side].sum() for side in (~chain.is_call, chain.is_call)]
    assert one.put_call_premium == pytest.approx(both[0] / both[1])
    assert (one.forward_expiry, one.forward) == (expiry(7), pytest.approx(SPOT * np.exp(RATE * 7 / 365)))
    near, far = (next(s.atm_iv for s in found.slices if s.expiry == expiry(d)) for d in (28, 35))
    assert near is not None
    assert far is not None
    whole = near**2 * 28 + (far**2 * 35 - near**2 * 28) * (30 - 28) / (35 - 28)
    assert one.iv30 == pytest.approx((whole / 30) ** 0.5)
    assert one.iv_sessions == 100
    assert one.iv_percentile == pytest.approx(100.0)
    assert one.iv_rank == 100
    assert one.expected_move == pytest.approx(SPOT * found.slices[0].atm_iv * (7 / 365) ** 0.5)  # type: ignore[operator]
    assert one.straddle == pytest.approx(0.8 * one.expected_move, rel=0.05)
    assert one.skew_25d is not None
    assert one.skew_25d > 0.005
    assert one.skew_25d_relative == pytest.approx(one.skew_25d / near)
    assert one.term_slope == pytest.approx(0.02 * 60 / 365, abs=0.001)


def test_the_skew_is_between_the_quarter_deltas_of_the_forward() -> None:
    from scipy.special import ndtr

    chain = made((28,), strikes=np.arange(80, 121, 0.5), smile=skewed)
    found = analyse(chain, RATE)
    (one,) = found.slices
    d1 = np.log((one.forward or 0) / one.strikes) / (one.ivs * one.years**0.5) + one.ivs * one.years**0.5 / 2
    put = one.ivs[np.argmin(np.abs(ndtr(d1) - 0.75))]
    call = one.ivs[np.argmin(np.abs(ndtr(d1) - 0.25))]
    assert found.summary.skew_25d == pytest.approx(put - call, abs=3e-4)


@pytest.mark.parametrize(
    "chain",
    [
        made(()),
        made((28,), strikes=(100.0,)),
        made((28,), strikes=(60.0, 140.0)),
        made((28,), spot=None),
        changed(made((28,)), lambda one: one.is_call, bid=np.nan, ask=np.nan),
        changed(made((28,)), lambda one: one.strike > 0, bid=0.0),
        changed(made((28,)), lambda one: one.strike > 0, bid=np.nan, ask=np.nan, last=np.nan),
        changed(made((28,), spot=None), lambda one: one.strike > 0, bid=np.nan, ask=np.nan, last=np.nan),
        changed(made((28,)), lambda one: one.strike > 0, volume=np.nan, open_interest=np.nan),
        changed(made((28,)), lambda one: one.strike > 0, volume=0.0, open_interest=0.0),
        changed(made((28,)), lambda one: one.is_call, volume=0.0, open_interest=0.0),
        changed(made((28,)), lambda one: one.strike > 0, bid=5.0, ask=4.0),
        changed(made((28,)), lambda one: one.strike > 0, bid=500.0, ask=501.0),
        changed(made((28,)), lambda one: one.strike > 0, open_interest=1e9, volume=1e9),
        joined(made((28,), root="ABC1"), made((28,), root="ABC2")),
        made((1, 7, 28, 98, 800)),
    ],
)  # fmt: skip
def test_what_a_broken_chain_cannot_tell_is_none_with_its_reason(chain: Chain) -> None:
    found = analyse(chain, RATE, past=[0.2] * 30)
    told(found)
    assert len(found.iv) == len(chain)
    assert ((found.no_iv == "") == np.isfinite(found.iv)).all()


def test_calls_alone_have_no_ratio_and_fall_back_to_the_spot() -> None:
    chain = made((28,))
    calls = replace(chain, **{
        one.name: getattr(chain, one.name)[chain.is_call] for one in fields(chain)
        if isinstance(getattr(chain, one.name), np.ndarray)
    })  # fmt: skip
    found = analyse(calls, RATE)
    (one,) = found.slices
    assert (one.by_parity, one.forward) == (False, pytest.approx(SPOT * np.exp(RATE * 28 / 365)))
    assert found.summary.put_call_volume is None
    assert found.summary.gex is not None
    assert found.summary.gex > 0
    nobody = analyse(replace(calls, spot=None), RATE)
    assert set(nobody.no_iv) == {NoIV.NO_FORWARD}
    assert nobody.summary.reasons["gex"]
    told(nobody)


def test_the_last_hour_counts_as_an_hour() -> None:
    late = datetime(2025, 6, 30, 19, 59, tzinfo=UTC)
    found = analyse(replace(made((28,)), taken_at=late, session=date(2025, 6, 30)), RATE)
    assert found.slices[0].years == 1 / 24 / 365
    told(found)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_no_row_spoils_the_chain(data: st.DataObject) -> None:
    """Whatever stands in some rows, each number is told or has its reason, and the other rows keep their quotes."""
    chain = made((7, 28, 35, 98), smile=skewed)
    rows = data.draw(st.lists(st.integers(0, len(chain) - 1), min_size=1, max_size=12, unique=True))
    number = st.sampled_from([np.nan, 0.0, 1e-9, 1e-3, 0.5, 20.0, 1e3, 1e6])
    values = {
        name: data.draw(number, label=name) for name in ("bid", "ask", "last", "volume", "open_interest", "vendor_iv")
    }
    broken = changed(chain, lambda one: rows, **values)
    found = analyse(broken, RATE)
    told(found)
    assert found.summary.iv30 is None or 0.15 < found.summary.iv30 < 0.3 or len(rows) > 3


def _years(chain: Chain) -> np.ndarray:
    days = (chain.expiry - np.datetime64(chain.session)).astype(np.float64)
    return days / 365
