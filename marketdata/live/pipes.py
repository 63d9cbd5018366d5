"""The way to one socket: prepared frames where the server takes them, else the ASGI send that every server has."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from marketdata.live import outbox
from marketdata.live.eager import start
from marketdata.live.frames import Frames
from marketdata.live.outbox import Message, Payload

Pack = Callable[[Sequence[Message]], Payload]
Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]
log = logging.getLogger("live_data_service")


class Pipe(Protocol):
    """`pack` makes what `write` takes; after a write that leaves it not `ready`, `drained` is called once it is."""

    pack: Pack
    drained: Callable[[], None]

    @property
    def ready(self) -> bool: ...
    @property
    def silent_for(self) -> float: ...
    def write(self, payload: Any) -> None: ...
    def end(self, code: int, reason: str) -> None: ...


class PreparedPipe:
    """Frames as bytes, by the server's extension."""

    def __init__(self, frames: Frames, batches: bool) -> None:
        self._frames = frames
        self.write, self.end = frames.write, frames.end
        if frames.deflates:
            self.pack: Pack = outbox.deflated_arrays if batches else outbox.deflated
        else:
            self.pack = outbox.frame_arrays if batches else outbox.frames

    @property
    def ready(self) -> bool:
        """Whether the peer takes what it is given."""
        return not self._frames.paused

    @property
    def silent_for(self) -> float:
        """Seconds since the peer's last sign of life."""
        return self._frames.silent_for

    @property
    def drained(self) -> Callable[[], None]:
        """What the server calls when a slow peer has caught up."""
        return self._frames.drained

    @drained.setter
    def drained(self, call: Callable[[], None]) -> None:
        self._frames.drained = call


class PlainPipe:
    """Texts by the plain ASGI send; only a send that does not finish at once becomes a task."""

    def __init__(self, send: Send, batches: bool) -> None:
        self._send = send
        self._task: asyncio.Task[None] | None = None
        self.pack: Pack = outbox.text_arrays if batches else outbox.texts
        self.drained: Callable[[], None] = lambda: None

    @property
    def ready(self) -> bool:
        """Whether the last write is done."""
        return self._task is None

    @property
    def silent_for(self) -> float:
        """Always 0: such a server watches its peers itself."""
        return 0.0

    def write(self, payload: list[str]) -> None:
        """Start sending the texts in order."""
        self._task = start(self._all(payload))
        if self._task is not None:
            self._task.add_done_callback(self._done)

    def end(self, code: int, reason: str) -> None:
        """Close the socket, whatever is still on its way."""
        if self._task is not None:
            self._task.cancel()
        self._task = start(self._one({"type": "websocket.close", "code": code, "reason": reason}))

    async def _all(self, payload: list[str]) -> None:
        for text in payload:
            await self._one({"type": "websocket.send", "text": text})

    async def _one(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except (OSError, RuntimeError) as error:
            # The socket is gone or closing; its consumer hears of it by a disconnect and leaves the hub.
            log.debug("not sent: %s", error)

    def _done(self, task: asyncio.Task[None]) -> None:
        if self._task is task and not task.cancelled():
            self._task = None
            self.drained()
