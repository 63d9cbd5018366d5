"""No look-ahead: cutting the bars anywhere leaves every earlier score as it was, to the last bit."""

from math import isclose, isfinite

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketdata.domain import Bars, Interval
from signals.agents.base import BarAgent
from signals.agents.rsi_reversal import RsiReversal
from signals.indicators import Floats
from signals.tests.markets import columns, cut, real_daily, real_minutes, simulated, view
from signals.tests.test_agents import BAR_AGENTS

MINUTES = [one for one in BAR_AGENTS if Interval.MINUTE in one.intervals]
DAYS = [one for one in BAR_AGENTS if Interval.DAY in one.intervals]


def holds(agent: BarAgent, bars: Bars, end: int) -> bool:
    whole, part = agent.scores(bars), agent.scores(cut(bars, 0, end))
    return whole[:end].tobytes() == part.tobytes()


@pytest.mark.parametrize("agent", DAYS, ids=lambda one: one.id)
@settings(max_examples=20, deadline=None)
@given(end=st.integers(0, 3800), symbol=st.sampled_from(["AAPL", "IBM"]))
def test_no_score_of_a_real_day_knows_the_next(agent: BarAgent, end: int, symbol: str) -> None:
    assert holds(agent, real_daily(symbol), end)


@pytest.mark.parametrize("agent", MINUTES, ids=lambda one: one.id)
@settings(max_examples=20, deadline=None)
@given(end=st.integers(0, 2500), symbol=st.sampled_from(["IBM", "SPY"]))
def test_no_score_of_a_real_minute_knows_the_next(agent: BarAgent, end: int, symbol: str) -> None:
    assert holds(agent, real_minutes(symbol), end)


@pytest.mark.parametrize("agent", BAR_AGENTS, ids=lambda one: one.id)
@settings(max_examples=20, deadline=None)
@given(end=st.integers(0, 1700))
def test_nor_does_one_of_the_simulated_market(agent: BarAgent, end: int) -> None:
    interval = Interval.DAY if Interval.DAY in agent.intervals else Interval.MINUTE
    assert holds(agent, simulated(interval, 1700), end)


price = st.floats(1e-6, 1e6) | st.sampled_from([100.0, 100.1])
row = st.tuples(price, price, price, price, st.floats(0.0, 1e12) | st.just(float("nan")))


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(row, min_size=1, max_size=320), end=st.integers(0, 320), minutes=st.booleans())
def test_whatever_the_bars_scores_stay_in_range_and_in_time(
    rows: list[tuple[float, ...]], end: int, minutes: bool
) -> None:
    interval = Interval.MINUTE if minutes else Interval.DAY
    opened, a, b, close, volume = np.array(rows).T
    high, low = np.max([opened, a, b, close], axis=0), np.min([opened, a, b, close], axis=0)
    start = 1_700_000_000 + 6 * int(interval.length.total_seconds()) * np.arange(len(rows), dtype=np.int64)
    bars = columns("ACME", interval, start, np.array([opened, high, low, close, volume]))
    for agent in MINUTES if minutes else DAYS:
        scores = agent.scores(bars)
        assert not (np.abs(scores) > 1.0).any()
        assert not np.isinf(scores).any()
        assert holds(agent, bars, min(end, len(bars)))
        said = agent.opinion(view(bars))
        assert isclose(sum(one.contribution for one in said.evidence), said.score or 0.0, abs_tol=1e-9)
        assert all(isfinite(one.value) and isfinite(one.threshold or 0.0) and one.text for one in said.evidence)


class Leaking(RsiReversal):
    """Centres its scores by the whole column: the usual way in which the future gets in."""

    __slots__ = ()

    def scores(self, bars: Bars) -> Floats:
        found = RsiReversal.scores(self, bars)
        return found - (np.nanmean(found) if len(found) > 14 else 0.0)


def test_an_agent_that_looks_ahead_is_caught() -> None:
    bars = simulated()
    assert not holds(Leaking(), bars, 600)
    assert holds(RsiReversal(), bars, 600)
