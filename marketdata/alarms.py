"""Alarms: what an operator must see once, however often and in however many processes it happens."""

import logging
import time
from typing import Any

import msgspec

from marketdata import cache
from marketdata.live import topics

log = logging.getLogger(__name__)


def sound(name: str, message: str, remedy: str = "") -> bool:
    """Switch the alarm on; whether it was off. Only then is it logged."""
    told = {"at": time.time(), "message": message[:300], "remedy": remedy}
    is_new = bool(cache.client().hsetnx(topics.ALARMS, name, msgspec.json.encode(told)))  # type: ignore[arg-type]
    if is_new:
        log.error("alarm %s: %s. %s", name, message[:300].rstrip("."), remedy)
    return is_new


def end(name: str) -> None:
    """Switch the alarm off, if it is on."""
    if cache.client().hdel(topics.ALARMS, name):
        log.warning("alarm %s is over", name)


def sounding() -> dict[str, dict[str, Any]]:
    """The alarms that are on, oldest first: at (epoch seconds), message, remedy."""
    found: dict[bytes, bytes] = cache.client().hgetall(topics.ALARMS)  # type: ignore[assignment]
    alarms = {name.decode(): msgspec.json.decode(told) for name, told in found.items()}
    return dict(sorted(alarms.items(), key=lambda item: item[1]["at"]))
