"""What a hub asks Redis: where topics are now, and what a client missed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from marketdata.cache import aclient
from marketdata.live import retained, topics
from marketdata.live.board import Known, Row


class State(NamedTuple):
    """The epoch and where each topic is; epoch None: nothing was published yet."""

    epoch: str | None
    topics: dict[str, Known]


async def state(names: Sequence[str]) -> State:
    """The present number and retained message of each topic, in one transaction; raises redis.RedisError."""
    keys = [retained.key(name) or "" for name in names]
    async with aclient().pipeline(transaction=True) as pipe:
        pipe.get(topics.EPOCH)
        if names:
            pipe.hmget(topics.SEQUENCE, list(names))
            pipe.hmget(topics.LATEST, keys)
        epoch, *found = await pipe.execute()
    seqs, texts = found or ([], [])
    known = {name: Known(int(seq or 0), text) for name, seq, text in zip(names, seqs, texts, strict=True)}
    return State(epoch.decode() if epoch else None, known)


async def missed(epoch: str, topic: str, since: int) -> list[Row]:
    """The events of a topic after number `since` that Redis still has, oldest first; raises redis.RedisError."""
    entries: Any = await aclient().xrange(retained.stream(epoch, topic), min=f"{since + 1}-0")
    return [Row(topic, int(id_.partition(b"-")[0]), False, fields[b"t"]) for id_, fields in entries]
