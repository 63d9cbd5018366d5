"""Answers, errors and limits on a real socket; what one client does harms no other."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisConnectionError

from marketdata.live import answering
from marketdata.live.hub import hub
from marketdata.tests.live_server import announce, joined, peer, quote, serving, subscription, until

pytestmark = pytest.mark.usefixtures("simulated_market")


async def test_ack_comes_last_and_tells_where_each_topic_is() -> None:
    await announce(quote("AAPL", 1.0))
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("AAPL", "NEWCO", id="mine"))
        snapshot, ack = await alice.hear(), await alice.hear()
    assert snapshot["snapshot"] is True
    assert ack["id"] == "mine"
    assert [(one["topic"], one["seq"], one["snapshot"]) for one in ack["data"]["topics"]] == [
        ("market_data:AAPL", 1, True),
        ("market_data:NEWCO", 0, False),
    ]


async def asked(times: int = 1) -> list[dict[str, Any]]:
    """The answers to `agent_status`."""
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(*[{"type": "request", "id": n, "data": {"action": "agent_status"}} for n in range(times)])
        return [await alice.hear() for _ in range(times)]


@pytest.fixture
def empty_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """No floor above has put an answer in."""
    monkeypatch.setattr(answering, "_answers", {})
    monkeypatch.setattr(answering, "_held", {})


async def test_without_a_floor_of_agents_their_list_is_honestly_empty(empty_floor: None) -> None:
    (answer,) = await asked()
    assert (answer["type"], answer["id"], answer["data"]) == ("agent_status", 0, {"agents": []})


async def test_many_questions_at_once_cost_one_answer(empty_floor: None) -> None:
    told: list[int] = []
    answering.put("agent_status", lambda: {"agents": [], "judge": told.append(1)})
    assert [one["id"] for one in await asked(5)] == [0, 1, 2, 3, 4]
    assert len(told) == 1


async def test_an_answer_that_needs_what_is_away_is_a_problem_to_be_tried_again(empty_floor: None) -> None:
    def away() -> dict[str, Any]:
        raise RedisConnectionError

    answering.put("agent_status", away)
    (answer,) = await asked()
    assert (answer["type"], answer["code"], answer["retryable"], answer["id"]) == ("error", "unavailable", True, 0)


async def test_ping_is_answered_with_what_it_had() -> None:
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say({"type": "ping", "id": 4, "t": 17})
        pong = await alice.hear()
    assert (pong["type"], pong["id"], pong["t"]) == ("pong", 4, 17)


async def test_unsubscribed_topic_is_silent() -> None:
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("AAPL", "MSFT", id=1))
        await alice.hear("ack")
        await alice.say({"type": "unsubscribe", "id": 2, "data": {"channel": "market_data", "symbol": "AAPL"}})
        assert (await alice.hear("ack"))["data"]["topics"] == [{"topic": "market_data:AAPL"}]
        await announce(quote("AAPL", 1.0), quote("MSFT", 2.0))
        assert (await alice.hear())["data"]["symbol"] == "MSFT"


async def test_batch_clients_get_an_array_per_tick() -> None:
    async with serving() as url, peer(f"{url}/ws", subprotocols=["goldensignals.batch"]) as alice:
        await alice.say(subscription("AAPL", "MSFT", id=1))
        assert [one["type"] for one in json.loads(await alice.socket.recv())] == ["ack"]
        await announce(quote("AAPL", 1.0), quote("MSFT", 2.0))
        assert [one["data"]["symbol"] for one in json.loads(await alice.socket.recv())] == ["AAPL", "MSFT"]


async def test_each_quote_of_a_batch_comes_in_order() -> None:
    async with serving() as url, peer(f"{url}/ws/market/SPY") as alice:
        await joined(1)
        await announce(*[quote("SPY", float(price)) for price in range(1, 101)])
        heard = [await alice.hear() for _ in range(100)]
    assert [one["data"]["price"] for one in heard] == [float(price) for price in range(1, 101)]
    assert [one["seq"] for one in heard] == list(range(1, 101))


async def test_malformed_symbol_is_refused_and_the_others_served() -> None:
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("AAPL", "not a symbol", id=5))
        error, ack = await alice.hear("error"), await alice.hear("ack")
    assert (error["code"], error["symbol"], error["id"]) == ("invalid_symbol", "not a symbol", 5)
    assert [one["topic"] for one in ack["data"]["topics"]] == ["market_data:AAPL"]


async def test_unknown_symbol_of_a_live_market_is_an_error_and_nothing_else(
    settings: Any, redis_connection: Any
) -> None:
    settings.MARKET = "live"
    async with serving() as url, peer(f"{url}/ws") as alice, peer(f"{url}/ws/market/ZZQX") as bob:
        await alice.say(subscription("ZZQX", id=1))
        assert (await alice.hear())["code"] == "unknown_symbol"
        assert (await bob.hear())["code"] == "unknown_symbol"
        assert await bob.closed() == 4404
    assert not redis_connection.exists("gs:wanted")


async def test_addresses_that_are_none() -> None:
    async with serving() as url:
        for path, code in (("/ws/market/not%20it", "invalid_symbol"), ("/ws/nowhere", "unknown_address")):
            async with peer(url + path) as alice:
                assert (await alice.hear())["code"] == code
                assert await alice.closed() == 4404


async def test_flood_is_told_and_closed(settings: Any) -> None:
    settings.WS_MAX_MESSAGES_PER_SECOND = 2
    async with serving() as url, peer(f"{url}/ws") as mallory:
        await mallory.say(*[{"type": "ping"}] * 30)
        assert (await mallory.hear("error"))["code"] == "flood"
        assert await mallory.closed() == 4429


async def test_too_many_subscriptions_leave_the_old_ones(settings: Any) -> None:
    settings.WS_MAX_SUBSCRIPTIONS = 2
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("A", "B", id=1), subscription("C", id=2))
        await alice.hear("ack")
        assert (await alice.hear())["code"] == "too_many_subscriptions"
        assert hub().connections()[0].topics == ("market_data:A", "market_data:B")


async def test_sockets_of_one_address_are_bounded(settings: Any) -> None:
    settings.WS_MAX_SOCKETS_PER_ADDRESS = 1
    async with serving() as url:
        async with peer(f"{url}/ws"), peer(f"{url}/ws") as second:
            assert (await second.hear())["code"] == "too_many_sockets"
            assert await second.closed() == 4429
        await until(lambda: not hub().connections())
        async with peer(f"{url}/ws") as third:
            await third.say({"type": "ping"})
            assert (await third.hear())["type"] == "pong"


async def test_large_frames_are_told_and_enormous_ones_closed(settings: Any) -> None:
    settings.WS_MAX_MESSAGE_BYTES = 256
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say("x" * 300)
        assert (await alice.hear())["code"] == "too_large"
        await alice.say("x" * 300_000)
        assert await alice.closed() == 1009


async def test_absent_data_store_is_told_and_may_be_tried_again(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    async with serving() as url, peer(f"{url}/ws") as alice, peer(f"{url}/ws/market/AAPL") as bob:
        await alice.say(subscription("AAPL", id=1))
        error = await alice.hear()
        assert (error["code"], error["retryable"], error["id"]) == ("unavailable", True, 1)
        assert await bob.closed() == 1013


async def test_subscribed_symbols_are_wanted_by_the_polls(redis_connection: Any) -> None:
    async with serving() as url, peer(f"{url}/ws") as alice:
        await alice.say(subscription("RARE", id=1))
        await alice.hear("ack")
    assert redis_connection.zscore("gs:wanted", "RARE") > 0


frames = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60),
    st.sampled_from(["{", "[]", "[[]]", '{"type":"subscribe","data":{"channel":"market_data","symbol":"\\u0000"}}']),
    st.builds(
        lambda *words: json.dumps(
            {"type": words[0], "data": {"channel": words[1], "symbol": words[2]}, "id": words[3]}
        ),
        st.sampled_from(["subscribe", "unsubscribe", "request", "authenticate", "", "close"]),
        st.sampled_from(["market_data", "signals", "bars", "", "__class__"]),
        st.text(max_size=10),
        st.none() | st.integers() | st.text(max_size=5),
    ),
)


async def test_any_frames_get_typed_answers_and_others_keep_their_quotes(settings: Any) -> None:
    settings.WS_MAX_MESSAGES_PER_SECOND = 10_000
    async with serving() as url, peer(f"{url}/ws/market/AAPL") as alice:
        await joined(1)
        for number, said in enumerate(examples(frames, 150)):
            async with peer(f"{url}/ws") as mallory:
                await mallory.say(said, {"type": "ping", "id": "last"})
                while (heard := await mallory.hear()).get("id") != "last":
                    assert heard["type"] in {"error", "ack", "agent_status"}
            if number % 25 == 0:
                await announce(quote("AAPL", float(number + 1)))
                assert (await alice.hear())["data"]["price"] == number + 1


def examples(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """Values that hypothesis made; the sockets themselves live in one event loop."""
    found: list[Any] = []

    @effort(max_examples=count, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found
