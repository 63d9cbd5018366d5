"""Signals and the roll call on real sockets: none is missed, and each keeps to the contract."""

from typing import Any

import pytest
from channels.db import database_sync_to_async

from marketdata.live import answering
from marketdata.tests.live_contract import document
from marketdata.tests.live_server import announce_events, joined, peer, serving, subscription
from signals import issue, roll_call, store, wire
from signals.tests.shown import MARKET, proven
from signals.tests.values import decision

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


async def test_the_roll_call_is_that_of_rest() -> None:
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say({"type": "request", "id": "who", "data": {"action": "agent_status"}})
        answer = await alice.hear()
    assert (answer["type"], answer["id"]) == ("agent_status", "who")
    assert answer["data"] == await database_sync_to_async(roll_call.said)()
    assert "rsi_reversal" in {one["agent"] for one in answer["data"]["agents"]}


def test_the_document_names_every_key() -> None:
    data = document()["components"]["schemas"]["signal"]["properties"]["data"]
    assert set(data["required"]) == set(data["properties"]) == wire.signal(proven()).keys()
