"""What the processes write: text for people or ECS-shaped JSON lines (`LOG_FORMAT`), secrets made unreadable."""

import os
import re
from collections.abc import Mapping, MutableMapping
from functools import cache
from typing import Any

import structlog

SECRET_NAMES = re.compile(r"(KEY|SECRET|PASSWORD|TOKEN)$")
HIDDEN = "***"
PATTERNS = (
    (re.compile(r"(?<=://)([^:@/\s]*):([^@/\s]+)@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"(?i)\b(authorization:?\s*(?:bearer|basic)?\s+)[^\s'\"]+"), rf"\1{HIDDEN}"),
    (
        re.compile(r"(?i)((?:api_?key|secret(?:_key)?|password|token|crumb)['\"]?\s*[=:]\s*['\"]?)[^\s&'\",}]+"),
        rf"\1{HIDDEN}",
    ),
)
CHATTY = ("celery.app.trace", "celery.worker.strategy", "celery.beat")
"""Celery says each task three times, which is a line a second and no news."""
ECS = {
    "timestamp": "@timestamp",
    "level": "log.level",
    "logger": "log.logger",
    "event": "message",
    "exception": "error.stack_trace",
}


@cache
def own_secrets() -> tuple[str, ...]:
    """The values of this process' environment that nobody may read."""
    found = (value for name, value in os.environ.items() if SECRET_NAMES.search(name) and len(value) >= 8)
    return tuple(sorted(found, key=len, reverse=True))


def redacted(text: str) -> str:
    """The text without passwords in URLs, keys in queries, and our own secrets."""
    for secret in own_secrets():
        text = text.replace(secret, HIDDEN)
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


def hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog's processor: a value whose name says that it is secret goes entirely."""
    return {name: HIDDEN if SECRET_NAMES.search(name.upper()) else value for name, value in event.items()}


def redact(_: Any, __: str, line: str) -> str:
    """structlog's last processor: the whole line as it will be read."""
    return redacted(line)


def as_ecs(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    named = {ECS.get(name, f"labels.{name}"): value for name, value in event.items()}
    return {"ecs.version": "8.11.0", "service.name": "goldensignals", "process.pid": os.getpid(), **named}


def configuration(level: str, shape: str) -> dict[str, Any]:
    """Django's LOGGING; everything goes to standard error, of which `up` and Docker keep the lines."""
    stamped = structlog.processors.TimeStamper("iso", utc=True)
    before: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        stamped,
    ]
    last: list[Any] = [
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        hide,
    ]
    people, machines = (
        [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)],
        [as_ecs, structlog.processors.JSONRenderer()],
    )
    extra = [structlog.stdlib.ExtraAdder()] if shape == "json" else []
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*before[:2], *extra, stamped],
        "processors": [*last, *(machines if shape == "json" else people), redact],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"house": formatter},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "house"}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": through_root(),
    }


def through_root() -> Mapping[str, Any]:
    """Libraries that bring handlers of their own, or say too much, write through ours.

    Among what websockets says in DEBUG are whole frames, in hexadecimal too, where no key can be made unreadable.
    """
    plain = {name: {"handlers": [], "propagate": True} for name in ("django", "uvicorn", "uvicorn.error")}
    quiet = {name: {"level": "WARNING"} for name in ("httpx", "peewee", "yfinance", "asyncio", "websockets", *CHATTY)}
    return {**plain, **quiet}
