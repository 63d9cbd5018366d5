"""Signals and the roll call on real sockets: none is missed, and each keeps to the contract."""

from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import Client

from marketdata import cache
from marketdata.live import answering
from marketdata.tests.live_contract import document
from marketdata.tests.live_server import announce_events, joined, peer, serving, subscription
from signals import issue, roll_call, store, wire
from signals.tests.shown import MARKET, proven
from signals.tests.values import CLOSE, decision, outcome

LATER = CLOSE + timedelta(days=6)
# Sockets read the database from other threads.
pytestmark = pytest.mark.usefixtures("transactional_db", "simulated_market")


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers of other tests are forgotten."""
    monkeypatch.setattr(answering, "_held", {})


async def test_what_is_issued_is_heard_word_for_word_and_stands_in_rest() -> None:
    one = proven()
    async with serving() as url, peer(f"{url}/ws/signals") as alice:
        await joined(1)
        await database_sync_to_async(issue.decisions)([one, decision("SPY", announces=False)], MARKET)
        heard = await alice.hear()
    assert (heard["type"], heard["topic"], heard["seq"]) == ("signal", "signals", 1)
    assert heard["data"] == wire.signal(one)
    assert await database_sync_to_async(store.unannounced)(MARKET) == []


async def test_missed_signals_are_resumed_even_if_redis_was_emptied(redis_connection: Any) -> None:
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription(channel="signals"))
        await joined(1)
        await announce_events(wire.event(decision(days=1)))
        first = await alice.hear()
    await announce_events(wire.event(decision(days=2)))
    redis_connection.flushall()
    await announce_events(wire.event(decision(days=3)))
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription(channel="signals", resume={"signals": first["seq"]}, epoch=first["epoch"]))
        resumed, *missed = [await alice.hear() for _ in range(3)]
    assert resumed["recovered"] is True
    assert [one["data"] for one in missed] == [wire.signal(decision(days=day)) for day in (2, 3)]


async def test_what_became_of_a_signal_is_told_to_whom_the_signal_was(client: Client) -> None:
    told, silent = proven(), decision("SPY", announces=False)
    known = [outcome(told.signal), outcome(silent.signal)]
    await database_sync_to_async(issue.decisions)([told, silent], MARKET)
    async with serving() as url, peer(f"{url}/ws") as alice, peer(f"{url}/ws/signals") as bob:
        await alice.say(subscription(channel="outcomes"))
        await joined(2)
        await database_sync_to_async(issue.outcomes)(known, LATER)
        # Nothing is told twice, and no outcome comes to who asked for signals only.
        await database_sync_to_async(issue.outcomes)(known, LATER)
        await database_sync_to_async(issue.decisions)([proven("MSFT")], MARKET)
        heard, other = await alice.hear(), await bob.hear()
        again = outcome(proven("MSFT").signal)
        await database_sync_to_async(issue.outcomes)([again], LATER)
        later = await alice.hear()
    assert (heard["type"], heard["topic"], heard["seq"], other["type"]) == ("outcome", "outcomes", 1, "signal")
    assert heard["data"] == wire.outcome(known[0])
    assert (later["seq"], later["data"]) == (2, wire.outcome(again))
    said = await database_sync_to_async(client.get)(f"/api/v1/signals/{told.signal.id}")
    assert said.json()["outcome"] == heard["data"]["outcome"]
    assert await database_sync_to_async(store.untold_outcomes)(MARKET) == []


async def test_missed_outcomes_are_resumed_even_if_redis_was_emptied(redis_connection: Any) -> None:
    ends = [outcome(decision(days=day).signal) for day in (1, 2, 3)]
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription(channel="outcomes"))
        await joined(1)
        await announce_events(wire.outcome_event(ends[0]))
        first = await alice.hear()
    await announce_events(wire.outcome_event(ends[1]))
    redis_connection.flushall()
    await announce_events(wire.outcome_event(ends[2]))
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription(channel="outcomes", resume={"outcomes": first["seq"]}, epoch=first["epoch"]))
        resumed, *missed = [await alice.hear() for _ in range(3)]
    assert resumed["recovered"] is True
    assert [one["data"] for one in missed] == [wire.outcome(one) for one in ends[1:]]


def test_an_outcome_that_could_not_be_told_is_told_later(settings: Any) -> None:
    one = proven()
    issue.decisions([one], MARKET)
    there = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    cache.client.cache_clear()
    issue.outcomes([outcome(one.signal)], LATER)
    assert [known.signal for known in store.untold_outcomes(MARKET)] == [one.signal.id]
    settings.REDIS_URL = there
    cache.client.cache_clear()
    assert [issue.announce(MARKET), issue.announce(MARKET)] == [1, 0]


async def test_the_roll_call_is_that_of_rest() -> None:
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say({"type": "request", "id": "who", "data": {"action": "agent_status"}})
        answer = await alice.hear()
    assert (answer["type"], answer["id"]) == ("agent_status", "who")
    assert answer["data"] == await database_sync_to_async(roll_call.said)()
    assert "rsi_reversal" in {one["agent"] for one in answer["data"]["agents"]}


@pytest.mark.parametrize(
    ("name", "said"), [("signal", wire.signal(proven())), ("outcome", wire.outcome(outcome(proven().signal)))]
)
def test_the_document_names_every_key(name: str, said: dict[str, Any]) -> None:
    data = document()["components"]["schemas"][name]["properties"]["data"]
    assert set(data["required"]) == set(data["properties"]) == said.keys()
