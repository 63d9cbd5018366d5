"""One connection of Yahoo's stream, on yfinance's own client, with an end that always has a name."""

import asyncio
import json
import ssl
from collections.abc import Callable, Sequence
from typing import Any

from google.protobuf.message import DecodeError
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException
from yfinance import AsyncWebSocket

from marketdata.sources.base import BadPayload, RateLimited, SourceError, Unavailable, VendorTimeout
from marketdata.sources.fields import Row

URL = "wss://streamer.finance.yahoo.com/?version=2"


class Socket(AsyncWebSocket):  # type: ignore[misc]
    """Subscribes, again every fifteen seconds, and hands every pricing message to `hear`, until it ends.

    yfinance's own loop is not used: after a clean end it spins, after a broken line it never comes back.
    """

    def __init__(self, url: str, hear: Callable[[Row], None], proxy: str | None, ca_file: str | None) -> None:
        super().__init__(url, verbose=False)
        self._ws: Any = None
        self._hear, self._proxy, self._ca_file = hear, proxy, ca_file

    async def run(self, names: Sequence[str], seconds: float) -> None:
        """Listen; never returns. Raises VendorTimeout where there is no connection within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._connect()
            self._heartbeat_task = asyncio.create_task(self._periodic_subscribe())
            await self.subscribe(list(names))
            async for frame in self._ws:
                self._take(frame)
        except Exception as error:
            raise _named(error) from None
        finally:
            await self.close()
            if self._heartbeat_task is not None:
                await asyncio.gather(self._heartbeat_task, return_exceptions=True)
        raise Unavailable("Yahoo ended the stream")

    async def _connect(self) -> None:
        """As in yfinance, by our proxy and authority."""
        if self._ws is not None:
            return
        secure = self.url.startswith("wss:")
        trusted = ssl.create_default_context(cafile=self._ca_file) if secure else None
        self._ws = await connect(self.url, proxy=(self._proxy or True) if secure else None, ssl=trusted)

    def _take(self, frame: str | bytes) -> None:
        try:
            message = json.loads(frame)
        except ValueError:
            raise BadPayload("Yahoo's stream holds something that is not JSON") from None
        if not isinstance(message, dict):
            raise BadPayload("Yahoo's stream holds something that is not a message")
        if message.get("type", "pricing") == "pricing":
            self._hear(self._decode_message(message.get("message", "")))


def _named(error: Exception) -> SourceError:
    if isinstance(error, SourceError):
        return error
    if isinstance(error, TimeoutError):
        return VendorTimeout("Yahoo's stream did not open in time")
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        return RateLimited("Yahoo asks for fewer streams (429)") if status == 429 else _away(f"answered {status}")
    if isinstance(error, ssl.SSLError):
        return Unavailable("No trusted connection to Yahoo; behind a proxy, YAHOO_CA_FILE names the file of its CA")
    if isinstance(error, OSError | WebSocketException):
        return _away(f"broke off ({type(error).__name__})")
    if isinstance(error, DecodeError | ValueError | TypeError):
        return BadPayload(f"Yahoo's stream holds no pricing data ({type(error).__name__})")
    return _away(f"ended ({type(error).__name__})")


def _away(said: Any) -> Unavailable:
    return Unavailable(f"Yahoo's stream {said}")
