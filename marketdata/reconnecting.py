"""When a connection that ended is opened again: later each time, without end, and never in step with others."""

import random
from collections.abc import Callable

from marketdata.sources.base import AuthFailed, NotEntitled, RateLimited, SourceError

FIRST, LONGEST = 1.0, 30.0
"""Seconds: the first pause at most, and every pause at most."""
KEY_PAUSE = 60.0
"""Seconds until a look whether the vendor may be tried with our key again (the vendor is not asked for that)."""
PLAN_PAUSE = 86_400.0
"""Seconds until a plan that lacked the stream is tried again."""
STEADY = 30.0
"""Seconds that a connection must have lasted for the pauses to begin anew."""


class Reconnecting:
    """Counts the attempts of one connection; there is no limit to them."""

    def __init__(self, draw: Callable[[float, float], float] = random.uniform) -> None:
        self._draw = draw
        self.attempt = 0

    def pause(self, error: Exception | None, lasted: float) -> float:
        """Seconds to wait after a connection of `lasted` seconds ended with `error` (None: it just ended)."""
        self.attempt = 1 if lasted > STEADY else self.attempt + 1
        match error:
            case AuthFailed():
                return KEY_PAUSE  # then it is looked at whether the key is still refused
            case NotEntitled():
                return PLAN_PAUSE
            case RateLimited():
                return error.retry_after + self._draw(0.0, ceiling(self.attempt))
            case _:
                return self._draw(0.0, ceiling(self.attempt))


def ceiling(attempt: int) -> float:
    """Before full jitter: 1, 2, 4, 8, 16, 30, 30, … seconds."""
    return min(LONGEST, FIRST * 2.0 ** min(attempt - 1, 10))


def is_alarming(error: Exception, attempt: int) -> bool:
    """What does not pass by itself at once, and what has not passed by itself after some attempts."""
    return isinstance(error, AuthFailed | NotEntitled) or (isinstance(error, SourceError) and attempt >= 3)
