"""A client that does not read costs nothing and delays nobody; what must not be lost is not."""

import asyncio
import socket

import pytest

from marketdata.live.hub import hub
from marketdata.live.outbox import Message, Outbox
from marketdata.live.problems import LATE
from marketdata.tests.live_server import announce, announce_events, joined, peer, quote, serving, signal, until

pytestmark = pytest.mark.usefixtures("simulated_market")
REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def never_reads(url: str, path: str) -> socket.socket:
    """A socket that was opened and is then left alone."""
    host, port = url.removeprefix("ws://").split(":")
    raw = socket.socket()
    raw.setblocking(False)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (host, int(port)))
    await loop.sock_sendall(raw, REQUEST.format(path=path, host=f"{host}:{port}").encode())
    return raw


def test_outbox_keeps_the_newest_of_a_topic_and_everything_else() -> None:
    box = Outbox()
    told = [box.add(Message("a", b"1", True)), box.add(Message("s", b"2")), box.add(Message("a", b"3", True))]
    assert told == [False, False, True]
    assert [message.text for message in box.take()] == [b"2", b"3"]
    assert not box


def test_outbox_is_full_of_what_must_not_be_lost_only() -> None:
    box = Outbox()
    for number in range(2000):
        box.add(Message(f"market_data:{number}", b"", True))
    assert not box.full
    for _ in range(Outbox.LARGEST + 1):
        box.add(Message("signals", b""))
    assert box.full


async def test_client_that_never_reads_delays_nobody_and_misses_only_old_quotes() -> None:
    async with serving() as url, peer(f"{url}/ws/market/AAPL") as alice:
        raw = await never_reads(url, "/ws/market/AAPL")
        await joined(2)
        slow = next(client for client in hub().clients.values() if client.id == max(hub().clients))
        sent = 0
        while not slow.waiting:
            await announce(*[quote("AAPL", float(sent + number)) for number in range(1, 201)])
            sent += 200
            for _ in range(200):
                last = await alice.hear()
            assert last["data"]["price"] == sent
        await announce(*[quote("AAPL", 1.0)] * 100)
        assert [(await alice.hear())["seq"] for _ in range(100)][-1] == sent + 100
        assert len(slow.waiting) == 1
        assert slow.delivered + slow.dropped + 1 == sent + 100
        raw.close()
        await until(lambda: len(hub().connections()) == 1)


async def test_slow_reader_catches_up_with_the_newest_quote() -> None:
    async with serving() as url:
        raw = await never_reads(url, "/ws/market/AAPL")
        await joined(1)
        (slow,) = hub().clients.values()
        price = 0.0
        while len(slow.waiting) == 0:
            price += 1
            await announce(*[quote("AAPL", price)] * 500)
        loop, tail = asyncio.get_running_loop(), b""
        async with asyncio.timeout(30):
            while slow.waiting or b'"seq":%d}' % (500 * int(price)) not in tail:
                tail = tail[-2000:] + await loop.sock_recv(raw, 1 << 20)
        raw.close()


async def test_signals_are_never_skipped_the_slow_reader_is_sent_away() -> None:
    async with serving() as url:
        raw = await never_reads(url, "/ws/signals")
        await joined(1)
        (slow,) = hub().clients.values()
        number = 0
        while slow.ended is None:
            await announce_events(*[signal(number + more) for more in range(500)])
            number += 500
            assert len(slow.waiting) <= Outbox.LARGEST + 500
        assert slow.ended == LATE
        assert slow.dropped == 0
        raw.close()
        await until(lambda: not hub().connections())
