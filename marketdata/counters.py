"""The figures that all processes share, kept in Redis: /health, /metrics and the admin read the same ones."""

import time
from typing import Any

import msgspec

from marketdata import cache
from marketdata.live import topics
from marketdata.sources.base import SourceError


def add(**increments: float) -> None:
    """Raise counters: `add(quotes_fetched=9)`."""
    pipe = cache.client().pipeline(transaction=False)
    for name, by in increments.items():
        if by:
            pipe.hincrbyfloat(topics.STATISTICS, name, by)
    pipe.execute()


def read() -> dict[str, float]:
    """All counters by name."""
    found: dict[bytes, bytes] = cache.client().hgetall(topics.STATISTICS)  # type: ignore[assignment]
    return {name.decode(): float(value) for name, value in found.items()}


def source_ok(name: str, seconds: float) -> None:
    """A source answered in so many seconds."""
    _note(name, {"last_success": time.time(), "latency_ms": round(1000 * seconds, 1)})


def source_failed(name: str, error: SourceError) -> None:
    """A source failed; its remedy is kept beside the cause."""
    _note(name, {"last_failure": {
        "at": time.time(), "error": type(error).__name__, "message": str(error)[:300], "remedy": error.remedy,
    }})


def sources() -> dict[str, dict[str, Any]]:
    """Of each source: last_success, latency_ms, last_failure (times in epoch seconds)."""
    found: dict[bytes, bytes] = cache.client().hgetall(topics.SOURCES)  # type: ignore[assignment]
    notes: dict[str, dict[str, Any]] = {}
    for field, value in found.items():
        name, _, what = field.decode().partition(":")
        notes.setdefault(name, {})[what] = msgspec.json.decode(value)
    return notes


def _note(name: str, what: dict[str, Any]) -> None:
    mapping = {f"{name}:{key}": msgspec.json.encode(value) for key, value in what.items()}
    cache.client().hset(topics.SOURCES, mapping=mapping)  # type: ignore[arg-type]
