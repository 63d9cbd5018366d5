"""The first start of minutes: the last ones of history are walked in pieces, once, up to where judging began."""

import subprocess
import sys
from datetime import datetime, timedelta

import numpy as np
import pytest
from django.conf import LazySettings

from marketdata import calendar
from marketdata import store as market_store
from marketdata.cache import client
from marketdata.domain import Interval
from marketdata.live import topics
from marketdata.sources.base import Unavailable
from marketdata.sources.simulated import Simulated
from marketdata.tests.another import service_environment
from marketdata.tests.doors import vendor
from signals import hashing, issue, learning, outcomes, recalling, records, retracing, store, viewing, wiring
from signals.agents.base import BarAgent
from signals.domain import Horizon
from signals.learning import State
from signals.tests.crashing import WALKED
from signals.tests.house import MARKET, horizon, taught
from signals.tests.values import CLOSE, decision

pytestmark = pytest.mark.django_db(transaction=True)
LATER = CLOSE + timedelta(minutes=2)


@pytest.fixture(autouse=True)
def simulated(settings: LazySettings) -> None:
    settings.MARKET = MARKET
    market_store.set_watchlist(WALKED)


def minutes() -> Horizon:
    return horizon("30m")


def ours() -> str:
    return wiring.agent_set(Interval.MINUTE)


def judged(at: datetime = CLOSE) -> None:
    """A decision of AAPL that was made live."""
    id_ = hashing.identity(MARKET, "AAPL", "30m", ours(), at)
    one = decision("AAPL", horizon="30m", at=at, agent_set=ours(), id=id_)
    issue.decisions([one], MARKET)


def walk(now: datetime = LATER, market: str = MARKET) -> int:
    """All pieces; returns how many turns it took."""
    for turn in range(1, 20):
        if recalling.recall(minutes(), market, now):
            return turn
    raise AssertionError("it has no end")


def known() -> store.Version:
    found = store.calibration(MARKET, "30m", ours())
    assert found
    return found


def state() -> State:
    return learning.from_json(known().state)


def test_a_walk_in_pieces_begins_what_live_outcomes_go_on_with() -> None:
    judged()
    assert walk() == 2 * recalling.PIECES + 1
    first = known()
    assert (first.is_warm, first.outcomes, first.state["walked"]) == (True, 0, 2)
    assert first.through == CLOSE - timedelta(minutes=2)
    count = state().calibrator.count[0, 0].sum()
    assert count == 2 * (recalling.PIECE * recalling.PIECES - 33)
    assert records.warm(MARKET, minutes(), ours())
    assert store.outcomes(MARKET) == []
    assert recalling.recall(minutes(), MARKET, LATER) is None
    fetched = market_store.windows(["AAPL"], Interval.MINUTE, MARKET, CLOSE, 5000)["AAPL"]
    assert len(fetched) == recalling.PIECE * recalling.PIECES + 520


def test_an_outcome_is_learned_live_or_from_history_and_never_twice() -> None:
    judged()
    judged(CLOSE + timedelta(minutes=1))
    market_store.set_watchlist(["AAPL"])
    walk(CLOSE + timedelta(minutes=90))
    before = state()
    now = CLOSE + timedelta(minutes=60)
    source = Simulated(seed=7, clock=lambda: now)
    market_store.save_bars(source.bars("AAPL", Interval.MINUTE, CLOSE, now), MARKET)
    assert len(outcomes.resolve(minutes(), MARKET, now)) == 2
    assert outcomes.learn(minutes(), MARKET, now)
    assert known().is_warm
    taught_ = [one for _, one in store.numbered_outcomes(MARKET, "30m", ours(), 0)]
    assert all(one.exited_at > CLOSE for one in taught_)
    again = learning.learn(before, taught_, minutes())
    assert learning.to_json(again) == learning.to_json(state())
    assert state().calibrator.count[0, 0].sum() == before.calibrator.count[0, 0].sum() + 2


