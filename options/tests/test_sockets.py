"""Chains and alerts on real sockets: a newcomer sees the last chain first, and misses no alert."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import Client

from marketdata.tests.live_contract import document
from marketdata.tests.live_server import announce_events, joined, peer, serving, subscription
from options import ingest, store, verdicts, wire
from options.domain import Verdict
from options.tests.shown import alert, analysis
from options.tests.vendor_chains import answer, next_day, symbol

# Sockets read the database from other threads.
pytestmark = pytest.mark.usefixtures("transactional_db", "simulated_market")


async def test_a_newcomer_sees_the_last_chain_first_and_then_the_new_ones() -> None:
    await announce_events(wire.summary_event(analysis(iv30=0.2).summary), wire.summary_event(analysis().summary))
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("AAPL", channel="options", id=1))
        snapshot, ack = await alice.hear(), await alice.hear()
        await announce_events(wire.summary_event(analysis(iv30=0.4).summary))
        update = await alice.hear()
    assert (snapshot["type"], snapshot["snapshot"], snapshot["seq"], snapshot["data"]["iv30"]) == (
        "options",
        True,
        2,
        0.3,
    )
    assert ack["data"]["topics"] == [
        {"topic": "options:AAPL", "epoch": snapshot["epoch"], "seq": 2, "snapshot": True}
    ]  # fmt: skip
    assert (update["seq"], update["data"]["iv30"], "snapshot" in update) == (3, 0.4, False)


async def test_quotes_and_chains_of_a_symbol_do_not_stand_in_for_each_other() -> None:
    await announce_events(wire.summary_event(analysis().summary))
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("AAPL", id=1), subscription("MSFT", channel="options", id=2))
        acks = [await alice.hear(), await alice.hear()]
    assert [(one["type"], one["data"]["topics"][0]["snapshot"]) for one in acks] == [("ack", False), ("ack", False)]


async def test_a_listener_has_its_chain_polled_and_not_its_topic(redis_connection: Any) -> None:
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("RARE", channel="options", id=1))
        await alice.hear("ack")
    assert redis_connection.zrange("gs:wanted:options", 0, -1) == [b"RARE"]
    assert redis_connection.zrange("gs:wanted", 0, -1) == []


async def test_missed_alerts_are_resumed_even_if_redis_was_emptied(redis_connection: Any) -> None:
    now = datetime.now(UTC)
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription(channel="alerts"))
        await joined(1)
        await announce_events(wire.alert_event(alert(1), now))
        first = await alice.hear()
    await announce_events(wire.alert_event(alert(2), now))
    redis_connection.flushall()
    await announce_events(wire.alert_event(alert(3), now))
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription(channel="alerts", resume={"alerts": first["seq"]}, epoch=first["epoch"]))
        resumed, *missed = [await alice.hear() for _ in range(3)]
    assert first["data"] == wire.alert(alert(1))
    assert resumed["recovered"] is True
    assert [one["data"]["alert_id"] for one in missed] == [alert(2).id, alert(3).id]


async def test_a_verdict_is_told_once_after_its_alert_and_stands_in_rest(settings: Any, client: Client) -> None:
    settings.MARKET = "live"
    async with serving() as url, peer(f"{url}/ws") as alice, peer(f"{url}/ws") as bob:
        await alice.say(subscription(channel="verdicts"))
        await bob.say(subscription(channel="alerts"))
        await joined(2)
        (raised,) = (await database_sync_to_async(take_in)()).alerts
        assert (await bob.hear())["data"]["alert_id"] == raised.id
        await database_sync_to_async(take_in)(1, 0.0, 3900.0)
        await database_sync_to_async(take_in)(1, 30.0, 3900.0)
        for _ in range(2):
            await database_sync_to_async(verdicts.confirm)("live", next_day().date())
            await database_sync_to_async(ingest.tell)("live")
        heard = await alice.hear()
    assert (heard["type"], heard["topic"], heard["seq"]) == ("verdict", "verdicts", 1)
    assert (heard["data"]["alert_id"], heard["data"]["verdict"], heard["data"]["change"]) == (raised.id, "opened", 3800)
    said = await database_sync_to_async(client.get)("/api/v1/alerts?symbol=TEST")
    assert said.json()["results"] == [heard["data"]]
    assert await database_sync_to_async(store.untold_verdicts)("live") == []


def take_in(days: int = 0, minutes: float = 0.0, interest: float = 100.0) -> ingest.Ingested:
    """A chain of which one contract has unusual trading on its first day, and this open interest."""
    volume = 0.0 if days else 4000.0
    changed = {symbol(105.0): {"volume": volume, "open_interest": interest}}
    return ingest.chain(answer(next_day(days, minutes), changed=changed))


async def test_missed_verdicts_are_resumed_even_if_redis_was_emptied(redis_connection: Any) -> None:
    judged = [replace(alert(one), verdict=Verdict.OPENED) for one in (1, 2, 3)]
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription(channel="verdicts"))
        await joined(1)
        await announce_events(wire.verdict_event(judged[0]))
        first = await alice.hear()
    await announce_events(wire.verdict_event(judged[1]))
    redis_connection.flushall()
    await announce_events(wire.verdict_event(judged[2]))
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription(channel="verdicts", resume={"verdicts": first["seq"]}, epoch=first["epoch"]))
        resumed, *missed = [await alice.hear() for _ in range(3)]
    assert resumed["recovered"] is True
    assert [one["data"] for one in missed] == [wire.alert(one) for one in judged[1:]]


async def test_an_unknown_underlying_of_a_live_market_is_an_error(settings: Any, redis_connection: Any) -> None:
    settings.MARKET = "live"
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("ZZQX", channel="options", id=1))
        assert (await alice.hear())["code"] == "unknown_symbol"
    assert not redis_connection.exists("gs:wanted:options")


@pytest.mark.parametrize(
    ("name", "said"), [("options", wire.summary(analysis().summary)), ("alert", wire.alert(alert()))]
)
def test_the_document_names_every_key(name: str, said: dict[str, Any]) -> None:
    data = document()["components"]["schemas"][name]["properties"]["data"]
    assert set(data["required"]) == set(data["properties"]) == said.keys()
