"""Newcomers: what a topic is now goes first, then only what comes later; nothing falls between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from marketdata.live import replay, retained
from marketdata.live.board import Row
from marketdata.live.clients import Client
from marketdata.live.outbox import Message

if TYPE_CHECKING:
    from marketdata.live.hub import Hub


@dataclass(frozen=True, slots=True)
class Joined:
    """What one subscribed topic was answered with; `recovered` is None unless the client asked to resume."""

    topic: str
    epoch: str | None
    seq: int
    snapshot: bool
    recovered: bool | None = None

    def message(self) -> dict[str, object]:
        """The entry in the ack."""
        said: dict[str, object] = {"topic": self.topic, "epoch": self.epoch, "seq": self.seq, "snapshot": self.snapshot}
        return said if self.recovered is None else said | {"recovered": self.recovered}


async def join(
    hub: Hub, client: Client, topics: Sequence[str], resume: Mapping[str, int], epoch: str | None
) -> list[Joined]:
    """Send the client what each topic is now and let it listen; raises redis.RedisError or OSError."""
    await _learn(hub, topics)
    since = {topic: seq for topic, seq in resume.items() if topic in topics}
    lost = await _missed(hub, since, epoch)
    # No await from here on: an update cannot come between the snapshot and the joining.
    answers = [_answer(hub, client, topic, since.get(topic), epoch, lost.get(topic, [])) for topic in topics]
    hub.audiences.move(client, client.topics.union(topics))
    return answers


async def _learn(hub: Hub, topics: Sequence[str]) -> None:
    if unknown := [topic for topic in topics if topic not in hub.board]:
        found = await replay.state(unknown)
        if any(topic not in hub.board for topic in unknown):
            hub.board.enter(found.epoch, hub.audiences.topics())
        for topic, known in found.topics.items():
            hub.board.learn(topic, *known)


async def _missed(hub: Hub, since: Mapping[str, int], epoch: str | None) -> dict[str, list[Row]]:
    """What may be replayed up to where the topics are at the moment of the return."""
    lost: dict[str, list[Row]] = {topic: [] for topic in since if retained.key(topic) is None}
    reached = {topic: since[topic] for topic in lost}
    while behind := [topic for topic in lost if reached[topic] < hub.board.seq(topic)]:
        present = hub.board.epoch
        if present is None or epoch not in (None, present):
            return {}
        for topic in behind:
            until = hub.board.seq(topic)
            rows = await replay.missed(present, topic, reached[topic])
            # What is beyond `until` is still on its way to the hub and will come by itself.
            lost[topic] += [row for row in rows if row.seq <= until]
            reached[topic] = until
    return lost


def _answer(hub: Hub, client: Client, topic: str, since: int | None, epoch: str | None, lost: list[Row]) -> Joined:
    known, present = hub.board[topic], hub.board.epoch
    recovered = None
    if since is not None:
        complete = known.text is not None or len(lost) == known.seq - since
        recovered = epoch in (None, present) and since <= known.seq and complete
        said = {"type": "resumed", "topic": topic, "epoch": present, "seq": known.seq, "recovered": recovered}
        client.say(Message(topic, msgspec.json.encode(said)))
    client.say(*[Message(topic, row.text) for row in lost])
    if known.text is not None and retained.key(topic) is not None:
        client.say(Message(topic, retained.as_snapshot(known.text), conflates=True))
        return Joined(topic, present, known.seq, True, recovered)
    return Joined(topic, present, known.seq, False, recovered)
