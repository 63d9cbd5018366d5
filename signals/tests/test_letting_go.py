"""Old evidence of minutes goes; what was told, what became of it and the chain of hashes stay, and say so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from marketdata import alarms
from marketdata import store as market_store
from marketdata.domain import Interval
from marketdata.tests import openapi
from signals import hashing, issue, letting_go, outcomes, records, replaying, store, tasks, turns, verifying
from signals.domain import Decision
from signals.kept import NoLongerKept
from signals.tests.house import MARKET, cut, fill, history, horizon, taught
from signals.tests.test_ledger import planted
from signals.tests.values import CLOSE, decision, outcome

pytestmark = pytest.mark.django_db
MINUTE, DAY, DAYS = timedelta(minutes=1), timedelta(days=1), 14
LATER = CLOSE + DAYS * DAY + timedelta(hours=1)
"""A moment from which everything before CLOSE is too old."""
SYMBOLS = ("AAPL", "MSFT")


def judge(first: int, last: int) -> None:
    """The turns of the minutes that end `first` to `last` minutes after CLOSE, and the outcomes known by then."""
    bars = {symbol: history(symbol, 700, CLOSE + 60 * MINUTE, Interval.MINUTE) for symbol in SYMBOLS}
    for minute in range(first, last + 1):
        end = 640 + minute
        fill({symbol: cut(one, 0 if minute == first else end - 1, end) for symbol, one in bars.items()})
        now = CLOSE + minute * MINUTE + timedelta(seconds=3)
        turns.run(Interval.MINUTE, MARKET, now)
        outcomes.resolve(horizon("30m"), MARKET, now)
        outcomes.learn(horizon("30m"), MARKET, now)


@pytest.fixture
def judged(settings: LazySettings) -> list[Decision]:
    """Two symbols judged for 38 minutes before CLOSE and 5 after it, and a day before; newest first."""
    settings.MARKET, settings.SIGNALS_UNIVERSE = MARKET, SYMBOLS
    market_store.set_watchlist(SYMBOLS)
    fill({symbol: history(symbol, 400, CLOSE - DAY) for symbol in SYMBOLS})
    taught()
    turns.run(Interval.DAY, MARKET, CLOSE - DAY + timedelta(seconds=3))
    judge(-38, 4)
    return store.decisions(MARKET)


def named(symbol: str, name: str, days: int) -> str:
    """The id of a judgement so many days after CLOSE."""
    return hashing.identity(MARKET, symbol, name, "set", CLOSE + days * DAY)


@pytest.fixture
def told(simulated_market: None) -> list[Decision]:
    """Of two symbols and both horizons, four days each up to a day after CLOSE; of the second, everybody was told."""
    values = [
        decision(symbol, day, symbol == "MSFT", horizon=name, id=named(symbol, name, day))
        for symbol in SYMBOLS for name in ("5d", "30m") for day in (-3, -2, -1, 1)
    ]  # fmt: skip
    issue.decisions(values, MARKET)
    bars = {symbol: history(symbol, 700, CLOSE - DAY, Interval.MINUTE) for symbol in SYMBOLS}
    store.see(bars, Interval.MINUTE, MARKET, 1, CLOSE)
    store.see({"AAPL": history("AAPL", 9)}, Interval.DAY, MARKET, 1, CLOSE)
    return values


def let_go() -> int:
    return letting_go.run(MARKET, LATER, DAYS, 30)


def old(judged: list[Decision]) -> list[Decision]:
    """Those that are to go."""
    return [one for one in judged if one.signal.horizon == "30m" and one.signal.at < CLOSE and not one.announces]


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_what_nobody_was_told_of_goes_and_all_else_stays(judged: list[Decision]) -> None:
    gone, graded, (entries, _) = {one.signal.id for one in old(judged)}, count("outcome"), store.head()
    assert len(gone) > 60
    assert any(one.announces and one.signal.at < CLOSE and one.signal.horizon == "30m" for one in judged)
    bars = count("view_bar")
    assert let_go() == len(gone)
    assert store.decisions(MARKET) == [one for one in judged if one.signal.id not in gone]
    assert {one.signal.horizon for one in store.decisions(MARKET, end=CLOSE)} == {"5d", "30m"}
    assert (count("outcome"), store.head()[0], count("let_go")) == (graded, entries + 1, 1)
    assert count("view_bar") == bars - 2 * 38
    assert let_go() == 0
    assert store.head()[0] == entries + 1


def test_the_ledger_is_proven_still_and_says_what_went(told: list[Decision], capsys: Any) -> None:
    assert verifying.verify().let_go == 0
    went = let_go()
    found = verifying.verify()
    assert (found.faults, found.let_go, found.let_go_before) == ((), went, CLOSE)
    call_command("verify_ledger", seq=found.entries, head=found.head)
    said = capsys.readouterr().out
    assert f"{went} of them vouch for decisions on minutes from before {CLOSE}" in said
    assert "SIGNALS_MINUTE_DAYS" in said


def test_what_is_kept_replays_and_what_went_is_refused(judged: list[Decision]) -> None:
    younger = replaying.replay(MARKET, CLOSE, CLOSE + DAY)
    assert (younger.total, younger.differences) == (10, ())
    let_go()
    assert replaying.replay(MARKET, CLOSE, CLOSE + DAY) == younger
    assert replaying.replay(MARKET, CLOSE - 2 * DAY, CLOSE, horizon="5d").equal == 2
    for asked in ("", "30m"):
        with pytest.raises(NoLongerKept, match="cannot be replayed"):
            replaying.replay(MARKET, CLOSE - DAY / 2, CLOSE, horizon=asked)
    with pytest.raises(CommandError, match="SIGNALS_MINUTE_DAYS"):
        call_command("replay", "--from", f"{CLOSE - DAY:%Y-%m-%d}", "--market", MARKET)


def test_what_was_learned_and_what_records_are_made_of_are_the_same(judged: list[Decision]) -> None:
    def known() -> tuple[Any, ...]:
        return store.outcomes(MARKET, "30m"), store.calibration(MARKET, "30m", judged[0].signal.agent_set)

    before = known()
    assert len(before[0]) > 5
    assert before[1]
    let_go()
    assert known() == before
    assert records.records(MARKET, horizon("30m")).counted == len(before[0])


def test_what_is_judged_afterwards_is_judged_as_ever(judged: list[Decision]) -> None:
    let_go()
    judge(5, 7)
    assert replaying.replay(MARKET, CLOSE, CLOSE + DAY).equal == 16
    assert not verifying.verify().faults


@pytest.mark.parametrize("door", [False, True])
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM signal",
        "DELETE FROM signal WHERE announces",
        "DELETE FROM signal WHERE horizon = '5d'",
        "DELETE FROM signal WHERE NOT announces AND horizon = '30m' AND at >= '2024-01-17'",
        "DELETE FROM view_bar",
        "DELETE FROM view_bar WHERE \"interval\" = '1d'",
        "UPDATE view_bar SET close = 1",
        "UPDATE let_go SET count = 1",
        "DELETE FROM let_go",
        "DELETE FROM ledger",
    ],
)
def test_nobody_else_goes_through_the_door(told: list[Decision], sql: str, door: bool) -> None:
    assert let_go() == 3
    store.see({"AAPL": history("AAPL", 2, CLOSE + DAY, Interval.MINUTE)}, Interval.MINUTE, MARKET, 2, CLOSE)
    (record,) = store.let_go()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('signals.let_go', %s, true)", [record.id if door else ""])
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(sql)
    assert not verifying.verify().faults


def test_a_record_opens_the_door_to_those_that_it_names_alone(told: list[Decision]) -> None:
    numbers = {one.seq for one in store.entries_of(issue.SIGNAL, [one.signal.id for one in old(told)])}
    let_go()
    (record,) = store.let_go()
    assert {seq for first, last in record.entries for seq in range(first, last + 1)} == numbers
    late = decision("LATE", -1, announces=False, horizon="30m")
    issue.decisions([late, decision("LATE", 0, announces=False, horizon="30m")], MARKET)
    with pytest.raises(IntegrityError), transaction.atomic():
        store.delete_decisions(record, [late.signal.id])


@pytest.mark.parametrize(
    ("sql", "faults"),
    [
        ("DELETE FROM signal WHERE id = (SELECT id FROM signal WHERE NOT announces AND horizon = '30m' LIMIT 1)", 1),
        ("UPDATE let_go SET entries_last[1] = entries_last[1] + 9", None),
        ("UPDATE let_go SET count = count - 1", None),
        ("DELETE FROM let_go", None),
    ],
)
def test_a_planted_loss_is_no_letting_go(told: list[Decision], sql: str, faults: int | None) -> None:
    went = let_go()
    planted(sql)
    found = verifying.verify()
    # Without a record that the ledger vouches for, none of those that went is excused.
    assert (len(found.faults), found.let_go) == ((faults, went) if faults else (went + 1, 0))


def test_what_was_changed_is_kept_and_tells(told: list[Decision]) -> None:
    one = old(told)[0]
    planted(f"UPDATE signal SET price = price + 1 WHERE id = '{one.signal.id}'")
    assert let_go() == len(old(told)) - 1
    assert "1 old decisions" in str(alarms.sounding()["ledger"])
    (fault,) = verifying.verify().faults
    assert one.signal.id in fault[1]


def test_the_doors_say_that_it_was_let_go(judged: list[Decision], client: Client) -> None:
    gone = next(one for one in old(judged) if one.signal.symbol == "AAPL")
    heard = next(one for one in judged if one.announces and one.signal.at < CLOSE and one.signal.horizon == "30m")
    explain = "/api/v1/signals/{signal}/explain"
    let_go()
    for address in (f"/api/v1/signals/{gone.signal.id}", f"/api/v1/signals/{gone.signal.id}/explain"):
        said = client.get(address)
        assert (said.status_code, said.json()["type"]) == (404, "urn:goldensignals:problem:no-longer-kept")
        assert "SIGNALS_MINUTE_DAYS" in said.json()["detail"]
    answer = client.get(explain.replace("{signal}", heard.signal.id))
    openapi.check(explain, answer)
    bars = answer.json()["inputs"]["bars"]
    assert (bars["count"], bars["let_go_before"]) == (0, f"{CLOSE:%Y-%m-%dT%H:%M:%SZ}")
    young = client.get(explain.replace("{signal}", judged[0].signal.id)).json()["inputs"]["bars"]
    assert (young["count"], young["let_go_before"]) == (520, None)


def test_a_moment_of_a_day_that_went_is_no_other_moment(told: list[Decision], client: Client) -> None:
    let_go()

    def asked(symbol: str, days: int, horizon: str = "30m", later: timedelta = timedelta(0)) -> Any:
        at = (CLOSE + days * DAY + later).isoformat()
        return client.get("/api/v1/decisions", {"symbol": symbol, "horizon": horizon, "at": at})

    for refused in (asked("AAPL", -2), asked("AAPL", -9), asked("MSFT", -2, later=MINUTE)):
        assert refused.json()["type"].endswith("no-longer-kept")
    for symbol, days, name in (("AAPL", -2, "5d"), ("AAPL", 1, "30m"), ("MSFT", -2, "30m"), ("MSFT", -2, "5d")):
        said = asked(symbol, days, name, timedelta(seconds=59)).json()["signal"]
        assert said["signal_id"] == named(symbol, name, days)


def test_the_last_decision_of_a_symbol_stays(simulated_market: None, client: Client) -> None:
    values = [decision(symbol, day, announces=False, horizon="30m") for symbol in SYMBOLS for day in (-3, -2, -1)]
    issue.decisions(values, MARKET)
    assert let_go() == 4
    assert store.last_judged(MARKET, "30m", SYMBOLS) == dict.fromkeys(SYMBOLS, CLOSE - DAY)
    found = client.get("/api/v1/decisions", {"symbol": "AAPL", "horizon": "30m", "at": CLOSE.isoformat()})
    assert found.json()["signal"]["at"].startswith(f"{CLOSE - DAY:%Y-%m-%d}")


def test_a_backlog_goes_by_several_transactions(simulated_market: None) -> None:
    many = [
        decision(f"S{i}", announces=False, horizon="30m", at=CLOSE - hour * timedelta(hours=1))
        for i in range(letting_go.BATCH // 2 + 5)
        for hour in (1, 2, 3)
    ]
    many = [replace(one, signal=replace(one.signal, id=str(UUID(int=n)))) for n, one in enumerate(many)]
    issue.decisions(many, MARKET)
    issue.outcomes([outcome(many[7].signal)], CLOSE)
    assert let_go() == letting_go.BATCH + 10
    assert [one.count for one in store.let_go(MARKET)] == [letting_go.BATCH, 10]
    found = verifying.verify()
    assert (found.faults, found.let_go) == ((), letting_go.BATCH + 10)


def test_the_clock_lets_go_as_the_setting_says(told: list[Decision], settings: LazySettings) -> None:
    settings.SIGNALS_MINUTE_DAYS = 0
    tasks.let_go()
    assert len(store.decisions(MARKET)) == len(told)
    settings.SIGNALS_MINUTE_DAYS = 14
    tasks.let_go()
    assert len(store.decisions(MARKET)) == len(told) - len(old(told))


def test_a_recording_has_no_age(simulated_market: None, settings: LazySettings) -> None:
    settings.SIGNALS_MINUTE_DAYS = 14
    values = [decision("AAPL", day, announces=False, horizon="30m", market="recorded") for day in (-3, -2, -1)]
    issue.decisions(values, "recorded")
    tasks.let_go()
    assert len(store.decisions("recorded")) == 3


@pytest.mark.django_db(transaction=True)
def test_a_database_that_has_decisions_gets_the_door(simulated_market: None) -> None:
    values = [decision("AAPL", day, announces=False, horizon="30m") for day in (-3, -2, -1)]
    issue.decisions(values, MARKET)
    executor = MigrationExecutor(connection)
    newest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "signals"]
    try:
        executor.migrate([("signals", "0002_outcome_notice")])
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM signal")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
    assert store.decisions(MARKET) == values[::-1]
    assert let_go() == 2
    assert not verifying.verify().faults
