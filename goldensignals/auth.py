"""Who opens a socket: a JWT in the Authorization header or the first message (never the URL), or Django's session."""

from http.cookies import CookieError, SimpleCookie
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.tokens import AccessToken

from marketdata.live.identity import Expired, Identity, NotProven


class SocketIdentity:
    """ASGI middleware: `scope["identity"]` (Identity, NotProven or None) and `scope["authenticate"]` for later."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Look who it is, then go on; a refusal is the consumer's to say."""
        headers = dict(scope.get("headers", ()))
        found = {"authenticate": authenticate, "identity": await _identity(headers)}
        await self._inner(scope | found, receive, send)


async def authenticate(token: str) -> Identity:
    """The user of a JWT access token; raises NotProven, or Expired for one that was good once."""
    try:
        proven = AccessToken(token)  # type: ignore[arg-type]
        user = await database_sync_to_async(JWTAuthentication().get_user)(proven)
    except ExpiredTokenError as error:
        raise Expired from error
    except (TokenError, AuthenticationFailed) as error:
        raise NotProven from error
    return Identity(user.get_username(), float(proven["exp"]))


async def _identity(headers: dict[bytes, bytes]) -> Identity | NotProven | None:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        try:
            return await authenticate(token.strip())
        except NotProven as error:
            return error
    return await _session_user(headers.get(b"cookie", b"").decode("latin-1"))


async def _session_user(cookies: str) -> Identity | None:
    try:
        key = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if key is None:
        return None
    session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(key.value)
    user = await get_user({"session": session})
    return Identity(user.get_username()) if user.is_authenticated else None
