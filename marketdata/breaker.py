"""Circuit breakers whose state is in Redis, so that all processes agree whom to leave alone."""

import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from pybreaker import STATE_CLOSED, STATE_OPEN, CircuitBreaker, CircuitBreakerError, CircuitBreakerStorage

from marketdata.cache import client
from marketdata.live import topics
from marketdata.sources import base
from marketdata.sources.base import RateLimited, SourceError

FAILURES, WITHIN = 3, 60.0
"""So many failures within so many seconds open a breaker."""
CLEAN = 3
"""Answers in a row, without a failure, that close it again."""
FORGOTTEN = 7 * 86_400
"""Seconds after which a breaker that nobody asks about is forgotten."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Condition:
    """How a breaker stands: `until` (epoch seconds) it is open, then on probation; `clean` answers since."""

    name: str
    state: str = STATE_CLOSED
    until: float = 0.0
    clean: int = 0
    cleaned_at: float = 0.0
    error: SourceError | None = None
    symbol: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether all is well."""
        return self.state == STATE_CLOSED

    @property
    def is_open(self) -> bool:
        """Whether its source must not be asked."""
        return self.state == STATE_OPEN and time.time() < self.until


def conditions(names: Iterable[str]) -> list[Condition]:
    """How these breakers stand, in one question to Redis."""
    names = list(names)
    pipe = client().pipeline(transaction=False)
    for name in names:
        pipe.hgetall(topics.BREAKER + name)
    return [_condition(name, _text(found)) for name, found in zip(names, pipe.execute(), strict=True)]


def tripped() -> list[Condition]:
    """Every breaker that is not closed."""
    names: set[bytes] = client().smembers(topics.BREAKERS)  # type: ignore[assignment]
    return [one for one in conditions(sorted(name.decode() for name in names)) if not one.is_closed]


def succeeded(name: str) -> None:
    """A clean answer; the last of CLEAN closes a breaker on probation."""
    with suppress(CircuitBreakerError):
        _breaker(State(name)).call(lambda: None)


def failed(name: str, error: SourceError, pause: float, at_once: bool, symbol: str = "") -> None:
    """A failure; FAILURES of them, or one that counts `at_once`, open the breaker for `pause` seconds."""
    state = State(name, error, pause, symbol)
    with suppress(CircuitBreakerError, SourceError):
        _breaker(state, 1 if at_once else FAILURES).call(_raise, error)


def forget(name: str) -> None:
    """Close the breaker, whatever it stands for."""
    State(name).state = STATE_CLOSED


def doublings(name: str) -> int:
    """How often in a row the breaker has opened without closing."""
    return int(client().hget(topics.BREAKER + name, "openings") or 0)  # type: ignore[arg-type]


class State(CircuitBreakerStorage):
    """What pybreaker remembers, in Redis; `opened_at` is when the breaker may be tried again."""

    def __init__(self, name: str, error: SourceError | None = None, pause: float = 0.0, symbol: str = "") -> None:
        super().__init__("redis")
        self._name, self._error, self._pause, self._symbol = name, error, pause, symbol
        self._key, self._failures = topics.BREAKER + name, f"{topics.BREAKER}{name}:failures"

    @property
    def state(self) -> str:
        """closed, open or half-open."""
        found = client().hget(self._key, "state")
        return found.decode() if isinstance(found, bytes) else STATE_CLOSED

    @state.setter
    def state(self, state: str) -> None:
        pipe = client().pipeline()
        if state == STATE_CLOSED:
            pipe.delete(self._key, self._failures)
            pipe.srem(topics.BREAKERS, self._name)
        else:
            pipe.hset(self._key, "state", state)
            pipe.expire(self._key, FORGOTTEN + round(2 * self._pause))
            pipe.sadd(topics.BREAKERS, self._name)
        if state == STATE_OPEN:
            pipe.hincrby(self._key, "openings", 1)
        pipe.execute()
        log.warning("%s is %s%s", self._name, state, f": {self._error}" if self._error else "")

    @property
    def opened_at(self) -> datetime | None:
        """When the pause ends."""
        until = float(client().hget(self._key, "until") or 0)  # type: ignore[arg-type]
        return datetime.fromtimestamp(until, UTC)

    @opened_at.setter
    def opened_at(self, at: datetime) -> None:
        mapping = {
            "until": at.timestamp() + self._pause, "symbol": self._symbol,
            "error": type(self._error).__name__, "message": str(self._error)[:300],
        }  # fmt: skip
        client().hset(self._key, mapping=mapping)  # type: ignore[arg-type]

    @property
    def counter(self) -> int:
        """Failures within the window."""
        client().zremrangebyscore(self._failures, "-inf", time.time() - WITHIN)
        return int(client().zcard(self._failures))  # type: ignore[arg-type]

    def increment_counter(self) -> None:
        """One more failure."""
        client().zadd(self._failures, {uuid4().hex: time.time()})
        client().expire(self._failures, round(2 * WITHIN))

    def reset_counter(self) -> None:
        """A success does not make failures undone: who answers one time in three is not well."""

    @property
    def success_counter(self) -> int:
        """Clean answers on probation."""
        return int(client().hget(self._key, "clean") or 0)  # type: ignore[arg-type]

    def increment_success_counter(self) -> None:
        """One more clean answer."""
        client().hincrby(self._key, "clean", 1)
        client().hset(self._key, "cleaned_at", str(time.time()))

    def reset_success_counter(self) -> None:
        """From the beginning."""
        client().hdel(self._key, "clean")


def _breaker(state: State, failures: int = FAILURES) -> CircuitBreaker:
    """Made anew for each outcome: one that lives on would take what others changed for its own news."""
    return CircuitBreaker(fail_max=failures, reset_timeout=0, success_threshold=CLEAN, state_storage=state)


def _condition(name: str, found: dict[str, str]) -> Condition:
    if "state" not in found:
        return Condition(name)
    until = float(found.get("until", 0))
    return Condition(
        name, found["state"], until, int(found.get("clean", 0)), float(found.get("cleaned_at", 0)),
        _error(found.get("error", ""), found.get("message", ""), until), found.get("symbol", ""),
    )  # fmt: skip


def _error(kind: str, message: str, until: float) -> SourceError:
    made = getattr(base, kind, SourceError)
    if made is RateLimited:
        return RateLimited(message, max(1.0, until - time.time()))
    return made(message) if isinstance(made, type) and issubclass(made, SourceError) else SourceError(message)


def _text(found: dict[bytes, bytes]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in found.items()}


def _raise(error: SourceError) -> None:
    raise error
