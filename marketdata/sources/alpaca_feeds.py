"""The feed that the plan really has."""

from collections.abc import Callable
from datetime import datetime, timedelta

TRY_AGAIN = timedelta(days=1)


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

    def lacks(self, feed: str) -> bool:
        """Note that the plan lacks `feed`; whether there is another one to ask."""
        if feed == self._instead:
            return False
        self._lacked = self._clock()
        return True
