"""Each agent on values whose answer is known by hand, and what all of them have in common."""

import re
from dataclasses import is_dataclass, replace
from math import isclose, sqrt

import numpy as np
import pytest
from django.conf import settings

from marketdata.domain import Bars, Interval
from signals.agents.base import WARMING, Agent, BarAgent, parameters_hash
from signals.agents.bollinger_reversal import BollingerReversal
from signals.agents.donchian_adx import DonchianAdx
from signals.agents.macd_atr import MacdAtr
from signals.agents.momentum_12_1 import Momentum
from signals.agents.moving_averages import MovingAverages
from signals.agents.obv_volume import ObvVolume
from signals.agents.rsi_reversal import RsiReversal
from signals.agents.volatility_regime import VolatilityRegime
from signals.domain import Opinion
from signals.roster import roster
from signals.tests.markets import closes, cut, simulated, view

DAY, MINUTE = Interval.DAY, Interval.MINUTE
AGENTS: list[Agent] = [seat.agent for seat in roster(settings.SIGNALS_AGENTS)]
"""Those of the settings: whoever adds one has it tested here and in test_causality."""
BAR_AGENTS = [one for one in AGENTS if isinstance(one, BarAgent)]


def interval(agent: Agent) -> Interval:
    return DAY if DAY in agent.intervals else MINUTE


def opinion(agent: Agent, bars: Bars) -> Opinion:
    return agent.opinion(view(bars))


@pytest.mark.parametrize("agent", BAR_AGENTS, ids=lambda one: one.id)
def test_an_opinion_is_the_last_score_to_the_last_bit(agent: BarAgent) -> None:
    bars = simulated(interval(agent), 1700)
    scores = agent.scores(bars)
    assert len(scores) == len(bars)
    assert np.nanmin(scores) >= -1.0
    assert np.nanmax(scores) <= 1.0
    for end in (1, 30, 300, 1500, 1600, 1700):
        part = cut(bars, 0, end)
        said, last = opinion(agent, part).score, agent.scores(part)[-1]
        assert said == last if said is not None else np.isnan(last)


@pytest.mark.parametrize("agent", BAR_AGENTS, ids=lambda one: one.id)
def test_the_evidence_adds_up_to_the_score_and_has_every_figure(agent: BarAgent) -> None:
    bars = simulated(interval(agent), 1700)
    for end in range(1500, 1700, 20):
        said = opinion(agent, cut(bars, 0, end))
        assert said.score is not None
        assert isclose(sum(one.contribution for one in said.evidence), said.score, abs_tol=1e-12)
        assert not [one.words for one in said.evidence if re.search(r"\d", one.words)]
        assert all(np.isfinite([one.value, one.contribution]).all() for one in said.evidence)


@pytest.mark.parametrize("agent", AGENTS, ids=lambda one: one.id)
def test_without_its_inputs_an_agent_abstains_and_says_why(agent: Agent) -> None:
    for length in (0, 1, 5):
        bars = cut(simulated(interval(agent)), 0, length)
        if length == 5 and isinstance(agent, BarAgent) and not np.isnan(agent.scores(bars)[-1]):
            continue  # It needs no more than five.
        said = opinion(agent, bars)
        assert said.score is None
        assert said.evidence == ()
        assert said.abstains


@pytest.mark.parametrize("agent", BAR_AGENTS, ids=lambda one: one.id)
def test_bars_that_stand_still_lean_nowhere(agent: BarAgent) -> None:
    """A halted share is neither oversold nor calm, and a rounding error is no trend."""
    still = closes([100.1] * 400, [12.3] * 400, interval(agent))
    halted = closes([*simulated().close[:300].tolist(), *[100.1] * 300], [12.3] * 600, interval(agent))
    assert opinion(agent, still).score in (None, 0.0)
    if agent.id in ("rsi_reversal", "bollinger_reversal", "volatility_regime", "opening_gap_vwap"):
        assert opinion(agent, halted).abstains == WARMING


@pytest.mark.parametrize("agent", AGENTS, ids=lambda one: one.id)
def test_an_agent_is_frozen_and_known_by_its_parameters(agent: Agent) -> None:
    assert isinstance(agent, Agent)
    assert agent.version >= 1
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,31}", agent.id)
    assert re.fullmatch(r"[0-9a-f]{12}", parameters_hash(agent))
    assert opinion(agent, closes([1.0, 2.0])).parameters == parameters_hash(type(agent)())
    assert is_dataclass(agent)
    assert type(agent).__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert not hasattr(agent, "__dict__")


def test_no_two_agents_or_parameters_share_a_hash() -> None:
    several = [*AGENTS, RsiReversal(bars=15), RsiReversal(oversold=25.0), MovingAverages(lengths=(5, 10))]
    assert len({parameters_hash(agent) for agent in several}) == len(several)
    assert len({agent.id for agent in AGENTS}) == len(AGENTS)


def test_the_strength_index_at_50_30_and_beyond() -> None:
    up, down = [100.0 + i % 2 for i in range(15)], [100.0 - i for i in range(15)]
    assert opinion(RsiReversal(), closes(up)).score == 0.0  # seven rises and seven falls of 1
    assert opinion(RsiReversal(), closes(down)).score == 1.0  # nothing but falls: RSI 0
    assert opinion(RsiReversal(), closes(down[::-1])).score == -1.0
    moves = [1.0] * 4 + [-1.0] * 10  # RSI 100 x 4/14 = 28.57: beyond 30
    assert opinion(RsiReversal(), closes(np.cumsum([100.0, *moves]).tolist())).score == 1.0
    moves = [1.0] * 5 + [-1.0] * 9  # RSI 35.71: (50 - 35.71) / 20
    said = opinion(RsiReversal(), closes(np.cumsum([100.0, *moves]).tolist()))
    assert said.score == pytest.approx((50 - 500 / 14) / 20)
    assert said.evidence[0].text == "The relative strength index is 35.7; 30.0 and below is oversold."


