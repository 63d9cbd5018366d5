"""What Redis keeps of the live messages: the last of each symbol, the numbers, streams of what must not be lost."""

from collections.abc import Sequence

from marketdata import cache
from marketdata.live import topics


def retained(keys: Sequence[str]) -> dict[str, bytes]:
    """The last encoded message of each key that has one, in one round trip."""
    if not keys:
        return {}
    found: list[bytes | None] = cache.client().hmget(topics.LATEST, list(keys))  # type: ignore[assignment]
    return {key: text for key, text in zip(keys, found, strict=True) if text is not None}


def forget() -> None:
    """Drop all values and start the numbers over under a new epoch: another market is shown from now on."""
    cache.client().delete(topics.LATEST, topics.SEQUENCE, topics.EPOCH)


def key(topic: str) -> str | None:
    """The key under which the last message of a topic is retained; None where it is not."""
    channel, _, symbol = topic.partition(":")
    return {topics.MARKET: symbol, topics.OPTIONS: topic}.get(channel)


def stream(epoch: str, topic: str) -> str:
    """The Redis stream with the recent messages of a topic that must reach everyone; entry ids are `<seq>-0`."""
    return f"{topics.STREAM}{epoch}:{topic}"


def as_snapshot(text: bytes) -> bytes:
    """The same message marked as what was there before."""
    return text[:-1] + b',"snapshot":true}'
