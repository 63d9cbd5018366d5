"""TradingView's rating: each vote against its rule, bar by bar, and where the whole is known by hand."""

import numpy as np
import pytest

from marketdata.domain import Bars, Interval
from signals.agents.tv_oscillators import _crossing, _turning
from signals.agents.tv_rating import TvRating, status, votes
from signals.tests.markets import closes, real_daily, simulated, view
from signals.tests.tv_reference import Rater

TREND = [
    "sma_10", "sma_20", "sma_30", "sma_50", "sma_100", "sma_200", "ema_10", "ema_20", "ema_30", "ema_50", "ema_100",
    "ema_200", "hma_9", "vwma_20", "ichimoku",
]  # fmt: skip
OSCILLATORS = [
    "rsi_14", "stochastic", "cci_20", "adx_14", "awesome", "momentum_10", "macd", "stochastic_rsi", "williams_14",
    "bull_bear_13", "ultimate",
]  # fmt: skip
NAN = float("nan")


def last_votes(bars: Bars) -> dict[str, float]:
    return {name: float(vote[-1]) for name, vote in votes(bars).items()}


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, np.ndarray], list[dict[str, float | None]]]:
    bars = simulated()
    rater = Rater(bars)
    return votes(bars), [rater.votes(i) for i in range(len(bars))]


@pytest.mark.parametrize("name", [*TREND, *OSCILLATORS])
def test_each_vote_is_that_of_its_rule_on_every_bar(name: str, both: tuple) -> None:
    ours, expected = both
    # TA-Lib begins Wilder's directional sums one bar earlier than Pine.
    first = 100 if name == "adx_14" else 0
    wanted = np.array([NAN if one[name] is None else one[name] for one in expected], np.float64)
    assert np.array_equal(ours[name][first:], wanted[first:], equal_nan=True)
    assert {-1.0, 1.0} <= set(ours[name][first:].tolist())


def test_the_votes_are_those_of_the_library_in_its_order() -> None:
    assert list(votes(simulated())) == [*TREND, *OSCILLATORS]


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_a_straight_line_is_known_by_hand(way: float) -> None:
    """300 closes, each 1 further: the price is beyond all averages, which lag by a constant; but Hull's does not lag.

    (WMA(4) lags 1 bar and WMA(9) 8/3; twice the one less the other leads by 2/3, by which WMA(3) lags.) Ichimoku
    stands in order. Nothing turns, crosses or grows: the RSI is 100 (0), ADX 100, momentum 10, the lines of
    MACD and of the stochastic are one. Only the ultimate oscillator, which needs no turn, votes: it is 100 (0).
    """
    found = last_votes(closes([1000.0 + way * i for i in range(300)]))
    beyond = {*TREND, "ultimate"} - {"hma_9"}
    assert found == {name: way if name in beyond else 0.0 for name in found}
    said = TvRating().opinion(view(closes([1000.0 + way * i for i in range(300)])))
    assert said.score == pytest.approx(way * (14.0 / 15.0 + 1.0 / 11.0) / 2.0, abs=1e-15)
    assert status(said.score) == ("strong buy" if way > 0 else "strong sell")


def test_a_line_that_breaks_turns_what_waits_for_a_turn() -> None:
    """The rise of 300 ends with a fall of 3: the RSI turns over 70, K (93) falls below D (98), momentum below 10."""
    found = last_votes(closes([*(1000.0 + i for i in range(300)), 1296.0]))
    assert {name for name in OSCILLATORS if found[name] == -1.0} == {"rsi_14", "stochastic", "momentum_10", "macd"}
    assert found["hma_9"] == -1.0
    assert found["ema_10"] == 1.0  # 4.5 below the old close, 0.8 nearer now: still below the price


def test_an_average_at_the_price_is_neither_above_nor_below() -> None:
    path = [99.0, 101.0] * 4 + [100.0, 100.0]
    assert last_votes(closes(path))["sma_10"] == 0.0
    assert last_votes(closes([*path[:-1], 100.01]))["sma_10"] == 1.0
    still = last_votes(closes([*simulated().close[:100].tolist(), *[100.1] * 600]))
    assert {still[name] for name in ("sma_10", "sma_200", "hma_9", "vwma_20", "macd", "momentum_10")} == {0.0}


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ([29.0, 29.5], 1.0),
        ([29.5, 29.0], 0.0),  # below 30, but falling
        ([29.0, 30.0], 0.0),  # 30 is not below 30
        ([71.0, 70.5], -1.0),
        ([71.0, 70.0], 0.0),
        ([70.5, 71.0], 0.0),
        ([50.0, 51.0], 0.0),
        ([29.5, 29.5], 0.0),
        ([NAN, 29.5], NAN),
        ([29.5, NAN], NAN),
    ],
)
def test_what_waits_for_a_turn_is_strict(index: list[float], expected: float) -> None:
    found = _turning("rsi_14", "", np.array(index), 30.0, 70.0).vote[-1]
    assert found == expected or np.isnan([found, expected]).all()


@pytest.mark.parametrize(
    ("k", "d", "expected"),
    [
        (15.0, 14.0, 1.0),
        (14.0, 15.0, 0.0),
        (20.0, 14.0, 0.0),  # 20 is not below 20
        (15.0, 15.0, 0.0),
        (85.0, 86.0, -1.0),
        (86.0, 85.0, 0.0),
        (80.0, 86.0, 0.0),
        (50.0, 60.0, 0.0),
    ],
)
def test_the_stochastic_needs_both_lines_beyond_and_in_order(k: float, d: float, expected: float) -> None:
    assert _crossing("stochastic", "", np.array([50.0]), np.array([k]), np.array([d])).vote[0] == expected
    assert np.isnan(_crossing("stochastic", "", np.array([NAN]), np.array([k]), np.array([d])).vote[0])


def test_votes_that_are_not_available_are_left_out_of_the_mean() -> None:
    """Of twelve bars: the averages of ten (+1 each), Hull's (0), and the momentum of ten, which stays (0)."""
    said = TvRating().opinion(view(closes([100.0 + i for i in range(12)])))
    assert [one.name for one in said.evidence] == ["sma_10", "ema_10", "hma_9", "momentum_10"]
    assert said.score == pytest.approx((2.0 / 3.0 + 0.0) / 2.0)
    trend_only = TvRating().opinion(view(closes([100.0 + i for i in range(11)])))
    assert trend_only.score == pytest.approx(2.0 / 3.0)


def test_without_volume_the_other_25_votes_go_on() -> None:
    bars = simulated(Interval.MINUTE)
    silent = closes(bars.close.tolist(), [NAN] * len(bars))
    assert "vwma_20" not in [one.name for one in TvRating().opinion(view(silent)).evidence]
    assert len(TvRating().opinion(view(bars)).evidence) == 26


def test_every_vote_is_shown_with_its_share() -> None:
    bars = real_daily("IBM")
    said, found = TvRating().opinion(view(bars)), last_votes(bars)
    assert {one.name: one.contribution for one in said.evidence} == {
        name: vote / (2 * (15 if name in TREND else 11)) for name, vote in found.items()
    }


@pytest.mark.parametrize(
    ("rating", "words"),
    [(0.51, "strong buy"), (0.5, "buy"), (0.11, "buy"), (0.1, "neutral"), (0.0, "neutral"), (-0.1, "neutral"),
     (-0.11, "sell"), (-0.5, "sell"), (-0.51, "strong sell")],
)  # fmt: skip
def test_a_rating_at_a_bound_is_the_milder_one(rating: float, words: str) -> None:
    assert status(rating) == words
