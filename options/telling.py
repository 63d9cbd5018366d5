"""Numbers that can be told, and for each of the others the reason: null rather than wrong."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Untold(Exception):
    """A number cannot be told; the message says why."""


class Telling:
    """Asks for one number after another; `reasons` says by name why some were not told."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def __call__(self, name: str, ask: Callable[[], T]) -> T | None:
        """What `ask` returns; None with its reason where it is Untold or not finite."""
        try:
            found = ask()
            if isinstance(found, float) and not np.isfinite(found):
                raise Untold("the numbers of the chain do not allow it")
        except Untold as why:
            self.reasons[name] = str(why)
            return None
        return found


def known(value: T | None, why: str) -> T:
    """The value; raises Untold where there is none."""
    if value is None:
        raise Untold(why)
    return value
