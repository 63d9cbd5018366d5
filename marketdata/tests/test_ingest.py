"""The one way in, with the real Postgres and Valkey: what is stored, what is shown, and what a crash leaves."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import redis
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction

from marketdata import counters, ingest, store
from marketdata.domain import Quote, Session
from marketdata.live import topics
from marketdata.live.retained import retained
from marketdata.models import Quarantine
from marketdata.tests.another import Another
from marketdata.tests.heard import Ear
from marketdata.tests.values import NOON, bars, quote

pytestmark = pytest.mark.django_db(transaction=True)
SPAN = (NOON - timedelta(hours=1), NOON + timedelta(hours=1))


@pytest.fixture(autouse=True)
def live(settings: LazySettings) -> None:
    settings.MARKET = "live"


@pytest.fixture
def ear(redis_connection: redis.Redis) -> Iterator[Ear]:
    one = Ear(redis_connection)
    yield one
    one.close()


def calm(seconds: float = 0, **fields: Any) -> Quote:
    """A quote that gets no flag, however long ago it was."""
    return quote(seconds=seconds, session=Session.CLOSED, **fields)


def prices(ear: Ear) -> list[float]:
    return [message["data"]["price"] for message in ear.heard()]


def test_a_quote_is_stored_retained_and_announced_once(ear: Ear) -> None:
    assert ingest.quotes([calm()]).stored == [calm()]
    assert ingest.quotes([calm()]).stored == []
    (message,) = ear.heard()
    assert (message["type"], message["data"]["symbol"], message["data"]["price"]) == ("market_data", "AAPL", 185.5)
    assert msgspec.json.decode(retained(["AAPL"])["AAPL"]) == message
    assert store.quotes("AAPL", *SPAN, "live") == [calm()]
    assert counters.read() == {"quotes_fetched": 2, "quotes_stored": 1}


def test_a_batch_of_one_symbol_is_stored_and_announced_in_time_order(ear: Ear) -> None:
    batch = [calm(seconds=i, price=100.0 + i) for i in (2, 0, 1, 3)]
    ingest.quotes(batch, market="recorded")
    assert prices(ear) == [100.0, 101.0, 102.0, 103.0]
    assert [one.price for one in store.quotes("AAPL", *SPAN, "recorded")] == [100.0, 101.0, 102.0, 103.0]


def test_an_older_quote_is_kept_but_not_announced(ear: Ear) -> None:
    ingest.quotes([calm(seconds=5)])
    assert ingest.quotes([calm(seconds=1, price=185.0)]).stored != []
    assert prices(ear) == [185.5]
    assert len(store.quotes("AAPL", *SPAN, "live")) == 2
    assert store.latest(["AAPL"], "live")["AAPL"].price == 185.5


def test_a_jump_is_held_until_a_second_tick(ear: Ear) -> None:
    ingest.quotes([calm(price=100.0)])
    assert [one.price for one in ingest.quotes([calm(seconds=5, price=150.0)]).held] == [150.0]
    assert store.latest(["AAPL"], "live")["AAPL"].price == 100.0
    assert ingest.quotes([calm(seconds=10, price=151.0)]).held == []
    assert prices(ear) == [100.0, 150.0, 151.0]
    assert store.latest(["AAPL"], "live")["AAPL"].price == 151.0


def test_a_jump_that_was_an_error_is_never_announced(ear: Ear) -> None:
    for seconds, price in ((0, 100.0), (5, 1.0), (10, 100.5)):
        ingest.quotes([calm(seconds=seconds, price=price)])
    assert prices(ear) == [100.0, 100.5]
    assert ear.heard() == []


def test_what_is_no_quote_goes_to_the_quarantine(ear: Ear) -> None:
    bad = calm(as_of=datetime.now(UTC) + timedelta(hours=1))
    ((_, reason),) = ingest.quotes([bad, calm(symbol="MSFT")]).rejected
    assert "in the future" in reason
    assert Quarantine.objects.get().symbol == "AAPL"
    assert [message["data"]["symbol"] for message in ear.heard()] == ["MSFT"]
    assert counters.read()["quotes_rejected"] == 1


@transaction.atomic
def die_in_the_transaction() -> None:
    ingest.quotes([calm(seconds=1)], cursor=("recorded", NOON + timedelta(seconds=1)), market="recorded")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def test_the_cursor_moves_with_its_rows_or_not_at_all(ear: Ear) -> None:
    ingest.quotes([calm()], cursor=("recorded", NOON), market="recorded")
    with pytest.raises(DatabaseError):
        die_in_the_transaction()
    assert store.cursor("recorded") == NOON
    assert len(store.quotes("AAPL", *SPAN, "recorded")) == 1
    assert len(ear.heard()) == 1


def test_nothing_moves_the_cursor_too() -> None:
    ingest.quotes([], cursor=("recorded", NOON), market="recorded")
    assert store.cursor("recorded") == NOON


def test_what_a_crash_left_unseen_is_shown_by_the_next_process() -> None:
    ingest.quotes([calm(), calm(symbol="MSFT")])
    store.save_quotes([calm(seconds=5, price=190.0)], "live")  # committed; died before it was announced
    assert Another("ingest.quotes([])").run() == 0
    shown = {symbol: msgspec.json.decode(text) for symbol, text in retained(["AAPL", "MSFT"]).items()}
    assert shown["AAPL"]["data"]["price"] == 190.0
    assert (shown["AAPL"]["seq"], shown["MSFT"]["seq"]) == (2, 1)


def test_what_could_not_be_announced_is_shown_later(redis_connection: redis.Redis) -> None:
    ingest.quotes([calm(symbol="IBM")])
    ingest.quotes([calm(symbol="IBM", seconds=1)])
    redis_connection.delete(topics.LATEST)
    redis_connection.set(topics.LATEST, "in the way")
    assert ingest.quotes([calm()]).stored == [calm()]
    redis_connection.delete(topics.LATEST)
    ingest.quotes([calm(symbol="MSFT")])
    assert set(retained(["AAPL", "MSFT", "IBM"])) == {"AAPL", "MSFT", "IBM"}


def test_when_redis_lost_its_memory_it_is_told_again(redis_connection: redis.Redis) -> None:
    ingest.quotes([calm(), calm(symbol="MSFT")])
    redis_connection.flushall()
    ingest.quotes([calm(seconds=1, symbol="MSFT")])
    assert set(retained(["AAPL", "MSFT"])) == {"AAPL", "MSFT"}


def test_two_processes_at_once_store_and_announce_each_quote_once(ear: Ear) -> None:
    code = """
