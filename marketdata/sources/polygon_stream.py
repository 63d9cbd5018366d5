"""One connection of Polygon's stream, on the library's own client, with an end that always has a name."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from massive import WebSocketClient
from massive.exceptions import AuthError
from websockets.exceptions import WebSocketException

from marketdata.sources import polygon_errors
from marketdata.sources.base import AuthFailed, BadPayload, SourceError, Unavailable, VendorTimeout
from marketdata.sources.runs import heed

HOSTS = {"realtime": "socket.massive.com", "delayed": "delayed.massive.com"}
FINE = frozenset({"connected", "auth_success", "success"})

for _name in ("RESTClient", "WebSocketClient"):
    # The library prints past the service's own logging.
    logging.getLogger(_name).handlers.clear()


class Connection:
    """Listens to `topics` of one asset class and hands every frame of data to `hear`, until it ends."""

    def __init__(
        self, key: str, host: str, market: str, topics: Sequence[str], hear: Callable[[list[object]], None]
    ) -> None:  # fmt: skip
        self._hear = hear
        self._refusal: SourceError | None = None
        self._limit: asyncio.Timeout | None = None
        self._client = WebSocketClient(
            api_key=key, feed=host.partition("://")[2] or host, secure=not host.startswith("ws://"), market=market,
            subscriptions=list(topics), raw=True, max_reconnects=0, custom_json=self,
        )  # fmt: skip

    async def run(self, seconds: float) -> None:
        """Listen; never returns. Raises VendorTimeout or Unavailable where nothing is granted within `seconds`."""
        try:
            async with asyncio.timeout(seconds) as self._limit:
                await self._client.connect(self._frame)
        except Exception as error:
            raise self._named(error) from None
        finally:
            if self._client.websocket is not None:
                await self._client.close()
        raise self._refusal or Unavailable("Polygon ended the stream")

    def loads(self, text: str | bytes) -> Any:
        """Called by the library for the two frames before and after our key."""
        messages = _messages(text)
        self._statuses(messages)
        if not messages or not isinstance(messages[0], dict) or "status" not in messages[0]:
            raise BadPayload("Polygon's stream did not greet us")
        return messages

    def dumps(self, value: object) -> str:
        """Called by the library for what it sends."""
        return json.dumps(value)

    async def _frame(self, text: Any) -> None:
        heed()
        messages = _messages(text)
        self._statuses(messages)
        data = [one for one in messages if not isinstance(one, dict) or one.get("ev") != "status"]
        if data:
            self._hear(data)

    def _statuses(self, messages: list[object]) -> None:
        for message in messages:
            if not isinstance(message, dict) or message.get("ev") != "status":
                continue
            status, said = str(message.get("status")), str(message.get("message"))
            if status == "success" and self._limit is not None:
                self._limit.reschedule(None)
                self._refusal = None
            elif status not in FINE:
                self._refusal = self._refusal or polygon_errors.said(f"{status}: {said}")

    def _named(self, error: Exception) -> SourceError:
        if isinstance(error, AuthError):
            refusal = polygon_errors.said(str(error))
            return AuthFailed("Polygon does not know this key") if isinstance(refusal, BadPayload) else refusal
        if isinstance(error, TimeoutError) and self._client.websocket is None:
            return Unavailable("Polygon's stream cannot be reached")
        if isinstance(error, TimeoutError):
            return self._refusal or VendorTimeout("Polygon's stream granted nothing in time")
        if isinstance(error, WebSocketException | OSError):
            return self._refusal or Unavailable(f"Polygon's stream broke ({type(error).__name__})")
        return polygon_errors.named(error, None)


def _messages(text: str | bytes) -> list[object]:
    try:
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        raise BadPayload("a frame of Polygon's stream is not JSON") from None
    if not isinstance(found, list):
        raise BadPayload("a frame of Polygon's stream is not a list")
    return found
