"""Interactive Brokers' limits on requests of bars, kept on our side. Pure: the clock enters as a number."""

from collections import defaultdict, deque
from collections.abc import Hashable

WINDOW, MOST = 600.0, 60
"""No more than so many requests in ten minutes."""
BURST, MOST_IN_BURST = 2.0, 5
"""Six requests of one contract within two seconds are too many."""
SAME = 15.0
"""Seconds between two identical requests."""


class Pacer:
    """Remembers the requests that were sent; not for several threads."""

    def __init__(self) -> None:
        self._all: deque[tuple[float, int]] = deque()
        self._of: dict[Hashable, deque[float]] = defaultdict(deque)
        self._same: dict[Hashable, float] = {}

    def wait(self, contract: Hashable, request: Hashable, now: float, weight: int = 1) -> float:
        """Seconds until a request may be sent; `weight` 2 for BID_ASK, which counts twice."""
        self._forget(now)
        return max(self._for_window(now, weight), self._for_burst(contract, now, weight), self._for_same(request, now))

    def sent(self, contract: Hashable, request: Hashable, now: float, weight: int = 1) -> None:
        """Count a request that is being sent."""
        self._all.append((now, weight))
        self._of[contract].extend([now] * weight)
        self._same[request] = now

    def _for_window(self, now: float, weight: int) -> float:
        free, waits = MOST - sum(one for _, one in self._all), 0.0
        for at, one in self._all:
            if free >= weight:
                break
            free, waits = free + one, at + WINDOW - now
        return waits

    def _for_burst(self, contract: Hashable, now: float, weight: int) -> float:
        sent = self._of.get(contract, ())
        over = len(sent) + weight - MOST_IN_BURST
        return list(sent)[over - 1] + BURST - now if over > 0 and sent else 0.0

    def _for_same(self, request: Hashable, now: float) -> float:
        return max(0.0, self._same[request] + SAME - now) if request in self._same else 0.0

    def _forget(self, now: float) -> None:
        while self._all and self._all[0][0] <= now - WINDOW:
            self._all.popleft()
        for contract, sent in list(self._of.items()):
            while sent and sent[0] <= now - BURST:
                sent.popleft()
            if not sent:
                del self._of[contract]
        self._same = {request: at for request, at in self._same.items() if at > now - SAME}
