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


@dataclass(slots=True)
class Lost:
    """What a client missed of a topic, oldest first, up to number `reached` of the present epoch."""

    rows: list[Row]
    reached: int
    whole: bool = True


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
    answers = [_answer(hub, client, topic, since.get(topic), epoch, lost.get(topic)) for topic in topics]
    hub.audiences.move(client, client.topics.union(topics))
    return answers


async def _learn(hub: Hub, topics: Sequence[str]) -> None:
    if unknown := [topic for topic in topics if topic not in hub.board]:
        found = await replay.state(unknown)
        if any(topic not in hub.board for topic in unknown):
            hub.board.enter(found.epoch, hub.audiences.topics())
        for topic, known in found.topics.items():
            hub.board.learn(topic, *known)


async def _missed(hub: Hub, since: Mapping[str, int], epoch: str | None) -> dict[str, Lost]:
    """What may be replayed up to where the topics are at the moment of the return; nothing if the epoch changes."""
    present = hub.board.epoch
    replayed = {topic: seq for topic, seq in since.items() if retained.key(topic) is None}
    lost = {topic: await _begin(hub, topic, seq, epoch) for topic, seq in replayed.items()}
    while behind := [topic for topic, one in lost.items() if one.reached < hub.board.seq(topic)]:
        if present is None or hub.board.epoch != present:
            return {}
        for topic in behind:
            await _catch_up(hub, present, topic, lost[topic])
    return lost if hub.board.epoch == present else {}


async def _begin(hub: Hub, topic: str, since: int, epoch: str | None) -> Lost:
    """What was missed of past epochs; the present one then counts from its beginning."""
    present = hub.board.epoch
    if epoch in (None, present):
        return Lost([], since)
    rows = await replay.earlier(topic, epoch, since, present)
    return Lost([], hub.board.seq(topic), whole=False) if rows is None else Lost(rows, 0)


async def _catch_up(hub: Hub, present: str, topic: str, lost: Lost) -> None:
    until = hub.board.seq(topic)
    # What is beyond `until` is still on its way to the hub and will come by itself.
    rows = [row for row in await replay.missed(present, topic, lost.reached) if row.seq <= until]
    lost.whole &= len(rows) == until - lost.reached
    lost.rows += rows
    lost.reached = until


def _answer(hub: Hub, client: Client, topic: str, since: int | None, epoch: str | None, lost: Lost | None) -> Joined:
    known, present = hub.board[topic], hub.board.epoch
    is_retained = retained.key(topic) is not None and known.text is not None
    recovered = None
    if since is not None:
        replaced = is_retained and epoch in (None, present) and since <= known.seq
        recovered = replaced or (lost is not None and lost.whole and lost.reached == known.seq)
        said = {"type": "resumed", "topic": topic, "epoch": present, "seq": known.seq, "recovered": recovered}
        client.say(Message(topic, msgspec.json.encode(said)))
    client.say(*[Message(topic, row.text) for row in lost.rows] if lost else ())
    if known.text is not None and is_retained:
        client.say(Message(topic, retained.as_snapshot(known.text), conflates=True))
    return Joined(topic, present, known.seq, is_retained, recovered)
