"""Newcomers, resumption and lost messages: no hole and no duplicate, or it is said."""

import asyncio
from typing import Any

import pytest

from marketdata.live import hub as hubs
from marketdata.live import rounds
from marketdata.live.board import Board, Row
from marketdata.live.hub import hub
from marketdata.live.publish import forget, retained
from marketdata.tests.live_server import (
    Peer,
    announce,
    announce_events,
    joined,
    peer,
    quote,
    serving,
    signal,
    subscription,
    until,
)

pytestmark = pytest.mark.usefixtures("simulated_market")


async def test_missed_signals_are_replayed_and_it_is_told() -> None:
    async with serving() as url:
        async with peer(f"{url}/ws/signals") as alice:
            await joined(1)
            await announce_events(signal(1))
            first = await alice.hear()
        await announce_events(signal(2), signal(3))
        async with peer(f"{url}/ws") as alice:
            await alice.say(
                subscription(channel="signals", resume={"signals": first["seq"]}, epoch=first["epoch"], id=1)
            )
            resumed, *missed, ack = [await alice.hear() for _ in range(4)]
            await announce_events(signal(4))
            latest = await alice.hear()
    assert (resumed["type"], resumed["recovered"], resumed["seq"]) == ("resumed", True, 3)
    assert [one["data"]["signal_id"] for one in missed] == ["sig-2", "sig-3"]
    assert ack["data"]["topics"][0]["recovered"] is True
    assert latest["seq"] == 4


@pytest.mark.parametrize(("seq", "epoch"), [(1, "another"), (99, None)])
async def test_what_cannot_be_resumed_is_told(seq: int, epoch: str | None) -> None:
    await announce_events(signal(1), signal(2))
    async with serving() as url, peer(f"{url}/ws") as alice:
        more = {} if epoch is None else {"epoch": epoch}
        await alice.say(subscription(channel="signals", resume={"signals": seq}, id=1, **more))
        assert (await alice.hear())["recovered"] is False
        assert (await alice.hear())["type"] == "ack"


async def test_quotes_resume_by_the_snapshot_that_replaces_them() -> None:
    await announce(quote("AAPL", 1.0), quote("AAPL", 2.0), quote("AAPL", 3.0))
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("AAPL", resume={"market_data:AAPL": 1}))
        assert (await alice.hear())["recovered"] is True
        assert (await alice.hear())["data"]["price"] == 3.0


async def test_newcomers_during_a_stream_see_no_hole() -> None:
    async with serving() as url:
        publishing = asyncio.ensure_future(stream_quotes(300))
        ledgers = await asyncio.gather(*[ledger(url, 300) for _ in range(15)])
        await publishing
    for seqs in ledgers:
        assert seqs == list(range(seqs[0], 301))


async def stream_quotes(count: int) -> None:
    await until(lambda: bool(hub().connections()))
    for number in range(count):
        await announce(quote("SPY", float(number + 1)))


async def ledger(url: str, last: int) -> list[int]:
    """Connect at some moment and note the numbers from the snapshot to the last."""
    async with peer(f"{url}/ws/market/SPY") as one:
        return await numbers(one, last)


async def numbers(one: Peer, last: int) -> list[int]:
    seqs: list[int] = []
    while not seqs or seqs[-1] < last:
        seqs.append((await one.hear())["seq"])
    return seqs


async def test_cut_subscription_comes_back_with_what_was_lost(redis_connection: Any) -> None:
    async with serving() as url, peer(f"{url}/ws/market/AAPL") as alice, peer(f"{url}/ws/signals") as bob:
        await joined(2)
        await announce_events(signal(1))
        await bob.hear()
        redis_connection.client_kill_filter(_type="pubsub")
        await announce(quote("AAPL", 1.0))
        await announce_events(signal(2), signal(3))
        assert (await alice.hear())["data"]["price"] == 1.0
        assert [(await bob.hear())["seq"] for _ in range(2)] == [2, 3]


async def test_emptied_redis_starts_a_new_epoch_for_those_who_stayed(redis_connection: Any) -> None:
    async with serving() as url, peer(f"{url}/ws/market/AAPL") as alice:
        await joined(1)
        await announce(quote("AAPL", 1.0), quote("AAPL", 2.0))
        old = [await alice.hear() for _ in range(2)][-1]
        redis_connection.flushall()
        await announce(quote("AAPL", 3.0))
        new = await alice.hear()
    assert new["epoch"] != old["epoch"]
    assert (new["seq"], new["data"]["price"]) == (1, 3.0)


async def test_forgotten_market_leaves_nothing_to_newcomers() -> None:
    await announce(quote("AAPL", 1.0))
    await asyncio.to_thread(forget)
    assert await asyncio.to_thread(retained, ["AAPL"]) == {}
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("AAPL", id=1))
        assert (await alice.hear())["type"] == "ack"


async def test_retained_messages_are_what_was_announced() -> None:
    await announce(quote("AAPL", 1.0), quote("MSFT", 2.0), quote("AAPL", 3.0))
    found = await asyncio.to_thread(retained, ["AAPL", "MSFT", "NONE"])
    assert {key: b'"price":3.0' in text for key, text in found.items()} == {"AAPL": True, "MSFT": False}


def test_lost_message_is_looked_for_long_after_it_could_have_come() -> None:
    assert hubs.ON_THE_WAY < rounds.CHECK_EVERY < rounds.MUTE_AFTER


def test_board_passes_nothing_twice_and_stops_at_a_hole() -> None:
    board = Board()
    board.enter("e", ["signals"])
    rows = [Row("signals", seq, False, b"%d" % seq) for seq in (1, 1, 3, 4)]
    fresh, holes = board.accept(rows)
    assert ([one.text for one in fresh], holes) == ([b"1"], {"signals"})
    fresh, holes = board.accept([Row("signals", 2, False, b"2"), *rows])
    assert ([one.text for one in fresh], holes) == ([b"2", b"3", b"4"], set())


def test_older_quote_never_replaces_a_newer_one() -> None:
    board = Board()
    board.enter("e", [])
    fresh, _ = board.accept([Row("market_data:A", seq, True, b"%d" % seq) for seq in (5, 4, 9)])
    assert [one.text for one in fresh] == [b"5", b"9"]
    assert board["market_data:A"] == (9, b"9")
