"""A message on its way, what it looks like to each kind of client, and what waits for a client that is slow."""

from collections.abc import Sequence
from functools import cached_property

from marketdata.live.framing import deflated_frame, frame

Payload = bytes | list[str]


class Message:
    """One encoded message; `conflates`: a newer one of the same topic may take its place in a queue."""

    def __init__(self, topic: str, text: bytes, conflates: bool = False) -> None:
        self.topic, self.text, self.conflates = topic, text, conflates

    @cached_property
    def frame(self) -> bytes:
        """The text frame, made once however many clients get it."""
        return frame(self.text)

    @cached_property
    def deflated(self) -> bytes:
        """The compressed text frame, made once."""
        return deflated_frame(self.text)


def texts(messages: Sequence[Message]) -> list[str]:
    """For servers without prepared frames: one text per message."""
    return [message.text.decode() for message in messages]


def text_arrays(messages: Sequence[Message]) -> list[str]:
    """The same for a client that asked for batches: one JSON array."""
    return [_array(messages).decode()]


def frames(messages: Sequence[Message]) -> bytes:
    """All messages as bytes to write."""
    return b"".join([message.frame for message in messages])


def frame_arrays(messages: Sequence[Message]) -> bytes:
    """One frame with a JSON array."""
    return frame(_array(messages))


def deflated(messages: Sequence[Message]) -> bytes:
    """All messages as compressed frames."""
    return b"".join([message.deflated for message in messages])


def deflated_arrays(messages: Sequence[Message]) -> bytes:
    """One compressed frame with a JSON array."""
    return deflated_frame(_array(messages))


class Outbox:
    """What a slow client has yet to get: of a topic that conflates the newest, of all else everything up to a bound."""

    LARGEST = 256

    def __init__(self) -> None:
        self._waiting: dict[object, Message] = {}
        self._kept = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """More waits than may: the client must go and come back."""
        return self._kept > self.LARGEST

    def add(self, message: Message) -> bool:
        """Queue it; true if it took the place of an older one."""
        if not message.conflates:
            self._kept += 1
            self._waiting[message, self._kept] = message
            return False
        replaced = self._waiting.pop(message.topic, None) is not None
        self._waiting[message.topic] = message
        return replaced

    def take(self) -> list[Message]:
        """All that waits, in order, and empty the box."""
        waiting, self._waiting, self._kept = list(self._waiting.values()), {}, 0
        return waiting


def _array(messages: Sequence[Message]) -> bytes:
    return b"[" + b",".join([message.text for message in messages]) + b"]"
