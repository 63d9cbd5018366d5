"""The three addresses under a real server, from publish to a real client."""

import pytest

from marketdata.tests.live_server import announce, announce_events, joined, peer, quote, serving, signal, subscription

pytestmark = pytest.mark.usefixtures("simulated_market")


async def test_subscriber_gets_the_snapshot_and_then_updates() -> None:
    await announce(quote("AAPL", 175.5))
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("AAPL"))
        snapshot = await alice.hear()
        await announce(quote("AAPL", 176.0))
        update = await alice.hear()
    assert snapshot["snapshot"] is True
    assert snapshot["data"]["price"] == 175.5
    assert "snapshot" not in update
    assert update["data"]["price"] == 176.0
    assert (update["epoch"], update["seq"]) == (snapshot["epoch"], snapshot["seq"] + 1)


async def test_market_address_is_subscribed_without_a_word() -> None:
    async with serving() as url, peer(f"{url}/ws/market/aapl") as alice:
        await joined(1)
        await announce(quote("MSFT", 1.0), quote("AAPL", 175.5))
        assert (await alice.hear())["data"]["symbol"] == "AAPL"


async def test_signals_address_gets_every_signal_in_order() -> None:
    async with serving() as url, peer(f"{url}/ws/signals") as alice:
        await joined(1)
        await announce_events(*[signal(number) for number in range(20)])
        heard = [await alice.hear() for _ in range(20)]
    assert [one["data"]["signal_id"] for one in heard] == [f"sig-{number}" for number in range(20)]
    assert [one["seq"] for one in heard] == list(range(1, 21))