batch = [quote(f"S{i}", seconds=j, session=Session.CLOSED) for i in range(50) for j in range(4)]
for first in range(0, 200, 40):
    ingest.quotes(batch[first:first + 40])
"""
    processes = [Another(code) for _ in range(2)]
    for process in processes:
        process.begin()
    assert [process.run() for process in processes] == [0, 0]
    assert counters.read()["quotes_stored"] == 200
    assert sum(len(store.quotes(f"S{i}", *SPAN, "live")) for i in range(50)) == 200
    heard = ear.heard()
    keys = [(message["data"]["symbol"], message["data"]["as_of"]) for message in heard]
    assert len(keys) == len(set(keys))


def test_threads_of_one_process_do_not_disturb_each_other() -> None:
    def work(symbol: str) -> None:
        try:
            for i in range(10):
                ingest.quotes([calm(symbol=symbol, seconds=i)])
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"S{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert counters.read()["quotes_stored"] == 40


def test_minutes_that_close_are_announced_once(ear: Ear) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    start = now - timedelta(minutes=4)
    given = bars(start, [10.0, 11.0, 12.0, 13.0, 14.0])  # the fifth still runs
    done = ingest.bars(given, market="simulated", start=start, end=now + timedelta(minutes=1))
    assert (done.written, done.closed) == (5, 4)
    assert ingest.bars(given, market="simulated").closed == 0
    heard = ear.heard()
    assert [message["data"]["close"] for message in heard] == [10.0, 11.0, 12.0, 13.0]
    assert store.bars("AAPL", given.interval, start, datetime.now(UTC), "simulated").last_is_partial
    found = store.coverage("AAPL", given.interval, start, now + timedelta(minutes=1), "simulated")
    assert (found.count("complete"), found.count("partial"), found.count("missing")) == (4, 1, 0)


def test_old_minutes_are_stored_in_silence(ear: Ear) -> None:
    assert ingest.bars(bars(NOON, [10.0, 11.0])).written == 2
    assert ear.heard() == []


def test_an_empty_answer_is_a_gap_in_the_ledger() -> None:
    ingest.bars(bars(NOON, []), start=NOON, end=NOON + timedelta(minutes=30))
    found = store.coverage("AAPL", bars(NOON, []).interval, *SPAN, "live")
    assert found.missing == ((NOON, NOON + timedelta(minutes=30)),)


def test_unsound_bars_are_left_out() -> None:
    given = bars(NOON, [10.0, 11.0])
    given.high[0] = -1.0
    done = ingest.bars(given)
    assert (done.written, len(done.rejected)) == (1, 1)
    assert store.coverage("AAPL", given.interval, *SPAN, "live").count("complete") == 1
