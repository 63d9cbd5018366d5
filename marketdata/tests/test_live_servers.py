"""Every way to serve a socket: with prepared frames, compressed, by uvicorn's own protocol, by Daphne."""

import asyncio
import json
import os
import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from marketdata.live.hub import hub
from marketdata.live.pipes import PlainPipe, PreparedPipe
from marketdata.tests.live_server import (
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
from marketdata.tests.test_live_slow import never_reads

pytestmark = pytest.mark.usefixtures("simulated_market")


async def test_compressed_frames_are_smaller_and_say_the_same(settings: Any) -> None:
    settings.WS_COMPRESSION = True
    async with serving() as url, peer(f"{url}/ws") as alice, peer(f"{url}/ws", compression=None) as bob:
        for one in (alice, bob):
            await one.say(subscription("AAPL", id=1))
            await one.hear("ack")
        for price in (1.0, 2.0, 3.0):
            await announce(quote("AAPL", price))
            assert await alice.hear() == await bob.hear()
        await alice.say({"type": "ping"})
        assert (await alice.hear())["type"] == "pong"
        packs = {client.pipe.pack.__name__ for client in hub().clients.values()}
    assert packs == {"deflated", "frames"}


async def test_plain_uvicorn_serves_the_same() -> None:
    async with serving(ws="websockets-sansio") as url, peer(f"{url}/ws/market/AAPL") as alice:
        await joined(1)
        assert isinstance(next(iter(hub().clients.values())).pipe, PlainPipe)
        await announce(*[quote("AAPL", float(price)) for price in range(1, 51)])
        assert [(await alice.hear())["data"]["price"] for _ in range(50)] == [float(price) for price in range(1, 51)]


async def test_plain_send_that_does_not_finish_waits_beside_the_others() -> None:
    async with serving(ws="websockets-sansio") as url, peer(f"{url}/ws/market/AAPL") as alice:
        raw = await never_reads(url, "/ws/market/AAPL")
        await joined(2)
        slow = hub().clients[max(hub().clients)]
        while not slow.waiting:
            await announce(*[quote("AAPL", 1.0)] * 200)
            for _ in range(200):
                await alice.hear()
        assert not slow.pipe.ready
        raw.close()
        await until(lambda: len(hub().connections()) == 1)


async def test_our_protocol_prepares_frames() -> None:
    async with serving() as url, peer(f"{url}/ws/market/AAPL"):
        await joined(1)
        assert isinstance(next(iter(hub().clients.values())).pipe, PreparedPipe)


@asynccontextmanager
async def daphne() -> AsyncIterator[str]:
    """`ws://…` of the application under Daphne, on a port that it was given open."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, fd = listening.getsockname()[1], listening.fileno()
        command = ["-m", "daphne", "-v", "0", "--fd", str(fd), "goldensignals.asgi:application"]
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "goldensignals.settings", "MARKET": "simulated"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, env=env, pass_fds=[fd], stderr=asyncio.subprocess.DEVNULL
        )
        try:
            yield f"ws://127.0.0.1:{port}"
        finally:
            process.terminate()
            await process.wait()


async def test_daphne_serves_the_same(redis_connection: Any) -> None:
    async with daphne() as url, peer(f"{url}/ws") as alice:
        await announce_events(signal(1))
        await alice.say(subscription(channel="signals", id=1, resume={"signals": 0}))
        assert [(await alice.hear())["type"] for _ in range(3)] == ["resumed", "signal", "ack"]
        await announce_events(*[signal(number) for number in range(2, 30)])
        assert [(await alice.hear())["seq"] for _ in range(28)] == list(range(2, 30))
        await alice.say("{")
        assert (await alice.hear())["code"] == "malformed_json"
        async with peer(f"{url}/elsewhere") as lost:
            assert await lost.closed() == 4404


async def test_heartbeat_comes_by_itself(settings: Any) -> None:
    # Who is silent for two of them is sent away: time enough for a loop that was held up.
    settings.WS_HEARTBEAT_INTERVAL = 1.0
    async with serving() as url, peer(f"{url}/ws") as alice:
        beats = [await alice.hear("heartbeat") for _ in range(2)]
    assert all(beat["interval"] == 1.0 for beat in beats)


async def test_peer_that_answers_pings_stays_and_a_silent_one_is_sent_away(settings: Any) -> None:
    settings.WS_HEARTBEAT_INTERVAL = 3.0
    async with serving() as url, peer(f"{url}/ws") as listener:
        raw = await never_reads(url, "/ws")
        read = b""
        async with asyncio.timeout(30):
            while struct.pack("!H", 4408) + b"silent for two heartbeats" not in read:
                read += await asyncio.get_running_loop().sock_recv(raw, 65536)
        raw.close()
        await until(lambda: len(hub().connections()) == 1)
        await listener.say({"type": "ping"})
        assert (await listener.hear())["type"] == "pong"


async def test_several_kinds_of_clients_get_their_own_form_of_the_same_tick() -> None:
    async with (
        serving() as url,
        peer(f"{url}/ws") as alice,
        peer(f"{url}/ws", subprotocols=["goldensignals.batch"]) as bob,
    ):
        await alice.say(subscription("AAPL", id=1))
        await alice.hear("ack")
        await bob.say(subscription("AAPL", id=1))
        await bob.socket.recv()
        await announce(quote("AAPL", 1.0))
        (told,) = json.loads(await bob.socket.recv())
        assert await alice.hear() == told
