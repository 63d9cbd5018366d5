"""The feed that the plan really has."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from marketdata.sources.base import NotEntitled

TRY_AGAIN = timedelta(days=1)
T = TypeVar("T")


class Feeds:
    """`wanted` until the vendor says that the plan lacks it, then `instead` for a day."""

    def __init__(self, wanted: str, instead: str, clock: Callable[[], datetime]) -> None:
        self._wanted, self._instead, self._clock = wanted, instead, clock
        self._lacked: datetime | None = None

    @property
    def now(self) -> str:
        """The feed to ask."""
        lacks = self._lacked is not None and self._clock() - self._lacked < TRY_AGAIN
        return self._instead if lacks else self._wanted

    def lacks(self, feed: str) -> None:
        """Note that the plan lacks `feed`."""
        if feed == self._wanted:
            self._lacked = self._clock()

    def entitled(self, ask: Callable[[str], T]) -> T:
        """What `ask` gives of the best feed that the plan has; raises NotEntitled where it has none."""
        feed = self.now
        try:
            return ask(feed)
        except NotEntitled:
            if feed == self._instead:
                raise
            self.lacks(feed)
            return ask(self._instead)
