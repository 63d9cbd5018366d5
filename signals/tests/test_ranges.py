from dataclasses import replace

import numpy as np
import pytest

from marketdata.domain import Interval
from signals import ranges
from signals.tests.bars import cut, daily, wandering


def test_a_bars_variance_is_its_range_and_its_gap() -> None:
    bars = daily("AAPL", [100, 110], [100, 105])
    expected = np.log(110 / 105) ** 2 / (4 * np.log(2)) + np.log(105 / 100) ** 2
    assert ranges.variances(bars)[1] == pytest.approx(expected)
    assert ranges.variances(bars)[0] == 0


def test_the_forecast_by_hand() -> None:
    """Every bar has the same variance v: ln forecast = -.998 + .909 ln v for a day, five of them for the horizon."""
    bars = daily("AAPL", [100.0, 102.0] * 75, [100.0, 100.0] * 75)
    bars = replace(bars, open=bars.close.copy(), high=bars.close * 1.02, low=bars.close)
    v = np.log(1.02) ** 2 / (4 * np.log(2)) + np.log(1.02) ** 2
    said = ranges.spreads(bars, 5)
    assert np.isnan(said[:119]).all()
    assert said[-1] == pytest.approx(np.sqrt(5 * np.exp(-0.998 + 0.909 * np.log(v))), rel=1e-9)


@pytest.mark.parametrize("interval", [Interval.DAY, Interval.MINUTE])
def test_the_past_does_not_move_and_a_window_is_enough(interval: Interval) -> None:
    bars = replace(wandering("AAPL", 1000, seed=1), interval=interval)
    whole = ranges.spreads(bars, 5)
    for end in (450, 701):
        part = cut(bars, int(bars.start[end]))
        assert np.array_equal(ranges.spreads(part, 5), whole[:end], equal_nan=True)
        view = replace(
            part, **{n: getattr(part, n)[-400:] for n in ("start", "open", "high", "low", "close", "volume")}
        )
        assert ranges.spreads(view, 5)[-1] == whole[end - 1]


def test_a_bar_that_does_not_move_is_no_accident() -> None:
    assert np.isfinite(ranges.spreads(daily("AAPL", [100.0] * 130), 5)[-1])


def test_misses_widen_the_range_and_hits_narrow_it() -> None:
    assert ranges.adapted(1.3, missed=1.0) == pytest.approx(1.316)
    assert ranges.adapted(1.3, missed=0.0) == pytest.approx(1.296)
    assert ranges.adapted(1.3, missed=0.2) == pytest.approx(1.3)


def test_the_quantile_finds_the_right_level_from_a_wrong_one() -> None:
    rng = np.random.default_rng(2)
    quantile, held = 2.6, []
    for _ in range(1500):
        moves = np.abs(rng.standard_normal(10))
        held.append((moves <= quantile).mean())
        quantile = ranges.adapted(quantile, 1 - held[-1])
    assert np.mean(held[500:]) == pytest.approx(0.8, abs=0.01)
    assert quantile == pytest.approx(1.28, abs=0.1)


def test_the_range_and_the_chance_beyond_it_agree() -> None:
    said = ranges.expected(0.03, 1.5)
    assert (said.low, said.high) == (-0.045, 0.045)
    assert ranges.beyond(np.array([0.03]), np.array([1.5]), said.high) == pytest.approx(0.2)
    assert said.sd == pytest.approx(0.03 * 0.954 * 1.5 / ranges.START * (8 / 6) ** 0.5)


def test_regimes_are_thirds_of_the_own_past() -> None:
    rising = np.linspace(0.01, 0.02, 300)
    assert set(ranges.regimes(rising)[251:]) == {"wild"}
    assert set(ranges.regimes(rising[::-1])[251:]) == {"calm"}
    said = ranges.regimes(np.concatenate([np.full(10, np.nan), rising]))
    assert set(said[:69]) == {""}
    assert set(said[69:]) == {"wild"}
    assert list(ranges.regimes(rising[:5])) == [""] * 5
    assert ranges.regimes(np.append(rising, np.nan))[-1] == ""
    assert ranges.regimes(np.append(rising[:100], rising[50]))[-1] == "usual"


def test_a_view_of_minutes_is_long_enough_to_name_their_regime() -> None:
    """A view is 520 bars long; when an outcome is told, its horizon has passed."""
    bars = replace(wandering("AAPL", 520 - 31, 7), interval=Interval.MINUTE)
    assert ranges.regimes(ranges.spreads(bars, 30))[-1] in {"calm", "usual", "wild"}
