"""Who may open a socket, and how a refusal is told."""

from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from marketdata.live.hub import hub
from marketdata.tests.live_server import joined, peer, serving, subscription

pytestmark = pytest.mark.usefixtures("transactional_db", "simulated")


@pytest.fixture
def simulated(settings: Any) -> None:
    settings.MARKET = "simulated"


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice", password="correct horse")


def token(user: User, **lifetime: float) -> str:
    made = AccessToken.for_user(user)
    if lifetime:
        made.set_exp(lifetime=timedelta(**lifetime))
    return str(made)


def proof(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "authenticate", "data": {"token": text}, **more}


async def test_token_by_first_message_opens_what_requires_one(settings: Any, alice: User) -> None:
    settings.WS_AUTH_REQUIRED = True
    async with serving() as url, peer(f"{url}/ws") as socket:
        await socket.say(subscription("AAPL", id=1), proof(token(alice), id=2), subscription("AAPL", id=3))
        assert (await socket.hear())["code"] == "unauthorized"
        told = await socket.hear("authenticated")
        assert (told["id"], told["data"]["user"]) == (2, "alice")
        assert (await socket.hear("ack"))["id"] == 3
        assert hub().connections()[0].user == "alice"


async def test_address_that_subscribes_by_itself_waits_for_the_token(settings: Any, alice: User) -> None:
    settings.WS_AUTH_REQUIRED = True
    async with serving() as url, peer(f"{url}/ws/signals") as socket:
        await socket.say(proof(token(alice)))
        await socket.hear("authenticated")
        await joined(1)


async def test_header_is_as_good(settings: Any, alice: User) -> None:
    settings.WS_AUTH_REQUIRED = True
    async with serving() as url:
        headers = {"Authorization": f"Bearer {token(alice)}"}
        async with peer(f"{url}/ws", additional_headers=headers) as socket:
            await socket.say(subscription("AAPL", id=1))
            assert (await socket.hear())["type"] == "ack"


async def test_bad_tokens_are_never_anonymous(alice: User) -> None:
    gone = await database_sync_to_async(User.objects.create_user)("gone", is_active=False)
    bad = {
        "rubbish": "invalid_token", token(alice)[:-3] + "abc": "invalid_token", token(gone): "invalid_token",
        str(RefreshToken.for_user(alice)): "invalid_token", token(alice, seconds=-5): "token_expired",
    }  # fmt: skip
    async with serving() as url:
        for text, code in bad.items():
            async with peer(f"{url}/ws") as socket:
                await socket.say(proof(text))
                assert (await socket.hear())["code"] == code
                assert await socket.closed() == 4401
            async with peer(f"{url}/ws", additional_headers={"Authorization": f"Bearer {text}"}) as socket:
                assert (await socket.hear())["code"] == code
                assert await socket.closed() == 4401


async def test_token_in_the_address_is_no_proof(settings: Any, alice: User) -> None:
    settings.WS_AUTH_REQUIRED = True
    async with serving() as url, peer(f"{url}/ws?token={token(alice)}") as socket:
        await socket.say(subscription("AAPL"))
        assert (await socket.hear())["code"] == "unauthorized"


async def test_socket_ends_with_its_token_unless_renewed(alice: User) -> None:
    async with serving() as url, peer(f"{url}/ws") as short, peer(f"{url}/ws") as renewed:
        await renewed.say(proof(token(alice, seconds=5)), proof(token(alice)))
        await short.say(proof(token(alice, seconds=5)))
        await short.hear("authenticated")
        assert (await short.hear())["code"] == "token_expired"
        assert await short.closed() == 4401
        await renewed.say({"type": "ping"})
        await renewed.hear("pong")


async def test_session_of_our_own_page_is_enough(settings: Any, alice: User) -> None:
    settings.WS_AUTH_REQUIRED = True
    browser = Client()
    await database_sync_to_async(browser.force_login)(alice)
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    async with serving() as url, peer(f"{url}/ws", additional_headers={"Cookie": cookie}) as socket:
        await socket.say(subscription("AAPL", id=1))
        assert (await socket.hear())["type"] == "ack"


async def test_pages_of_other_origins_are_refused_with_a_code(settings: Any) -> None:
    async with serving() as url:
        async with peer(f"{url}/ws", origin="http://evil.example") as socket:
            assert (await socket.hear())["code"] == "origin_not_allowed"
            assert await socket.closed() == 4403
        own = url.replace("ws:", "http:")
        settings.WS_ALLOWED_ORIGINS = ["https://friend.example"]
        for origin in (own, "https://friend.example"):
            async with peer(f"{url}/ws", origin=origin) as socket:
                await socket.say({"type": "ping"})
                assert (await socket.hear())["type"] == "pong"


async def test_name_that_was_pointed_at_us_is_not_our_host() -> None:
    async with serving() as url:
        port = url.rpartition(":")[2]
        rebound = {"origin": f"http://evil.example:{port}", "host": "127.0.0.1", "port": int(port)}
        async with peer(f"ws://evil.example:{port}/ws", **rebound) as socket:
            assert await socket.closed() == 4403