def test_a_bar_that_is_judged_live_while_the_walk_goes_on_ends_it() -> None:
    market_store.set_watchlist(["AAPL"])
    assert recalling.recall(minutes(), MARKET, LATER) is None
    judged(LATER - timedelta(minutes=12))
    walk()
    assert known().through == LATER - timedelta(minutes=14)


def test_what_was_learned_live_in_the_meantime_stays() -> None:
    judged()
    for _ in range(3):
        assert recalling.recall(minutes(), MARKET, LATER) is None
    taught(["30m"])
    version = known().version
    assert all(recalling.recall(minutes(), MARKET, LATER) is None for _ in range(10))
    assert known().version == version


def test_another_cost_has_a_walk_of_its_own(settings: LazySettings) -> None:
    market_store.set_watchlist(["AAPL"])
    judged()
    walk()
    cheap = known()
    settings.SIGNALS_COST_BP = 50
    judged()
    walk()
    assert known().version > cheap.version
    assert known().state["calibrator"]["count"] == cheap.state["calibrator"]["count"]
    assert np.array(known().state["calibrator"]["net"]).sum() < np.array(cheap.state["calibrator"]["net"]).sum()
    settings.SIGNALS_COST_BP = 5
    assert known() == cheap


def test_who_is_killed_goes_on_where_he_was_to_the_same_state() -> None:
    judged()
    command = [sys.executable, "-m", "signals.tests.crashing", "recalls", LATER.isoformat()]
    subprocess.run(command, env=service_environment(MARKET), check=True, timeout=300)
    agents = {id_: one for id_, one in wiring.agents(Interval.MINUTE).items() if isinstance(one, BarAgent)}
    count = recalling.PIECE * recalling.PIECES + viewing.WINDOW - 1
    bars = market_store.windows(WALKED, Interval.MINUTE, MARKET, CLOSE, count)
    starts = calendar.expected_bars(Interval.MINUTE, CLOSE - timedelta(days=7), CLOSE, MARKET)
    at_once = retracing.retraced(
        {symbol: retracing.votes(one, agents, 30, viewing.WINDOW) for symbol, one in bars.items()},
        retracing.Course(
            market=MARKET, horizon=minutes(), agent_set=ours(), agents=list(wiring.agents(Interval.MINUTE)),
            weights=wiring.weights(Interval.MINUTE), until=CLOSE,
            expected=np.array([int(one.timestamp()) for one in starts]),
        ),
    )  # fmt: skip
    assert at_once
    assert known().state == learning.to_json(at_once[0]) | {"walked": 2}
    assert known().through == at_once[1]


def test_a_vendor_that_is_away_is_asked_once_and_done_without_in_the_end(settings: LazySettings) -> None:
    judged()
    with vendor(settings) as source:
        source.error = Unavailable("the line is dead")
        assert [recalling.recall(minutes(), MARKET, LATER) for _ in range(5)] == [None] * 5
        assert source.asked["bars", "AAPL"] == 1
        later = LATER + timedelta(seconds=recalling.PATIENCE + 1)
        assert [recalling.recall(minutes(), MARKET, later) for _ in range(9)] == [None] * 9
        assert source.asked["bars", "AAPL"] == 1
    key = f"{topics.ASKED}recall:{MARKET}:30m:{ours()}"
    assert client().hexists(key, "nothing")
    assert store.calibration(MARKET, "30m", ours()) is None


def test_a_recording_has_nothing_but_its_own_minutes(settings: LazySettings) -> None:
    settings.MARKET = "recorded"
    assert [recalling.recall(minutes(), "recorded", LATER) for _ in range(9)] == [None] * 9
    assert store.calibration("recorded", "30m", ours()) is None
    assert market_store.windows(WALKED, Interval.MINUTE, "recorded", LATER, 10) == {}
    key = f"{topics.ASKED}recall:recorded:30m:{ours()}"
    assert client().hexists(key, "nothing")
