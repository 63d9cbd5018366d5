"""What this process knows of each topic: its number and last message. Nothing passes it twice or out of order."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from marketdata.live.outbox import Message


class Row(NamedTuple):
    """One event of a batch as it travels between processes."""

    topic: str
    seq: int
    conflates: bool
    text: bytes


class Known(NamedTuple):
    """Where a topic is; `text` is None while it has no message to show a newcomer."""

    seq: int
    text: bytes | None


_NOTHING = Known(0, None)


class Board:
    """The last number and message of each topic within one epoch."""

    def __init__(self) -> None:
        self.epoch: str | None = None
        self._known: dict[str, Known] = {}

    def __contains__(self, topic: str) -> bool:
        return topic in self._known

    def __getitem__(self, topic: str) -> Known:
        return self._known.get(topic, _NOTHING)

    def seq(self, topic: str) -> int:
        """The last number of a topic, 0 if there was none."""
        return self[topic].seq

    def enter(self, epoch: str | None, awaited: Iterable[str]) -> None:
        """Start over if the epoch is another; awaited topics then begin at 0, so their first event is not missed."""
        if epoch != self.epoch:
            self.epoch = epoch
            self._known = dict.fromkeys(awaited, _NOTHING)

    def learn(self, topic: str, seq: int, text: bytes | None) -> None:
        """Note what Redis says of a topic that was not known."""
        self._known.setdefault(topic, Known(seq, text))

    def accept(self, rows: Sequence[Row], gaps: bool = False) -> tuple[list[Message], set[str]]:
        """The messages that are new, and the topics in which an event that must not be lost is missing.

        After a hole a topic stands still until the missing events come; `gaps` accepts that they never will.
        """
        fresh, holes = [], set()
        known = self._known
        for topic, seq, conflates, text in rows:
            before = known.get(topic)
            if before is not None:
                if seq <= before.seq:
                    continue
                if not (conflates or gaps) and seq > before.seq + 1:
                    holes.add(topic)
                    continue
            known[topic] = Known(seq, text if conflates else None)
            fresh.append(Message(topic, text, conflates))
        return fresh, holes
