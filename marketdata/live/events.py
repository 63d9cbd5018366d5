"""What is announced: one event, one message on every socket that subscribed to its topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """A message before it has its sequence number.

    `type` and `data` go on the wire as they are; `retain` names the key under which a newcomer finds the last one
    (None: not retained); `conflates` says that only the latest of a topic matters to a slow client.
    """

    topic: str
    type: str
    data: Mapping[str, Any]
    timestamp: datetime
    retain: str | None = None
    conflates: bool = True
