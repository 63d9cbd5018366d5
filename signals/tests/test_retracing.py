"""Walked minutes teach what the same minutes, judged and learned from live, would have taught: to the last bit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.conf import LazySettings

from marketdata import calendar
from marketdata import store as market_store
from marketdata.domain import Bars, Interval
from signals import learning, outcomes, retracing, store, turns, viewing, wiring
from signals.agents.base import BarAgent
from signals.domain import Horizon
from signals.retracing import Course
from signals.tests.house import cut, history, horizon
from signals.tests.values import CLOSE

pytestmark = pytest.mark.django_db
MINUTE, SOON = timedelta(minutes=1), timedelta(seconds=3)
SYMBOLS = ("AAPL", "MSFT", "SPY")
TEN = Horizon(interval=Interval.MINUTE, bars=10)
OPEN = datetime(2024, 1, 16, 14, 30, tzinfo=UTC)
"""Of a live Tuesday; the Monday before it is a holiday."""


@pytest.fixture(autouse=True)
def ten_minutes(settings: LazySettings) -> None:
    settings.SIGNALS_HORIZONS = ["10m"]
    market_store.set_watchlist(SYMBOLS)


def minutes(market: str, start: datetime, end: datetime) -> dict[str, Bars]:
    """What the calendar expects in [start, end), but for a hole of two minutes in MSFT and one of an hour in SPY."""
    starts = [int(one.timestamp()) for one in calendar.expected_bars(Interval.MINUTE, start, end, market)]
    found = {symbol: history(symbol, len(starts), interval=Interval.MINUTE) for symbol in SYMBOLS}
    found = {
        symbol: replace(one, start=np.array(starts), simulated=market == "simulated") for symbol, one in found.items()
    }
    holes = {"AAPL": slice(0, 0), "MSFT": slice(-30, -28), "SPY": slice(-88, -28)}
    return {symbol: without(one, np.arange(len(one))[holes[symbol]]) for symbol, one in found.items()}


def without(bars: Bars, rows: np.ndarray) -> Bars:
    columns = ("start", "open", "high", "low", "close", "volume")
    return replace(bars, **{name: np.delete(getattr(bars, name), rows) for name in columns})


def until(bars: Bars, at: datetime) -> int:
    return int(np.searchsorted(bars.start + 60, at.timestamp(), side="right"))


def lived(bars: dict[str, Bars], market: str, first: datetime, last: datetime) -> store.Version:
    """The service from one instant to another: what closes in a minute is stored, judged, graded and learned."""
    for one in bars.values():
        market_store.save_bars(cut(one, 0, until(one, first - MINUTE)), market)
    for at in [*ticks(bars, first, last), last]:
        for one in bars.values():
            market_store.save_bars(cut(one, until(one, at - MINUTE), until(one, at)), market)
        turns.run(Interval.MINUTE, market, at + SOON)
        outcomes.resolve(horizon("10m"), market, at + SOON)
        outcomes.learn(horizon("10m"), market, at + SOON)
    known = store.calibration(market, "10m", wiring.agent_set(Interval.MINUTE))
    assert known
    return known


def ticks(bars: dict[str, Bars], first: datetime, last: datetime) -> list[datetime]:
    """Each minute in which something closes, and a while behind the close."""
    ends = {int(start) + 60 * k for one in bars.values() for start in one.start for k in range(1, 20)}
    return [
        datetime.fromtimestamp(end, UTC) for end in sorted(ends) if first <= datetime.fromtimestamp(end, UTC) <= last
    ]


def course(market: str, last: datetime) -> Course:
    starts = calendar.expected_bars(Interval.MINUTE, last - timedelta(days=9), last, market)
    return Course(
        market=market, horizon=TEN, agent_set=wiring.agent_set(Interval.MINUTE),
        agents=list(wiring.agents(Interval.MINUTE)), weights=wiring.weights(Interval.MINUTE),
        expected=np.array([int(one.timestamp()) for one in starts]), until=last,
    )  # fmt: skip


def votes(bars: dict[str, Bars], last: datetime, symbols: Sequence[str] = SYMBOLS) -> dict[str, retracing.Votes]:
    agents = {id_: one for id_, one in wiring.agents(Interval.MINUTE).items() if isinstance(one, BarAgent)}
    return {
        one: retracing.votes(cut(bars[one], 0, until(bars[one], last)), agents, 10, viewing.WINDOW) for one in symbols
    }


@pytest.mark.parametrize(
    ("market", "first", "last"),
    [
        ("simulated", CLOSE - timedelta(minutes=55), CLOSE + timedelta(minutes=10)),
        ("live", datetime(2024, 1, 12, 20, 31, tzinfo=UTC), OPEN + timedelta(minutes=30)),
    ],
)
def test_it_learns_what_was_learned_live(market: str, first: datetime, last: datetime, settings: LazySettings) -> None:
    settings.MARKET = market
    bars = minutes(market, first - timedelta(days=4), last)
    # Nobody is judged before his window is full.
    bars = {symbol: cut(one, until(one, first) - viewing.WINDOW) for symbol, one in bars.items()}
    later = last + timedelta(minutes=30)
    live = lived(bars, market, first, later)
    found = retracing.retraced(votes(bars, later), course(market, later))
    assert found
    state, through = found
    assert state.calibrator.count[0, 0].sum() > 50
    assert (state.did[:, 0] > 0).all()
    assert learning.to_json(state) == live.state
    assert through == live.through
