"""Who is on the other side of a socket; the roof decides how that is proven."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A proven user; `expires` is the epoch second at which the proof ends (None: with the session)."""

    user: str
    expires: float | None = None


class NotProven(Exception):
    """The token is no proof: malformed, signed by another, or of a user who may not enter."""


class Expired(NotProven):
    """The token was good once."""


Authenticate = Callable[[str], Awaitable[Identity]]
"""From a token to an identity; raises NotProven."""
