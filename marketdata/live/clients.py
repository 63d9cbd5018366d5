"""One connected client: what it gets, what waits for it while it is slow, and its end."""

import itertools
import time
from collections.abc import Sequence

from marketdata.live.figures import Figures
from marketdata.live.outbox import Message, Outbox, Payload
from marketdata.live.pipes import Pipe
from marketdata.live.problems import LATE

_ids = itertools.count(1)


class Client:
    """A connected client and what it may still have to get."""

    def __init__(self, pipe: Pipe, figures: Figures, address: str = "", path: str = "") -> None:
        self.id = next(_ids)
        self.pipe, self.figures, self.address, self.path = pipe, figures, address, path
        self.user: str | None = None
        self.since = time.time()
        self.topics: frozenset[str] = frozenset()
        self.delivered = self.dropped = 0
        self.ended: int | None = None
        self.waiting = Outbox()
        pipe.drained = self._flush

    def give(self, payload: Payload, messages: Sequence[Message]) -> None:
        """Write the payload that was packed of the messages, or queue the messages while the client is slow."""
        if self.ended is not None:
            return
        if self.waiting or not self.pipe.ready:
            self._keep(messages)
            return
        self.pipe.write(payload)
        self.delivered += len(messages)
        self.figures.delivered += len(messages)

    def say(self, *messages: Message) -> None:
        """Send these to this client alone."""
        if messages:
            self.give(self.pipe.pack(messages), messages)

    def end(self, code: int, reason: str) -> None:
        """Close the socket; nothing more is sent."""
        if self.ended is None:
            self.ended = code
            self.figures.closed[code] += 1
            self.waiting = Outbox()
            self.pipe.end(code, reason)

    def _keep(self, messages: Sequence[Message]) -> None:
        replaced = sum(self.waiting.add(message) for message in messages)
        self.dropped += replaced
        self.figures.dropped += replaced
        if self.waiting.full:
            self.end(LATE, "too slow: come back and resume")

    def _flush(self) -> None:
        if self.waiting and self.ended is None:
            self.say(*self.waiting.take())
