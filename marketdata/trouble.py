"""When a pushing source fails: what is noted, when it is an alarm, and when its vendor must not be tried at all."""

import redis

from marketdata import alarms, counters, scores, wiring
from marketdata.mute import Mute
from marketdata.reconnecting import is_alarming
from marketdata.sources.base import AuthFailed, Capability, NotEntitled, SourceError, Unavailable

_OVER = ("stream", "mute", "stream NotEntitled", "AuthFailed")


def refused(source: str) -> bool:
    """Whether the vendor is known to refuse our key: it is not tried again before somebody changes that."""
    try:
        return isinstance(wiring.gatekeeper().enter(source, Capability.STREAM, ()).error, AuthFailed)
    except redis.RedisError:
        return False


def note(source: str, error: Exception, attempt: int) -> None:
    """Note how a connection ended; raises RedisError."""
    known = error if isinstance(error, SourceError) else Unavailable(type(error).__name__)
    counters.source_failed(source, known)
    if known is not error:
        return  # our own database or network: nothing that the vendor has to answer for
    scores.failed(source, pushing=True)
    if isinstance(known, AuthFailed):
        # The same key serves the polls: one refusal is told once, to all.
        wiring.gatekeeper().tell(source, Capability.STREAM, (), known)
    elif isinstance(known, Mute):
        alarms.sound(f"{source} mute", str(known), known.remedy)
    elif isinstance(known, NotEntitled):
        alarms.sound(f"{source} stream NotEntitled", str(known), known.remedy)
    elif is_alarming(known, attempt):
        alarms.sound(f"{source} stream", f"{type(known).__name__}: {known}", known.remedy)


def over(source: str) -> None:
    """Something came through the connection: what was wrong with it is over; raises RedisError."""
    for name in _OVER:
        alarms.end(f"{source} {name}")
