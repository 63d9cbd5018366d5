"""What the sockets of this process did: exact counters and the time from publish to the socket."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds of the latency buckets in seconds; one more bucket has all that took longer."""


@dataclass(slots=True)
class Latency:
    """A histogram of seconds; `counts` has one entry per bound and one for the rest."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def note(self, seconds: float, times: int) -> None:
        """So many deliveries took so long each."""
        self.counts[bisect_left(BOUNDS, seconds)] += times
        self.total += seconds * times


@dataclass(slots=True)
class Figures:
    """Messages written, messages that a slow client missed for newer ones, sockets by close code, latency."""

    delivered: int = 0
    dropped: int = 0
    connected: int = 0
    closed: Counter[int] = field(default_factory=Counter)
    resyncs: int = 0
    latency: Latency = field(default_factory=Latency)
