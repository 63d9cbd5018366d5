"""A vendor's answer on its way in: stored whole, shown once, and none of it lost to what cannot be read."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
import numpy as np
import pytest
import redis
from django.conf import LazySettings
from django.db import connection

from marketdata import counters
from marketdata import store as market_store
from marketdata.live import topics
from marketdata.live.retained import retained
from marketdata.tests.values import quote as stock_quote
from options import ingest, store
from options.rules import BUILT_IN, Demand, RuleSet
from options.tests.chains import NOON
from options.tests.vendor_chains import FAR, NEAR, answer, next_day, symbol

pytestmark = pytest.mark.django_db
shows = pytest.mark.django_db(transaction=True)
"""What is shown is shown when it is committed."""
BLOCK = symbol(105.0)
UNUSUAL = {BLOCK: {"volume": 4000.0, "open_interest": 100.0}}


@pytest.fixture(autouse=True)
def live(settings: LazySettings) -> None:
    settings.MARKET = "live"


def told(connection: redis.Redis) -> list[dict[str, object]]:
    """The alerts that went to the sockets."""
    epoch = connection.get(topics.EPOCH)
    if epoch is None:
        return []
    rows = connection.xrange(f"{topics.STREAM}{epoch.decode()}:{topics.ALERTS}")
    return [msgspec.json.decode(row[b"t"])["data"] for _, row in rows]


@shows
def test_a_chain_is_stored_summarised_and_shown(redis_connection: redis.Redis) -> None:
    found = ingest.chain(answer(changed=UNUSUAL))
    summary = found.analysis.summary
    assert (summary.contracts, summary.expiries, summary.spot) == (16, 2, 100.0)
    assert summary == store.summary("TEST", "live")
    shown = msgspec.json.decode(retained([topics.options("TEST")])[topics.options("TEST")])
    assert (shown["type"], shown["data"]["symbol"], shown["data"]["contracts"]) == ("options", "TEST", 16)
    assert [one["contract"] for one in told(redis_connection)] == [BLOCK]
    assert counters.read()["contracts_fetched"] == 16


@shows
def test_what_redis_has_lost_is_shown_again_from_postgres(redis_connection: redis.Redis) -> None:
    """A closed market tells nothing new; its last chain is there all the same, with its time."""
    key = topics.options("TEST")
    ingest.chain(answer(changed=UNUSUAL))
    kept = msgspec.json.decode(retained([key])[key])["data"]
    redis_connection.flushdb()
    ingest.show_forgotten(["TEST", "NEVER"], "recorded")
    assert retained([key]) == {}
    ingest.show_forgotten(["TEST", "NEVER"], "live")
    assert msgspec.json.decode(retained([key])[key])["data"] == kept
    before = redis_connection.hgetall(topics.SEQUENCE)
    ingest.show_forgotten(["TEST", "NEVER"], "live")
    assert redis_connection.hgetall(topics.SEQUENCE) == before
    assert told(redis_connection) == []


@shows
def test_what_a_recording_has_not_played_yet_is_not_shown(
    settings: LazySettings, redis_connection: redis.Redis
) -> None:
    settings.MARKET = "recorded"
    ingest.chain(answer(), whole=True)
    shown = []
    for minutes in (-1, 0):
        redis_connection.set(topics.POSITION, next_day(0, minutes).isoformat())
        ingest.show_forgotten(["TEST"], "recorded")
        shown.append(list(retained([topics.options("TEST")])))
    assert shown == [[], [topics.options("TEST")]]


@shows
def test_the_same_answer_twice_changes_nothing(redis_connection: redis.Redis) -> None:
    ingest.chain(answer(changed=UNUSUAL))
    before = store.fingerprint("TEST", "live")
    again = ingest.chain(answer(changed=UNUSUAL))
    assert (again.alerts, again.saved) == ((), store.Saved(0, False, ()))
    assert store.fingerprint("TEST", "live") == before
    assert len(told(redis_connection)) == 1


def test_a_part_of_the_chain_leaves_the_rest_as_it_was() -> None:
    ingest.chain(answer(volume=100.0))
    found = ingest.chain(answer(next_day(0, 1), [NEAR], volume=150.0))
    assert len(found.analysis.chain) == 16
    assert found.analysis.summary.oldest_at == NOON
    assert {one.expiry: one.taken_at for one in found.analysis.slices} == {NEAR: next_day(0, 1), FAR: NOON}
    assert found.analysis.summary.call_volume == 4 * 150.0 + 4 * 100.0
    assert store.latest("TEST", "live").summary == found.analysis.summary


def test_nan_none_and_zero_open_interest_are_three_things_and_lose_no_other_row() -> None:
    odd = {
        symbol(90.0): {"open_interest": float("nan"), "volume": 4000.0},
        symbol(95.0): {"open_interest": None, "volume": 4000.0},
        symbol(100.0): {"open_interest": 0.0, "volume": 4000.0},
        symbol(105.0): {"open_interest": -5.0, "volume": 4000.0},
    }
    store.save_rule(replace(BUILT_IN[1], enabled=True))
    found = ingest.chain(answer(changed=odd))
    chain = store.latest("TEST", "live").chain
    interest = dict(zip(chain.symbol.tolist(), chain.open_interest.tolist(), strict=True))
    assert len(chain) == 15
    assert store.rejects("TEST", "live", chain.session) == [f"{BLOCK}: open_interest is -5"]
    assert np.isnan(interest[symbol(90.0)])
    assert np.isnan(interest[symbol(95.0)])
    assert interest[symbol(100.0)] == 0.0
    assert found.analysis.summary.call_oi == 500.0 * 4
    first = {one.symbol: one for one in found.alerts if one.rule == "first_version"}
    assert set(first) == {symbol(100.0)}
    assert first[symbol(100.0)].conditions[0].name == "new strike"


@shows
def test_of_all_rules_together_five_are_told_and_each_keeps_its_own_list(redis_connection: redis.Redis) -> None:
    store.save_rule(RuleSet("busy", 1, "", (Demand("volume", ">", 1000),), enabled=True))
    busy = {symbol(strike, FAR, side): {"volume": 2000.0} for strike in (90.0, 95.0, 100.0) for side in "CP"}
    first = ingest.chain(answer(changed=busy | UNUSUAL))
    second = ingest.chain(answer(next_day(0, 1), changed={symbol(105.0, FAR, "P"): {"volume": 9000.0}}))
    rules = [one.rule for one in store.alerts("live", symbol="TEST")]
    assert len(first.alerts) == rules.count("busy") + rules.count("score") - len(second.alerts)
    assert rules.count("busy") == 5
    assert rules.count("score") <= 5
    contracts = [one["contract"] for one in told(redis_connection)]
    assert len(contracts) == len(set(contracts)) == 5


@shows
def test_an_alert_stored_but_not_told_is_told_later(redis_connection: redis.Redis) -> None:
    ingest.chain(answer(changed=UNUSUAL))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE option_alert SET announced_at = NULL")
    redis_connection.flushall()
    ingest.chain(answer(next_day(0, 1), [NEAR]))
    assert [one["contract"] for one in told(redis_connection)] == [BLOCK]
    assert ingest.tell("live") == 0


@shows
def test_two_at_once_raise_each_alert_once() -> None:
    def take_in(_: int) -> int:
        try:
            return len(ingest.chain(answer(changed=UNUSUAL)).alerts)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(take_in, range(3))) == [0, 0, 1]
    assert len(store.alerts("live")) == 1


def test_a_chain_of_the_night_raises_nothing_and_belongs_to_the_session_before() -> None:
    night = datetime(2024, 1, 17, 3, 0, tzinfo=UTC)
    found = ingest.chain(answer(night, changed={BLOCK: UNUSUAL[BLOCK] | {"last_as_of": NOON}}))
    assert found.alerts == ()
    assert found.analysis.chain.session == date(2024, 1, 16)
    assert found.analysis.chain.taken_at == datetime(2024, 1, 16, 21, 0, tzinfo=UTC)


def test_an_answer_of_nothing_usable_leaves_all_as_it_was(redis_connection: redis.Redis) -> None:
    ingest.chain(answer())
    before = store.latest("TEST", "live").summary
    found = ingest.chain(answer(next_day(0, 1), [date(2023, 1, 20)], changed={}, bid=1.0, ask=2.0))
    assert (len(found.analysis.chain), found.saved.parts) == (0, 0)
    assert store.latest("TEST", "live").summary == before


@shows
def test_parts_of_one_moment_are_summarised_together(redis_connection: redis.Redis) -> None:
    """A closed market: each part that comes holds for the close."""
    night = datetime(2024, 1, 17, 3, 0, tzinfo=UTC)
    for expiries, contracts in (([NEAR], 8), ([FAR], 16), ([NEAR], 16)):
        found = ingest.chain(answer(night, expiries))
        assert found.analysis.summary.contracts == contracts
        assert store.summary("TEST", "live").contracts == contracts
    assert len(store.summaries("TEST", "live")) == 1
    shown = msgspec.json.decode(retained([topics.options("TEST")])[topics.options("TEST")])
    assert shown["data"]["contracts"] == 16


def test_the_spot_is_the_latest_quote_or_what_came_with_the_chain() -> None:
    assert ingest.chain(answer()).analysis.chain.spot == 100.0
    market_store.save_quotes([stock_quote("TEST", 60, price=101.5)], "live")
    assert ingest.chain(answer(next_day(0, 2))).analysis.chain.spot == 101.5
    assert ingest.chain(answer(next_day(0, 30))).analysis.chain.spot == 100.0


def test_a_file_of_the_past_is_no_news(redis_connection: redis.Redis) -> None:
    ingest.chain(answer(), market="recorded")
    found = ingest.chain(
        answer(next_day(), [NEAR], changed={symbol(105.0, NEAR): UNUSUAL[BLOCK]}), market="recorded", whole=True,
        session=date(2024, 1, 17), taken_at=next_day(),
    )  # fmt: skip
    assert len(found.analysis.chain) == 8
    assert len(found.alerts) == 1
    assert told(redis_connection) == []
    assert redis_connection.get(topics.EPOCH) is None


def test_memory_of_earlier_sessions_is_what_a_surprise_is_held_against() -> None:
    for day in range(2):
        ingest.chain(answer(next_day(day), changed=UNUSUAL))
    first, second = sorted(store.alerts("live"), key=lambda one: one.session)
    assert (first.expected_volume, second.expected_volume) == (pytest.approx(10.0, abs=5), 4000.0)
    assert first.score > second.score
