"""What Redis has forgotten is resumed from Postgres, or it is said that it cannot be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async

from marketdata import store, tasks
from marketdata.live.events import Event
from marketdata.live.replay import is_whole
from marketdata.models import Announcement
from marketdata.store import Announced
from marketdata.tests.live_server import announce, announce_events, peer, quote, serving, signal, subscription

simulated = pytest.mark.usefixtures("simulated_market")
LONG_AGO = "20200101T000000000000-00000000"


def of_market(number: int, market: str) -> Event:
    """A signal that says which market it is of."""
    first = signal(number)
    return Event(
        topic=first.topic, type=first.type, data={**first.data, "market": market}, timestamp=first.timestamp,
        conflates=False,
    )  # fmt: skip


async def resumed(seq: int, epoch: str | None = None) -> tuple[bool, list[str], dict[str, Any]]:
    """Whether a client that comes back with this number is told that all is there, what it gets, and its ack."""
    more = {} if epoch is None else {"epoch": epoch}
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription(channel="signals", resume={"signals": seq}, id=1, **more))
        first, *missed = [await alice.hear()]
        while (heard := await alice.hear())["type"] != "ack":
            missed.append(heard)
    return first["recovered"], [one["data"]["signal_id"] for one in missed], heard["data"]["topics"][0]


async def epoch_of(redis: Any) -> str:
    return redis.get("gs:epoch").decode()


@simulated
async def test_an_emptied_redis_loses_no_signal(redis_connection: Any) -> None:
    await announce_events(signal(1), signal(2), signal(3))
    old = await epoch_of(redis_connection)
    redis_connection.flushall()
    await announce_events(signal(4))
    recovered, missed, ack = await resumed(1, old)
    assert (recovered, missed) == (True, ["sig-2", "sig-3", "sig-4"])
    assert (ack["seq"], ack["epoch"]) == (1, await epoch_of(redis_connection))
    assert (await resumed(0, old))[:2] == (True, ["sig-1", "sig-2", "sig-3", "sig-4"])


@simulated
async def test_an_emptied_redis_in_which_nothing_was_said_yet(redis_connection: Any) -> None:
    await announce_events(signal(1), signal(2))
    old = await epoch_of(redis_connection)
    redis_connection.flushall()
    assert (await resumed(1, old))[:2] == (True, ["sig-2"])
    assert (await resumed(2, old))[:2] == (True, [])


@simulated
async def test_a_stream_that_redis_has_trimmed_is_filled_from_the_database(redis_connection: Any) -> None:
    await announce_events(signal(1), signal(2))
    epoch = await epoch_of(redis_connection)
    redis_connection.delete(f"gs:stream:{epoch}:signals")
    await announce_events(signal(3))
    assert (await resumed(0, epoch))[:2] == (True, ["sig-1", "sig-2", "sig-3"])


@simulated
async def test_what_nobody_keeps_any_more_is_told(redis_connection: Any) -> None:
    await announce_events(signal(1), signal(2))
    old = await epoch_of(redis_connection)
    redis_connection.flushall()
    assert await database_sync_to_async(store.drop_announced)(datetime.now(UTC)) == 2
    await announce_events(signal(3))
    assert (await resumed(1, old))[:2] == (False, [])


@simulated
async def test_signals_of_another_market_are_not_replayed(redis_connection: Any) -> None:
    await announce_events(signal(1), of_market(2, "live"), of_market(3, "simulated"))
    old = await epoch_of(redis_connection)
    redis_connection.flushall()
    assert (await resumed(1, old))[:2] == (True, ["sig-3"])


@pytest.mark.parametrize("epoch", [LONG_AGO, "another", "20991231T000000000000-00000000", "%' OR 1=1"])
@simulated
async def test_an_epoch_that_nobody_knows_is_told(epoch: str) -> None:
    await announce_events(signal(1))
    assert (await resumed(0, epoch))[:2] == (False, [])


@simulated
async def test_only_what_must_not_be_lost_is_kept() -> None:
    await announce(quote("AAPL", 1.0))
    await announce_events(signal(1))
    kept = await database_sync_to_async(store.announced)("signals", ("", 0), ("A", 0), 9)
    assert [(one.seq, one.market, '"sig-1"' in one.text) for one in kept] == [(1, "simulated", True)]
    assert await database_sync_to_async(store.announced)("market_data:AAPL", ("", 0), ("A", 0), 9) == []
    again = datetime.now(UTC) - timedelta(days=1)
    await database_sync_to_async(store.save_announced)(kept)
    assert await database_sync_to_async(store.drop_announced)(again) == 0
    assert len(await database_sync_to_async(store.announced)("signals", ("", 0), ("A", 0), 9)) == 1


@pytest.mark.parametrize(
    ("found", "since", "whole"),
    [
        ([("a", 1), ("a", 2), ("b", 1)], 1, True),
        ([("a", 1), ("a", 2), ("b", 1)], 0, True),
        ([], 0, True),
        ([("b", 1), ("b", 2)], 0, True),
        ([], 1, False),
        ([("b", 1)], 1, False),
        ([("a", 2)], 1, False),
        ([("a", 2)], 0, False),
        ([("a", 1), ("a", 3)], 1, False),
        ([("a", 1), ("b", 2)], 1, False),
    ],
)
def test_a_hole_in_the_numbers_is_seen(found: list[tuple[str, int]], since: int, whole: bool) -> None:
    rows = [Announced("signals", epoch, seq, "", "") for epoch, seq in found]
    assert is_whole(rows, "a", since) is whole


def test_what_was_announced_is_forgotten_after_a_week(db: None) -> None:
    store.save_announced([Announced("signals", "e", seq, "", "{}") for seq in (1, 2)])
    Announcement.objects.filter(seq=1).update(at=datetime.now(UTC) - timedelta(days=8))
    tasks.retention()
    assert [one.seq for one in store.announced("signals", ("", 0), ("z", 0), 9)] == [2]
