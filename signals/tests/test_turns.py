"""The judge's turns: each closed bar once, whatever is killed in between, and all of it the same when replayed."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any

import msgspec
import numpy as np
import pytest
import redis
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from marketdata import calendar
from marketdata import store as market_store
from marketdata.domain import Bars, Interval
from marketdata.tests.another import service_environment
from options.domain import ChainSummary
from signals import issue, judging, outcomes, replaying, store, turns, verifying, viewing, wiring
from signals.domain import Decision, Knowledge, Reason
from signals.tests.crashing import POINTS
from signals.tests.house import DAY, MARKET, SYMBOLS, cut, fill, history, horizon, taught
from signals.tests.values import CLOSE

pytestmark = pytest.mark.django_db(transaction=True)
SOON = timedelta(seconds=3)


@pytest.fixture
def week() -> dict[str, Bars]:
    """400 days up to CLOSE and 12 after it, of which the first 400 are stored."""
    bars = {symbol: history(symbol, 412, CLOSE + 12 * DAY) for symbol in SYMBOLS}
    fill({symbol: cut(one, 0, 400) for symbol, one in bars.items()})
    return bars


@pytest.fixture(autouse=True)
def simulated(settings: LazySettings) -> None:
    settings.MARKET = MARKET
    settings.SIGNALS_UNIVERSE = SYMBOLS[2:]
    market_store.set_watchlist(SYMBOLS[:2])


def judged(symbol: str = "AAPL") -> list[Decision]:
    return store.decisions(MARKET, symbol=symbol)


def another(part: str, at: datetime) -> None:
    """A part of `crashing` in processes of their own."""
    environment = service_environment(MARKET) | {"SIGNALS_UNIVERSE": ",".join(SYMBOLS[2:])}
    command = [sys.executable, "-m", "signals.tests.crashing", part, at.isoformat()]
    subprocess.run(command, env=environment, check=True, timeout=60)


def test_nobody_judges_days_untaught(week: dict[str, Bars]) -> None:
    assert turns.run(Interval.DAY, MARKET, CLOSE + SOON) == 0
    taught()
    assert turns.run(Interval.DAY, MARKET, CLOSE + SOON) == len(SYMBOLS)


def test_no_agent_can_change_what_the_next_one_sees(week: dict[str, Bars]) -> None:
    with transaction.atomic():
        view = viewing.look(["AAPL"], Interval.DAY, MARKET, CLOSE + SOON).views["AAPL"]
    for column in ("start", "open", "high", "low", "close", "volume"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(view.bars, column)[-1] = 1


def test_a_closed_bar_is_judged_once_and_what_was_missed_is_passed_over(week: dict[str, Bars]) -> None:
    taught()
    now = CLOSE + SOON
    assert turns.run(Interval.DAY, MARKET, now) == 3
    assert turns.run(Interval.DAY, MARKET, now + SOON) == 0
    fill({"AAPL": cut(week["AAPL"], 400, 403)})
    assert turns.run(Interval.DAY, MARKET, now + 3 * DAY) == 1
    assert [one.signal.at for one in judged()] == [CLOSE + 3 * DAY, CLOSE]
    assert [one.signal.at for one in judged("SPY")] == [CLOSE]


def test_a_bar_that_still_runs_is_not_judged(week: dict[str, Bars]) -> None:
    taught()
    market_store.save_bars(replace(cut(week["AAPL"], 400, 401), last_is_partial=True), MARKET)
    assert turns.run(Interval.DAY, MARKET, CLOSE + DAY / 2) == 3
    assert [one.signal.at for one in judged()] == [CLOSE]


def test_a_decision_has_all_that_it_was_made_from(week: dict[str, Bars]) -> None:
    taught()
    turns.run(Interval.DAY, MARKET, CLOSE + SOON)
    one = judged()[0]
    assert (one.signal.price, one.signal.simulated) == (week["AAPL"].close[399], True)
    assert {gate.reason for gate in one.signal.gates} >= {Reason.UNPROVEN, Reason.STALE, Reason.LOW_PROFIT}
    assert set(one.signal.reasons) >= {Reason.WARMING, Reason.UNPROVEN}
    assert one.signal.reasoning
    assert one.knowledge.calibration
    assert {opinion.agent for opinion in one.signal.opinions} >= {"rsi_reversal", "tv_rating"}
    assert not store.decisions(MARKET, symbol="SPY")[0].announces


def test_minutes_are_judged_of_the_watchlist(week: dict[str, Bars]) -> None:
    at = CLOSE + timedelta(hours=3)
    fill({symbol: history(symbol, 200, at, Interval.MINUTE) for symbol in SYMBOLS})
    assert turns.run(Interval.MINUTE, MARKET, at + SOON) == 2
    assert {one.signal.horizon for one in judged()} == {"30m"}


def told(connected: "redis.Redis") -> list[dict[str, Any]]:
    """The data of every signal that was announced, in order."""
    streams: list[bytes] = [name for name in connected.keys("gs:stream:*") if name.endswith(b":signals")]
    rows = [fields[b"t"] for name in streams for _, fields in connected.xrange(name)]
    return [msgspec.json.decode(row)["data"] for row in rows]


def test_a_killed_judge_loses_no_signal_tells_none_under_two_names_and_replays(
    week: dict[str, Bars], redis_connection: "redis.Redis"
) -> None:
    """Also: what is replayed at the end, in yet another process, is the same, although a bar was corrected before."""
    taught()
    turns.run(Interval.DAY, MARKET, CLOSE + SOON)
    corrected = cut(week["AAPL"], 398, 400)
    fill({"AAPL": replace(corrected, close=corrected.close + 0.01, high=corrected.high + 0.01)})
    another("crashes", CLOSE + DAY + SOON)
    expected = {CLOSE + i * DAY for i in range(len(POINTS) + 1)}
    for symbol in SYMBOLS:
        assert {one.signal.at for one in judged(symbol)} == expected
    closes = [store.seen(["AAPL"], Interval.DAY, MARKET, CLOSE, 1, run)["AAPL"].close[0] for run in runs()[:2]]
    assert closes == [week["AAPL"].close[399], week["AAPL"].close[399] + 0.01]
    announced = [one for one in store.decisions(MARKET) if one.announces]
    assert len(announced) > len(POINTS)
    assert not store.unannounced(MARKET)
    heard = told(redis_connection)
    assert {one["signal_id"] for one in heard} == {one.signal.id for one in announced}
    assert len({(one["symbol"], one["at"]) for one in heard}) == len(announced)
    assert all(one == other for one in heard for other in heard if one["signal_id"] == other["signal_id"])
    twice = {id_ for id_, count in Counter(one["signal_id"] for one in heard).items() if count > 1}
    assert twice == {one.signal.id for one in announced if one.signal.at == max(expected)}
    assert not verifying.verify().faults


def runs() -> list[int]:
    """The turns in which AAPL was judged, oldest first."""
    return [one.knowledge.run for one in reversed(judged())]


def test_chains_are_seen_as_they_were_known(week: dict[str, Bars]) -> None:
    taught()
    now = CLOSE + timedelta(hours=9)
    known = [chain(CLOSE - DAY, 0.3), chain(now - SOON, 0.4)]
    with transaction.atomic():
        store.see_summaries(known, store.next_run(MARKET, Interval.DAY), now)
    turns.run(Interval.DAY, MARKET, now)
    with transaction.atomic():
        store.see_summaries([chain(now - SOON / 2, 0.5)], store.next_run(MARKET, Interval.DAY), now)
    view = viewing.rebuild(judged()[0], Interval.DAY)
    assert view
    assert [one.iv30 for one in view.summaries] == [0.3, 0.4]
    assert replaying.replay(MARKET, CLOSE, CLOSE + DAY).equal == len(SYMBOLS)


def chain(taken_at: datetime, iv30: float) -> ChainSummary:
    return ChainSummary(
        underlying="AAPL", vendor="v", market=MARKET, taken_at=taken_at, session=taken_at.date(), spot=100.0, iv30=iv30
    )


def test_a_live_day_is_judged_at_its_close_and_entered_at_the_next_open(settings: LazySettings) -> None:
    """Friday, 12 January 2024; the Monday after it is a holiday, and the weeks before it have some too."""
    settings.MARKET = "live"
    days = calendar.sessions(date(2022, 9, 1), date(2024, 1, 23), "live")
    bars = history("AAPL", len(days))
    starts = [int(datetime.combine(day, clock(), UTC).timestamp()) for day in days]
    bars = replace(bars, start=np.array(starts), simulated=False)
    before = days.index(date(2024, 1, 12)) + 1
    market_store.save_bars(cut(bars, 0, before), "live")
    taught(market="live")
    evening = datetime(2024, 1, 13, 0, 5, tzinfo=UTC)
    assert turns.run(Interval.DAY, "live", evening) == 1
    (one,) = store.decisions("live")
    assert one.signal.at == datetime(2024, 1, 12, 21, tzinfo=UTC)
    assert one.knowledge.condition.missing == 0
    assert not {Reason.GAP, Reason.STALE, Reason.CLOSED} & set(one.signal.reasons)
    market_store.save_bars(cut(bars, before), "live")
    (found,) = outcomes.resolve(horizon(), "live", datetime(2024, 1, 24, 0, 5, tzinfo=UTC))
    assert (found.entered_at.date(), found.entry) == (date(2024, 1, 16), bars.open[before])
    assert (found.exited_at.date(), found.exit) == (date(2024, 1, 23), bars.close[before + 4])
    assert replaying.replay("live", one.signal.at, evening).equal == 1


def test_replay_prints_the_first_input_that_differs(week: dict[str, Bars], capsys: Any) -> None:
    taught()
    turns.run(Interval.DAY, MARKET, CLOSE + SOON)
    day = f"{CLOSE:%Y-%m-%d}"
    call_command("replay", "--from", day, "--look-ahead")
    said = capsys.readouterr().out
    assert "3 of 3 decisions are the same again (100 %)" in said
    assert "no agent looks ahead" in said
    planted("UPDATE view_bar SET close = close + 1 WHERE symbol = 'MSFT' AND start = %s", [CLOSE - 5 * DAY])
    with pytest.raises(CommandError, match="1 decisions differ"):
        call_command("replay", "--from", day)
    said, was = capsys.readouterr().out, week["MSFT"].close[395]
    assert (
        f"MSFT at {CLOSE.isoformat()}, close of the bar of {(CLOSE - 5 * DAY).isoformat()}: was {was}, is {was + 1}"
        in said
    )


def one_agent(symbol: str) -> str:
    return judged(symbol)[0].signal.opinions[0].agent


def test_replay_prints_the_first_thing_decided_otherwise(week: dict[str, Bars]) -> None:
    taught()
    turns.run(Interval.DAY, MARKET, CLOSE + SOON)
    planted("UPDATE signal SET score = 0.75, decision = 'x' WHERE symbol = %s", ["SPY"])
    (one,) = replaying.replay(MARKET, CLOSE, CLOSE + DAY).differences
    assert (one.symbol, one.what, one.was) == ("SPY", "score", 0.75)
    agent, change = one_agent("SPY"), "opinions = jsonb_set(opinions, '{0,score}', '0.5')"
    planted(f"UPDATE signal SET {change} WHERE symbol = %s", ["SPY"])
    (one,) = replaying.replay(MARKET, CLOSE, CLOSE + DAY).differences
    assert (one.what, one.was) == (f"opinion of {agent}", 0.5)


def test_replay_tells_when_the_settings_are_not_those_of_then(week: dict[str, Bars], settings: LazySettings) -> None:
    taught()
    turns.run(Interval.DAY, MARKET, CLOSE + SOON)
    settings.SIGNALS_GATES = settings.SIGNALS_GATES | {"": settings.SIGNALS_GATES[""] | {"proof": 0.9}}
    found = replaying.replay(MARKET, CLOSE, CLOSE + DAY)
    assert {(one.what, one.is_setting) for one in found.differences} == {("settings of horizon and gates", True)}


def test_a_decision_made_by_the_first_rules_is_the_same_again(week: dict[str, Bars]) -> None:
    at = CLOSE + timedelta(hours=3)
    fill({symbol: history(symbol, 200, at, Interval.MINUTE) for symbol in SYMBOLS})
    now, of = at + SOON, horizon("30m")
    first = replace(wiring.bench(of, MARKET)[1], rules=1)
    with transaction.atomic():
        turn = viewing.look(["MSFT"], Interval.MINUTE, MARKET, now)
        view = turn.views["MSFT"]
        known = Knowledge(
            run=turn.run, quote=view.quote, condition=view.condition, calibration=None, outcomes=0,
            parameters=first.parameters,
        )  # fmt: skip
        signal = judging.judge(view, now, first, turns.past("MSFT", [], {}))
        issue.decisions([Decision(signal=signal, judged_at=now, knowledge=known, announces=False)], MARKET)
    turns.run(Interval.MINUTE, MARKET, now + SOON)
    found = [judged(symbol)[0].signal.gates for symbol in ("MSFT", "AAPL")]
    assert [{one.value for one in gates if one.reason is Reason.DELAYED} for gates in found] == [{0.0}, {None}]
    again = replaying.replay(MARKET, CLOSE, CLOSE + DAY)
    assert (again.equal, again.differences) == (2, ())


def planted(sql: str, values: list[Any]) -> None:
    """An edit by somebody who may switch triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        assert cursor.rowcount == 1
        cursor.execute("SET session_replication_role = DEFAULT")
