"""Who may be asked now: what the feed must know of budgets and breakers, and the plainest of gates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from marketdata.sources.base import AuthFailed, Capability, RateLimited, SourceError
from marketdata.sources.spending import Spend, free


@dataclass(frozen=True, slots=True)
class Entry:
    """Whether a source may be asked: `error` says why not at all, `refused` why not for some symbols.

    A source on `probation` has failed before and is asked only for what no other source gave.
    """

    error: SourceError | None = None
    refused: Mapping[str, SourceError] = field(default_factory=dict)
    probation: bool = False


class Gate(Protocol):
    """Keeps the feed from sources that would only fail, or that have had enough for now."""

    def enter(self, source: str, what: Capability, symbols: Sequence[str]) -> Entry:
        """Whether the source may be asked for these symbols now."""

    def spender(self, source: str, what: Capability) -> Spend:
        """Who pays for the requests of the call that follows."""

    def tell(self, source: str, what: Capability, symbols: Sequence[str], error: SourceError | None) -> None:
        """What became of a call; None: the source answered."""


class Rest:
    """The gate of one process alone: who refused our key is not asked again, who asked for rest gets it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._resting: dict[str, tuple[float, SourceError]] = {}

    def enter(self, source: str, what: Capability, symbols: Sequence[str]) -> Entry:
        """Closed until the rest is over."""
        until, error = self._resting.get(source, (0.0, None))
        return Entry(error if self._clock() < until else None)

    def spender(self, source: str, what: Capability) -> Spend:
        """No budget."""
        return free

    def tell(self, source: str, what: Capability, symbols: Sequence[str], error: SourceError | None) -> None:
        """Remember who wants to be left alone, and for how long (seconds)."""
        if isinstance(error, AuthFailed | RateLimited):
            pause = error.retry_after if isinstance(error, RateLimited) else float("inf")
            self._resting[source] = (self._clock() + pause, error)
