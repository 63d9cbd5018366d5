"""An ear on the real Redis: what was announced, as every web process gets it."""

from collections.abc import Iterator
from typing import Any

import msgspec
import redis

from marketdata.live import topics

MARK = "so far"


class Ear:
    """Subscribed to the one group from the moment it is made."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._pubsub = client.pubsub(ignore_subscribe_messages=False)
        self._pubsub.psubscribe(f"*{topics.GROUP}*")
        assert self._pubsub.get_message(timeout=30)["type"] == "psubscribe"

    def heard(self) -> list[dict[str, Any]]:
        """Everything announced so far: Redis keeps the order, so that it comes before a mark of our own."""
        found: list[dict[str, Any]] = []
        self._client.publish(f"{topics.GROUP}{MARK}", MARK)
        while (message := self._pubsub.get_message(timeout=30)) and message["data"] != MARK.encode():
            found += self._events(message)
        assert message, "our own mark did not come back"
        return found

    def close(self) -> None:
        """Hear no more."""
        self._pubsub.close()

    def _events(self, message: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for _topic, _number, _conflates, text in msgspec.msgpack.decode(message["data"])["events"]:
            yield msgspec.json.decode(text)
