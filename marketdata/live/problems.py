"""How a socket says no: a code to act on, a sentence with the remedy, and whether to try again."""

from dataclasses import dataclass
from typing import Any

Id = str | int | None

UNAUTHORIZED, FORBIDDEN, UNKNOWN, LATE, FLOOD, BROKEN, TRY_LATER = 4401, 4403, 4404, 4408, 4429, 1011, 1013
"""Close codes: 44xx as HTTP's 4xx; 4408 silent or too slow: come back and resume; 1013 we are not able just now."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One error message; `id` and `symbol` say what of the client's it concerns."""

    code: str
    title: str
    retryable: bool = False
    id: Id = None
    symbol: str | None = None

    def message(self) -> dict[str, Any]:
        """The error as it goes on the wire."""
        said: dict[str, Any] = {"type": "error", "code": self.code, "title": self.title, "retryable": self.retryable}
        named = {"id": self.id, "symbol": self.symbol}
        return said | {name: value for name, value in named.items() if value is not None}


def unavailable(id_: Id = None) -> Problem:
    """Redis does not answer, so the present state of a topic cannot be told."""
    return Problem("unavailable", "The live data store does not answer. Try again in some seconds.", True, id_)
