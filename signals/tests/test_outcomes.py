"""Outcomes: told once, from the first open after the decision; learned once, behind an embargo."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection

from marketdata import store as market_store
from marketdata.domain import Bars, Interval
from signals import issue, learning, outcomes, scoring, store, turns, wiring
from signals.domain import Decision
from signals.tests.house import DAY, MARKET, SYMBOLS, cut, fill, history, horizon, taught
from signals.tests.values import CLOSE, decision

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=3)


@pytest.fixture(autouse=True)
def simulated(settings: LazySettings) -> None:
    settings.MARKET = MARKET
    settings.SIGNALS_UNIVERSE = SYMBOLS[2:]
    market_store.set_watchlist(SYMBOLS[:2])


@pytest.fixture
def weeks() -> dict[str, Bars]:
    """400 days up to CLOSE, which are stored, and 20 after it."""
    bars = {symbol: history(symbol, 420, CLOSE + 20 * DAY) for symbol in SYMBOLS}
    fill({symbol: cut(one, 0, 400) for symbol, one in bars.items()})
    return bars


def live(bars: dict[str, Bars], day: int) -> datetime:
    """The service at the end of this day: it comes, is judged, scored and learned from."""
    now = CLOSE + day * DAY + SOON
    fill({symbol: cut(one, 399 + day, 400 + day) for symbol, one in bars.items()})
    turns.run(Interval.DAY, MARKET, now)
    outcomes.resolve(horizon(), MARKET, now)
    outcomes.learn(horizon(), MARKET, now)
    return now


def first_decision(symbol: str = "AAPL") -> Decision:
    return store.decisions(MARKET, symbol=symbol)[-1]


def test_an_outcome_is_told_at_the_horizon_and_frozen(weeks: dict[str, Bars]) -> None:
    taught()
    for day in range(5):
        live(weeks, day)
    one = first_decision()
    assert store.outcome(one.signal.id) is None
    live(weeks, 5)
    found = store.outcome(one.signal.id)
    assert found
    opened, closed = weeks["AAPL"].open[400], weeks["AAPL"].close[404]
    assert (found.entry, found.exit, found.entered_at) == (opened, closed, CLOSE)
    assert found.gross == pytest.approx(closed / opened - 1)
    assert found.exited_at == CLOSE + 5 * DAY
    assert found.base_rate == one.signal.calibrated.base_rate  # type: ignore[union-attr]
    fill({"AAPL": replace(cut(weeks["AAPL"], 404, 405), close=weeks["AAPL"].close[404:405] * 1.2)})
    live(weeks, 6)
    assert store.outcome(one.signal.id) == found
    assert [one.exited_at for one in store.outcomes(MARKET, symbols=["AAPL"])] == [CLOSE + 5 * DAY, CLOSE + 6 * DAY]


@pytest.mark.parametrize(("late", "entry"), [(timedelta(minutes=10), 400), (timedelta(hours=9), 401)])
def test_a_price_from_before_the_decision_is_nobodys(weeks: dict[str, Bars], late: timedelta, entry: int) -> None:
    one = replace(decision("AAPL"), judged_at=CLOSE + late)
    issue.decisions([one], MARKET)
    fill({"AAPL": cut(weeks["AAPL"], 400, 407)})
    (found,) = outcomes.resolve(horizon(), MARKET, CLOSE + 7 * DAY)
    assert found.entry == weeks["AAPL"].open[entry]


@pytest.mark.parametrize("later", [40, 700, 3000])
def test_however_late_it_is_scored_an_outcome_is_of_the_next_bars(later: int) -> None:
    """Who stands still for hours finds more bars than a view has."""
    end = CLOSE + timedelta(minutes=later)
    fill({"AAPL": history("AAPL", 100 + later, end, Interval.MINUTE)})
    issue.decisions([decision("AAPL", horizon="30m")], MARKET)
    (found,) = outcomes.resolve(horizon("30m"), MARKET, end)
    assert (found.entered_at, found.exited_at) == (CLOSE + timedelta(minutes=1), CLOSE + timedelta(minutes=31))


def test_an_outcome_over_a_hole_waits_for_its_repair() -> None:
    minute, back = timedelta(minutes=1), CLOSE + timedelta(hours=7)
    bars = history("AAPL", 1000, CLOSE + timedelta(hours=8), Interval.MINUTE)
    first = int((bars.start < CLOSE.timestamp()).sum())
    fill({"AAPL": cut(bars, 0, first + 10)})
    fill({"AAPL": cut(bars, first + 420, first + 460)})
    issue.decisions([decision("AAPL", horizon="30m")], MARKET)
    now = back + 40 * minute
    assert outcomes.resolve(horizon("30m"), MARKET, now) == []
    fill({"AAPL": cut(bars, first + 10, first + 420)})
    (found,) = outcomes.resolve(horizon("30m"), MARKET, now)
    assert found.exited_at == CLOSE + 31 * minute


def test_a_hole_that_nobody_repairs_is_waited_for_in_vain_once() -> None:
    bars = history("AAPL", 1000, CLOSE + timedelta(hours=8), Interval.MINUTE)
    first = int((bars.start < CLOSE.timestamp()).sum())
    fill({"AAPL": cut(bars, 0, first + 10)})
    fill({"AAPL": cut(bars, first + 420, first + 460)})
    issue.decisions([decision("AAPL", horizon="30m")], MARKET)
    (found,) = outcomes.resolve(horizon("30m"), MARKET, CLOSE + timedelta(hours=32))
    assert not learning.is_whole(found, horizon("30m"))


def test_a_live_day_is_entered_at_the_open_of_its_session() -> None:
    friday, tuesday = datetime(2024, 1, 12, 21, tzinfo=UTC), datetime(2024, 1, 16, tzinfo=UTC)
    one = replace(decision("AAPL", at=friday, market="live"), judged_at=friday + timedelta(hours=3, minutes=5))
    opened = outcomes.opened(int(tuesday.timestamp()), Interval.DAY, "live")
    assert opened == tuesday + timedelta(hours=14, minutes=30)
    assert outcomes.entry_from(one, horizon()) < tuesday
    late = replace(one, judged_at=opened + timedelta(hours=1))
    assert outcomes.entry_from(late, horizon()) > opened


def test_what_is_learned_is_learned_once_and_behind_its_embargo(weeks: dict[str, Bars]) -> None:
    taught()
    for day in range(7):
        live(weeks, day)
    agents = wiring.agent_set(Interval.DAY)
    known = store.calibration(MARKET, "5d", agents)
    assert known
    assert (known.outcomes, len(store.outcomes(MARKET))) == (0, 6)
    live(weeks, 7)
    known = store.calibration(MARKET, "5d", agents)
    assert known
    assert known.outcomes == store.numbered_outcomes(MARKET, "5d", agents, 0)[2][0]
    assert known.through == CLOSE + 5 * DAY
    version = known.version
    assert outcomes.learn(horizon(), MARKET, CLOSE + 7 * DAY + 2 * SOON) is None
    live(weeks, 8)
    state = learning.from_json(store.calibration(MARKET, "5d", agents).state)  # type: ignore[union-attr]
    assert state.calibrator.count[0].sum() == 2 * 6
    judged = store.decisions(MARKET, symbol="AAPL")
    assert judged[1].knowledge.calibration == version - 1
    assert judged[0].knowledge.calibration == version
    assert judged[0].knowledge.outcomes == max(seq for seq, _ in store.numbered_outcomes(MARKET, "5d", agents, 0)[:-3])


def test_what_was_learned_can_be_made_again_from_the_outcomes(weeks: dict[str, Bars]) -> None:
    taught()
    for day in range(12):
        live(weeks, day)
    agents = wiring.agent_set(Interval.DAY)
    known = store.calibration(MARKET, "5d", agents)
    assert known
    all_of_them = store.numbered_outcomes(MARKET, "5d", agents, 0)
    learned = [one for seq, one in all_of_them if seq <= known.outcomes]
    assert 0 < len(learned) < len(all_of_them)
    again = learning.learn(learning.fresh(wiring.agents(Interval.DAY), horizon()), learned, horizon())
    told = learning.to_json(again)
    assert {name: told[name] for name in ("names", "quantile", "did")} == {
        name: known.state[name] for name in ("names", "quantile", "did")
    }
    assert told["calibrator"] == known.state["calibrator"]


def test_another_cost_begins_another_record_and_the_old_one_is_kept(
    weeks: dict[str, Bars], settings: LazySettings
) -> None:
    taught()
    for day in range(8):
        live(weeks, day)
    cheap = wiring.agent_set(Interval.DAY)
    known = store.calibration(MARKET, "5d", cheap)
    settings.SIGNALS_COST_BP = 50
    dear = wiring.agent_set(Interval.DAY)
    assert store.calibration(MARKET, "5d", dear) is None
    taught()
    for day in range(8, 16):
        live(weeks, day)
    assert store.calibration(MARKET, "5d", cheap) == known
    state = learning.from_json(store.calibration(MARKET, "5d", dear).state)  # type: ignore[union-attr]
    costs = {name: wiring.graded(horizon(), name).cost for name in (cheap, dear)}
    assert costs == {cheap: 0.0005, dear: 0.005}
    assert {one.agent_set for one in store.outcomes(MARKET)} == {cheap, dear}
    for one in store.outcomes(MARKET):
        assert one.net == scoring.net_of(one.lean, one.gross, costs[one.agent_set])
    assert state.calibrator.count[0, 0].sum() == 3


def test_markets_are_never_mixed(weeks: dict[str, Bars]) -> None:
    taught()
    live(weeks, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM signal WHERE market = 'simulated'")
        assert cursor.fetchone() == (3,)
    assert store.last_judged("live", "5d", SYMBOLS) == {}
    assert store.calibration("live", "5d", wiring.agent_set(Interval.DAY)) is None
    assert turns.run(Interval.DAY, "live", CLOSE + SOON) == 0
