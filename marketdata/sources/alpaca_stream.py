"""One connection of Alpaca's stream, on the library's own client, with an end that always has a name."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from alpaca.data.live import CryptoDataStream, OptionDataStream, StockDataStream
from alpaca.data.live.websocket import DataStream
from msgpack.exceptions import UnpackException
from websockets.exceptions import InvalidHandshake, WebSocketException

from marketdata.sources import alpaca_errors
from marketdata.sources.base import AuthFailed, BadPayload, RateLimited, SourceError, Unavailable, VendorTimeout
from marketdata.sources.runs import heed
from marketdata.symbols import Kind

URL = "wss://stream.data.alpaca.markets"
PATHS = {Kind.SHARE: "/v2/", Kind.CRYPTO: "/v1beta3/crypto/", Kind.OPTION: "/v1beta1/"}
PING_EVERY, PING_LIMIT = 10, 20
"""Seconds after which a connection that has silently died is noticed, in sum."""

Message = Mapping[str, Any]


class _Told(DataStream):
    """The library's client, telling every message, refusals included, which it would only write into its log."""

    told: Callable[[Message], None]

    async def _dispatch(self, msg: dict[str, Any]) -> None:
        self.told(msg)


class _Shares(_Told, StockDataStream):
    pass


class _Crypto(_Told, CryptoDataStream):
    pass


class _Options(_Told, OptionDataStream):
    pass


STREAMS: dict[Kind, Any] = {Kind.SHARE: _Shares, Kind.CRYPTO: _Crypto, Kind.OPTION: _Options}


class Connection:
    """Listens to symbols of one kind on one feed and hands every message of data to `hear`, until it ends."""

    def __init__(
        self, keys: tuple[str, str], url: str, what: Kind, feed: str, spellings: Sequence[str],
        hear: Callable[[Message], None],
    ) -> None:  # fmt: skip
        self._keys, self._url = keys, f"{url.rstrip('/')}{PATHS[what]}{feed}"
        self._what, self._spellings, self._hear = what, spellings, hear
        self._limit: asyncio.Timeout | None = None

    async def run(self, seconds: float) -> None:
        """Listen; never returns. Raises VendorTimeout where nothing is granted within `seconds`."""
        client = self._client(seconds)
        try:
            # The library's own loop connects again for ever, whatever the reason, and never tells one.
            async with asyncio.timeout(seconds) as self._limit:
                await client._start_ws()
                await client._send_subscribe_msg()
                await client._consume()
        except Exception as error:
            raise named(error) from None
        finally:
            with suppress(WebSocketException, OSError):
                await client.close()
        raise Unavailable("Alpaca ended the stream")

    def _client(self, seconds: float) -> Any:
        client: Any = STREAMS[self._what](
            *self._keys, raw_data=True, url_override=self._url,
            websocket_params={
                "ping_interval": PING_EVERY, "ping_timeout": PING_LIMIT, "max_queue": 1024, "open_timeout": seconds,
                "close_timeout": 1,
            },
        )  # fmt: skip
        client.told = self._tell
        client.subscribe_trades(_unused, *self._spellings)
        client.subscribe_quotes(_unused, *self._spellings)
        if self._what is not Kind.OPTION:
            client.subscribe_daily_bars(_unused, *self._spellings)
        return client

    def _tell(self, message: Message) -> None:
        heed()
        match message.get("T"):
            case "subscription" if self._limit is not None:
                self._limit.reschedule(None)
            case "error":
                raise alpaca_errors.refused_stream(message.get("code"), message.get("msg"))
            case _:
                self._hear(message)


def named(error: Exception) -> SourceError:
    """The error of our tree for whatever ended a connection."""
    if isinstance(error, InvalidHandshake) and (status := getattr(error, "status_code", None)):
        return _handshake(status)
    if isinstance(error, TimeoutError):
        return VendorTimeout("Alpaca's stream granted nothing in time")
    if isinstance(error, WebSocketException | OSError):
        return Unavailable(f"Alpaca's stream broke ({type(error).__name__})")
    # The library tells a refused key by its text alone.
    if type(error) is ValueError:
        return alpaca_errors.refused_stream(None, str(error))
    if isinstance(error, UnpackException | ValueError | TypeError | LookupError | AttributeError):
        return BadPayload(f"a frame of Alpaca's stream is not what it promises ({type(error).__name__})")
    return alpaca_errors.named(error)


def _handshake(status: int) -> SourceError:
    if status == 429:
        return RateLimited("Alpaca asks for fewer connections (429)", alpaca_errors.PAUSE)
    if status in (401, 403):
        return AuthFailed(f"Alpaca's stream does not accept this key ({status})")
    return Unavailable(f"Alpaca's stream answered {status}")


async def _unused(message: Message) -> None:
    """The library wants someone for each channel; `_Told` tells all messages itself."""
