"""Who answers what a client may ask for once. The floors above put their answers in when they are ready."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from channels.db import database_sync_to_async

Answer = Callable[[], Mapping[str, Any]]

HELD = 1.0
"""Seconds for which an answer is told again: a thousand clients that ask at once cost one."""
NOBODY: dict[str, Mapping[str, Any]] = {"agent_status": {"agents": []}}
"""What is said where no floor answers."""

_answers: dict[str, Answer] = {}
_held: dict[str, tuple[float, Mapping[str, Any]]] = {}


def put(action: str, answer: Answer) -> None:
    """From now on, `answer` (which may read the database and Redis) answers this action."""
    _answers[action] = answer
    _held.pop(action, None)


async def answer(action: str) -> Mapping[str, Any]:
    """The data of the answer; raises redis.RedisError or django.db.Error where a server is away."""
    until, held = _held.get(action, (0.0, {}))
    if time.monotonic() < until:
        return held
    if action not in _answers:
        return NOBODY[action]
    found: Mapping[str, Any] = await database_sync_to_async(_answers[action])()
    _held[action] = time.monotonic() + HELD, found
    return found
