"""History and latest, against a real Postgres."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketdata import store
from marketdata.domain import Quote, Session
from marketdata.tests.values import NOON, quote

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def history(symbol: str = "AAPL", market: str = "live") -> list[Quote]:
    return store.quotes(symbol, NOON - HOUR, NOON + HOUR, market)


def test_what_is_stored_is_what_came() -> None:
    one = quote(flags=frozenset({"wide", "stale"}), ext_price=186.0, ext_as_of=NOON, quote_as_of=NOON)
    assert store.save_quotes([one], "live") == [one]
    assert history() == [one]
    assert store.latest(["AAPL", "MSFT"], "live") == {"AAPL": one}


def test_absent_stays_absent() -> None:
    bare = Quote(symbol="AAPL", vendor="yahoo", as_of=NOON, received_at=NOON, price=1.0)
    store.save_quotes([bare], "live")
    assert history() == [bare]


def test_a_natural_key_is_stored_once() -> None:
    assert len(store.save_quotes([quote(), quote()], "live")) == 1
    assert store.save_quotes([quote(price=999.0)], "live") == []
    assert history() == [quote()]
    assert store.latest(None, "live") == {"AAPL": quote()}


def test_two_vendors_may_say_something_of_one_instant() -> None:
    assert len(store.save_quotes([quote(), quote(vendor="alpaca")], "live")) == 2


def test_older_never_replaces_newer() -> None:
    store.save_quotes([quote(seconds=5)], "live")
    saved = store.save([quote(seconds=1)], "live")
    assert saved.new == [quote(seconds=1)]
    assert saved.newest == []
    assert store.latest(None, "live") == {"AAPL": quote(seconds=5)}
    assert [one.as_of for one in history()] == [NOON + timedelta(seconds=1), NOON + timedelta(seconds=5)]


def test_of_two_with_one_time_the_later_received_is_the_latest() -> None:
    late = quote(vendor="alpaca", received_at=NOON + timedelta(seconds=9))
    store.save_quotes([late], "live")
    store.save_quotes([quote()], "live")
    assert store.latest(None, "live") == {"AAPL": late}


def test_a_batch_comes_back_in_time_order_without_what_was_known() -> None:
    store.save_quotes([quote(seconds=2)], "live")
    batch = [quote(seconds=i) for i in (3, 1, 2, 4)]
    saved = store.save(batch, "live")
    assert saved.new == [quote(seconds=i) for i in (1, 3, 4)]
    assert saved.newest == [quote(seconds=i) for i in (3, 4)]
    assert store.latest(None, "live") == {"AAPL": quote(seconds=4)}


def test_what_is_only_kept_is_history_and_never_latest() -> None:
    saved = store.save([quote(seconds=1)], "live", kept=[quote(seconds=2)])
    assert saved.newest == [quote(seconds=1)]
    assert len(history()) == 2
    assert store.latest(None, "live") == {"AAPL": quote(seconds=1)}


def test_markets_do_not_mix() -> None:
    store.save_quotes([quote(price=1.0)], "live")
    store.save_quotes([quote(seconds=1, vendor="simulated", price=2.0, simulated=True)], "simulated")
    assert [one.price for one in history()] == [1.0]
    assert store.latest(["AAPL"], "live")["AAPL"].price == 1.0
    assert store.latest(["AAPL"], "simulated")["AAPL"].price == 2.0


def test_nothing_to_store_is_no_error() -> None:
    assert store.save_quotes([], "live") == []
    assert store.latest([], "live") == {}


@pytest.fixture
def no_partitions() -> None:
    """Tests that commit leave theirs behind."""
    store.drop_partitions(date.max)


@pytest.mark.usefixtures("no_partitions")
def test_a_day_gets_its_partition_when_its_first_quote_comes() -> None:
    recorded = datetime(2013, 10, 4, 13, 30, tzinfo=UTC)
    assert date(2013, 10, 4) not in store.partition_days()
    store.save_quotes([quote(as_of=recorded), quote(as_of=recorded + timedelta(days=3))], "recorded")
    assert store.partition_days() == [date(2013, 10, 4), date(2013, 10, 7)]


@pytest.mark.usefixtures("no_partitions")
def test_partitions_are_made_ahead_and_twice_is_no_harm() -> None:
    for _ in range(2):
        store.ensure_partitions(date(2024, 1, 30), date(2024, 2, 2))
    assert store.partition_days() == [date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 2)]


@pytest.mark.usefixtures("no_partitions")
def test_retention_drops_old_days_but_never_recorded_rows() -> None:
    old, day = NOON - timedelta(days=400), timedelta(days=1)
    store.save_quotes([quote(as_of=old), quote(as_of=NOON)], "live")
    store.save_quotes([quote(as_of=old + day, vendor="recorded")], "recorded")
    store.save_quotes([quote(as_of=old + day, vendor="simulated")], "simulated")
    assert store.drop_partitions(NOON.date()) == [old.date()]
    assert store.partition_days() == [(old + day).date(), NOON.date()]
    assert store.quotes("AAPL", old, NOON, "simulated") == []
    assert len(store.quotes("AAPL", old, NOON, "recorded")) == 1


def test_one_symbols_history_is_read_by_index() -> None:
    store.save_quotes([quote(f"S{i}", seconds=j) for i in range(60) for j in range(60)], "live")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE quote")
        cursor.execute("EXPLAIN SELECT * FROM quote WHERE symbol = 'S7' AND as_of >= %s", [NOON])
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute(
            "SELECT amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam"
            " WHERE relname = 'quote_20240116_as_of_market_idx'"
        )
        assert cursor.fetchall() == [("brin",)]
    assert "quote_20240116_pkey" in plan


numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
times = st.datetimes(datetime(2024, 1, 15), datetime(2024, 1, 17), timezones=st.just(UTC))  # noqa: DTZ001
any_quote = st.builds(
    Quote, symbol=st.sampled_from(["AAPL", "BRK.B", "^GSPC"]), vendor=st.sampled_from(["yahoo", "ib"]), as_of=times,
    received_at=times, quote_as_of=st.none() | times, ext_as_of=st.none() | times,
    currency=st.none() | words, feed=st.none() | words,
    session=st.sampled_from(Session), delayed_by=st.none() | st.integers(0, 2**31 - 1), simulated=st.booleans(),
    flags=st.frozensets(words, max_size=3),
    **dict.fromkeys(
        ["price", "bid", "ask", "bid_size", "ask_size", "open", "high", "low", "previous_close", "volume", "ext_price"],
        numbers,
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_quote, max_size=8))
def test_any_quote_survives_the_round_trip(values: list[Quote]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE quote, latest")
    saved = store.save_quotes(values, "live")
    keys = {(one.symbol, one.as_of, one.vendor): one for one in reversed(values)}
    assert {(one.symbol, one.as_of, one.vendor): one for one in saved} == keys
    span = (NOON - 48 * HOUR, NOON + 48 * HOUR)
    found = [one for symbol in ("AAPL", "BRK.B", "^GSPC") for one in store.quotes(symbol, *span, "live")]
    assert sorted(found, key=repr) == sorted(keys.values(), key=repr)


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_store_each_row_once() -> None:
    batch = [quote(f"S{i}", seconds=i % 7, as_of=NOON - 90 * HOUR + timedelta(seconds=i)) for i in range(400)]
    news: list[int] = []

    def write(rows: list[Quote]) -> None:
        try:
            news.extend(len(store.save_quotes(rows[i : i + 50], "live")) for i in range(0, 400, 50))
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(rows,)) for rows in (batch, batch[::-1], batch)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(news) == 400
    assert store.latest(None, "live") == {one.symbol: one for one in batch}


def test_an_infinite_number_is_kept_as_it_is_and_nan_is_absent() -> None:
    store.save_quotes([replace(quote(), price=float("inf"), bid=float("nan"))], "live")
    assert (history()[0].price, history()[0].bid) == (float("inf"), None)
