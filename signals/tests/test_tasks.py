"""What the clock does on this floor, from a first start on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.conf import LazySettings

from marketdata import alarms, counters
from marketdata import store as market_store
from marketdata import tasks as market_tasks
from marketdata.lock import lock
from signals import proving, standing, store, tasks
from signals.replaying import Difference, Replayed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def simulated(settings: LazySettings) -> None:
    settings.MARKET = "simulated"
    settings.SIGNALS_UNIVERSE = ["SIM01"]
    market_store.set_watchlist(["AAPL", "MSFT"])


def test_a_first_start_shows_signals_at_once() -> None:
    market_tasks.poll_quotes()
    market_tasks.poll_bars()
    for task in (tasks.warm, tasks.judge, tasks.score, tasks.announce, tasks.prove):
        task()
    told = store.decisions("simulated")
    assert {(one.signal.symbol, one.signal.horizon) for one in told} >= {
        ("AAPL", "5d"),
        ("MSFT", "30m"),
        ("SIM01", "5d"),
    }
    assert all(one.signal.simulated for one in told)
    assert counters.read()["signals_judged"] == len(told)
    assert not store.unannounced("simulated")
    assert alarms.sounding() == {}
    agents = standing.figures()
    assert agents["agent:1d:rsi_reversal"]["opinions"] == 3
    assert agents["agent:1d:options_flow"]["abstained"] == 3
    assert agents["agent:1d:options_flow"]["reason"]
    before = len(told)
    tasks.judge()
    assert len(store.decisions("simulated", horizon="5d")) == 3
    assert len(store.decisions("simulated")) <= before + 2


def test_a_judge_that_sits_already_is_left_alone() -> None:
    with lock("judge", 30) as mine:
        assert mine
        tasks.judge()
    assert not standing.is_running()
    tasks.judge()
    assert standing.is_running()


def test_a_recording_that_has_not_begun_has_nothing_to_judge(settings: LazySettings) -> None:
    settings.MARKET = "recorded"
    for task in (tasks.warm, tasks.judge, tasks.score, tasks.prove):
        task()
    assert store.decisions("recorded") == []
    assert standing.is_running()


def test_a_difference_in_the_night_is_an_alarm() -> None:
    one = Difference("id", "AAPL", datetime(2024, 1, 16, tzinfo=UTC), "score", 0.5, 0.4)
    proving.tell(Replayed(9, (one,)), [])
    assert "9 of 10" in alarms.sounding()["replay"]["message"]
    proving.tell(Replayed(9, (replace(one, is_setting=True),)), [])
    assert alarms.sounding() == {}