def test_the_bands_of_nineteen_equal_closes_and_a_jump() -> None:
    """Mean 100.05, variance 1/20 - 1/400: %B = 0.5 + 0.95 / (4 sd)."""
    said = opinion(BollingerReversal(), closes([100.0] * 19 + [101.0]))
    assert said.evidence[0].value == pytest.approx(0.5 + 0.95 / (4 * sqrt(0.0475)))
    assert said.score == -1.0
    middle = opinion(BollingerReversal(), closes([99.0, 101.0] * 9 + [99.0, 100.0, 101.0]))
    assert middle.score == pytest.approx(1.0 - 2.0 * middle.evidence[0].value)


def test_a_close_above_two_averages_and_below_three() -> None:
    """A long way down, then a little up: above the averages of 10 and 20, below those of 50, 100 and 200."""
    path = [300.0 - i for i in range(200)] + [101.0 + i for i in range(12)]
    said = opinion(MovingAverages(), closes(path))
    assert [round(one.contribution, 2) for one in said.evidence] == [0.2, 0.2, -0.2, -0.2, -0.2]
    assert said.score == pytest.approx(-0.2)
    assert opinion(MovingAverages(), closes(path[-199:])).abstains == WARMING


def test_a_steady_rise_is_a_full_trend_at_the_top_of_its_channel() -> None:
    said = opinion(DonchianAdx(), closes([100.0 + i for i in range(60)]))
    assert (said.score, said.evidence[0].value, said.evidence[1].value) == (1.0, 1.0, pytest.approx(100.0))
    fallen = opinion(DonchianAdx(), closes([160.0 - i for i in range(60)]))
    assert (fallen.score, fallen.evidence[0].value) == (-1.0, -1.0)


def test_a_steady_rise_has_no_distance_between_its_lines() -> None:
    """Both averages lag a straight line by a constant, so the signal line is the line itself; then the rise doubles."""
    steady = [100.0 + i for i in range(300)]
    assert opinion(MacdAtr(), closes(steady)).score == pytest.approx(0.0, abs=1e-9)
    faster = opinion(MacdAtr(), closes([*steady, *(399.0 + 3 * i for i in range(1, 6))]))
    assert faster.score is not None
    assert faster.score > 0.5


def test_volume_counts_by_the_direction_of_its_bar() -> None:
    """Of the last 20 bars 15 rise with 1000 and 5 fall with 3000: balance 0, and the last volume is 1.73 deviations."""
    moves = ([1.0] * 3 + [-1.0]) * 6
    volume = [1000.0, *([1000.0] * 3 + [3000.0]) * 6]
    said = opinion(ObvVolume(), closes(np.cumsum([100.0, *moves]).tolist(), volume))
    mean, sd = 1500.0, sqrt((15 * 500.0**2 + 5 * 1500.0**2) / 20)
    assert said.evidence[0].value == pytest.approx(0.0)
    assert said.evidence[1].value == pytest.approx((3000.0 - mean) / sd)
    assert said.score == pytest.approx(-0.3 * (1500.0 / sd) / 3.0)


def test_an_absent_volume_is_no_zero() -> None:
    bars = simulated()
    bars = replace(bars, volume=np.where(np.arange(len(bars)) == len(bars) - 5, np.nan, bars.volume))
    assert opinion(ObvVolume(), bars).abstains == WARMING
    assert opinion(ObvVolume(), cut(bars, 0, -6)).score is not None


def test_momentum_leaves_the_last_month_out() -> None:
    """+-1 % each day (its standard deviation), twice as many up as down until the last month, which crashes."""
    year = 100.0 * np.cumprod([1.0, *[1.01, 1.01, 0.99] * 77])
    month = year[-1] * np.cumprod([0.99] * 21)
    said = opinion(Momentum(), closes([*year.tolist(), *month.tolist()]))
    gain = 100.0 * (1.01**154 * 0.99**77 - 1.0)
    assert said.evidence[0].value == pytest.approx(gain)
    assert said.score == 1.0  # (1.01 x 1.01 x 0.99)^77 is 114 % up, more than two deviations of 15 %
    assert said.evidence[0].text == f"The year but its last month brought {gain:.1f} %."


def test_a_calmer_month_leans_up_and_a_wilder_one_down() -> None:
    """Returns of +-2 %, then 20 of +-1 %: usual sqrt((100 x 4 + 20 x 1) / 120), recent 1."""

    def path(last: float) -> Bars:
        moves = [0.02, -0.02] * 60 + [last, -last] * 10
        return closes((100.0 * np.cumprod([1.0, *(1.0 + np.array(moves))])).tolist())

    calm = opinion(VolatilityRegime(), path(0.01))
    assert calm.evidence[0].value == pytest.approx(1.0 / sqrt((100 * 4 + 20) / 120), rel=1e-9)
    assert calm.score == pytest.approx((1.0 - calm.evidence[0].value) / 0.5)
    wild = opinion(VolatilityRegime(), path(0.03))
    assert wild.score == pytest.approx((1.0 - 3.0 / sqrt((100 * 4 + 20 * 9) / 120)) / 0.5)
