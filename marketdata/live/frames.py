"""uvicorn's WebSocket protocol with one extension more: prepared frames, one byte string for many sockets.

`scope["extensions"]["goldensignals.frames"]` is a `Frames`; where it is absent the plain ASGI send does the same work.
"""

from asyncio import BaseTransport
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.server import ServerProtocol

from marketdata.live.eager import start
from marketdata.live.framing import WINDOW_BITS

EXTENSION = "goldensignals.frames"
UVICORN = ["--ws", "marketdata.live.frames:Protocol", "--no-proxy-headers", "--no-access-log"]
"""What uvicorn must be told; compression, pings and sizes come from our settings.

Left to itself it believes X-Forwarded-For from loopback: anyone on this machine could pass for any address.
"""

GRACE = 5.0
"""Seconds that a peer has to take the close frame before the connection is cut."""

UNSENT = 256 * 1024
"""Bytes beyond the kernel's own buffers that a peer may leave unread; above that it is slow, and quotes conflate."""

HARD_LIMIT = 16
"""Frames this many times too large are not even read (close 1009); below that the client gets a typed error."""


class Frames:
    """What the server offers the hub for one socket; valid from the accepted handshake on."""

    def __init__(self, protocol: "Protocol") -> None:
        self._protocol = protocol
        self.drained: Callable[[], None] = lambda: None
        self.deflates = bool(protocol.conn.extensions)

    def write(self, frames: bytes) -> None:
        """Send the frames; a socket that is closing gets nothing more (uvloop would raise)."""
        transport = self._protocol.transport
        if not transport.is_closing():
            transport.write(frames)

    @property
    def paused(self) -> bool:
        """Whether the peer reads too slowly to be given more."""
        return not self._protocol.writable.is_set()

    @property
    def silent_for(self) -> float:
        """Seconds since anything came from the peer, a pong included."""
        return self._protocol.loop.time() - self._protocol.seen

    def end(self, code: int, reason: str) -> None:
        """Close at once behind what is already written, and cut the connection if the peer does not take it."""
        protocol = self._protocol
        if protocol.close_sent or protocol.disconnected:
            return
        # The close frame may pass a full buffer, for nothing follows it.
        protocol.writable.set()
        start(protocol.send(cast(ASGISendEvent, {"type": "websocket.close", "code": code, "reason": reason})))
        protocol.loop.call_later(GRACE, protocol.transport.abort)


class Protocol(WebSocketsSansIOProtocol):
    """The protocol class for `uvicorn --ws`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = self.loop.time()
        self.frames_extension: Frames | None = None
        self.ping_interval, self.ping_timeout = settings.WS_HEARTBEAT_INTERVAL, None
        # Without a context shared between messages a compressed frame suits every client.
        deflate = ServerPerMessageDeflateFactory(
            server_no_context_takeover=True, server_max_window_bits=WINDOW_BITS, compress_settings={"memLevel": 5}
        )
        self.conn = ServerProtocol(
            extensions=[deflate] if settings.WS_COMPRESSION else [],
            max_size=HARD_LIMIT * settings.WS_MAX_MESSAGE_BYTES,
            logger=self.logger,
        )

    def connection_made(self, transport: BaseTransport) -> None:
        """Set how much may wait unsent before a peer counts as slow."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=UNSENT)

    def data_received(self, data: bytes) -> None:
        """Anything that comes is a sign of life."""
        self.seen = self.loop.time()
        super().data_received(data)

    async def run_asgi(self) -> None:
        """Offer the extension before the application runs."""
        self.frames_extension = Frames(self)
        cast(dict[str, Any], self.scope)["extensions"][EXTENSION] = self.frames_extension
        await super().run_asgi()

    def resume_writing(self) -> None:
        """The peer took what it was given: what waited for it may follow."""
        super().resume_writing()
        if self.frames_extension is not None:
            self.frames_extension.drained()
