"""What was written once: refused edits, and the one that was made all the same is found."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InternalError, connection, transaction

from signals import issue, proving, store, verifying
from signals.domain import Decision
from signals.tests.values import CLOSE, decision, outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued() -> list[Decision]:
    """Three decisions and one outcome."""
    values = [decision(symbol) for symbol in ("AAPL", "MSFT", "SPY")]
    issue.decisions(values, "simulated")
    issue.outcomes([outcome(values[1].signal)], CLOSE + timedelta(days=6))
    return values


def planted(sql: str) -> None:
    """An edit by somebody who may switch triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        assert cursor.rowcount == 1
        cursor.execute("SET session_replication_role = DEFAULT")


def test_what_is_read_is_what_was_written(issued: list[Decision]) -> None:
    told = replace(issued[0], signal=replace(issued[0].signal, opinions=issued[0].signal.opinions))
    assert store.decision(issued[0].signal.id) == told
    assert store.outcome(issued[1].signal.id) == outcome(issued[1].signal)
    assert store.outcome(issued[0].signal.id) is None
    assert [one.signal.symbol for one in store.decisions("simulated", horizon="5d")] != []
    assert store.decisions("live") == []


def test_a_judgement_is_stored_once(issued: list[Decision]) -> None:
    again = replace(issued[0], signal=replace(issued[0].signal, price=1.0))
    assert issue.decisions([again, decision("QQQ")], "simulated") == [decision("QQQ")]
    assert issue.outcomes([outcome(issued[1].signal, 0.5)], CLOSE) == []
    assert store.head()[0] == 5
    assert store.decision(issued[0].signal.id) == issued[0]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE signal SET price = 1",
        "UPDATE signal SET announced_at = now(), price = price + 1",
        "DELETE FROM signal",
        "UPDATE outcome SET net = 1",
        "DELETE FROM outcome",
        "UPDATE ledger SET payload = ''",
        "DELETE FROM ledger WHERE seq = 4",
    ],
)
def test_the_database_refuses_to_change_what_was_written(issued: list[Decision], sql: str) -> None:
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert not verifying.verify().faults


def test_the_time_of_the_announcement_is_set_once(issued: list[Decision]) -> None:
    store.mark_announced([issued[0].signal.id], CLOSE)
    store.mark_announced([issued[0].signal.id], CLOSE + timedelta(days=1))
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE signal SET announced_at = now() WHERE announced_at IS NOT NULL")
    assert {one.signal.symbol for one in store.unannounced("simulated")} == {"MSFT", "SPY"}


def test_a_ledger_that_nobody_touched_is_whole(issued: list[Decision]) -> None:
    found = verifying.verify()
    assert (found.entries, found.head, found.faults) == (4, store.head()[1], ())
    call_command("verify_ledger", seq=4, head=found.head)


@pytest.mark.parametrize(
    ("sql", "entry"),
    [
        ("UPDATE signal SET price = price + 0.01 WHERE symbol = 'MSFT'", 2),
        ("UPDATE signal SET judged_at = judged_at - interval '1 day' WHERE symbol = 'SPY'", 3),
        ("UPDATE signal SET opinions = jsonb_set(opinions, '{0,score}', '0.9') WHERE symbol = 'AAPL'", 1),
        ("UPDATE outcome SET won = NOT won", 4),
        ("DELETE FROM outcome", 4),
        ("UPDATE ledger SET payload = repeat('0', 64) WHERE seq = 2", 2),
    ],
)
def test_a_planted_edit_is_found_and_nothing_else(issued: list[Decision], sql: str, entry: int) -> None:
    planted(sql)
    assert {seq for seq, _ in verifying.verify().faults} == {entry}
    with pytest.raises(CommandError, match="fault"):
        call_command("verify_ledger")


def test_each_night_what_is_new_is_verified(issued: list[Decision]) -> None:
    assert proving.verified().entries == 4
    issue.decisions([decision("QQQ")], "simulated")
    planted("UPDATE signal SET price = 1 WHERE symbol = 'AAPL'")
    assert not proving.verified().faults
    issue.decisions([decision("IWM")], "simulated")
    planted("UPDATE signal SET price = 1 WHERE symbol = 'IWM'")
    assert [seq for seq, _ in proving.verified().faults] == [6]
    assert [seq for seq, _ in proving.verified().faults] == [6]
    assert {seq for seq, _ in verifying.verify().faults} == {1, 6}


def test_a_row_that_was_slipped_in_is_found(issued: list[Decision]) -> None:
    store.write([decision("EVIL")])
    assert [seq for seq, _ in verifying.verify().faults] == [0]


def test_an_end_that_was_cut_off_shows_by_the_head_that_was_kept(issued: list[Decision]) -> None:
    seq, head = store.head()
    assert not proving.verified().faults
    planted(f"DELETE FROM ledger WHERE seq = {seq}")
    planted("DELETE FROM outcome")
    assert not verifying.verify().faults
    assert [at for at, _ in proving.verified().faults] == [seq]
    assert [at for at, _ in proving.verified().faults] == [seq]
    with pytest.raises(CommandError, match="now it has none"):
        call_command("verify_ledger", seq=seq, head=head)
