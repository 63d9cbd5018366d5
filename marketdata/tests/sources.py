"""A source that does as it is told, for tests of the feed and of what stands before it."""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from marketdata.domain import Bars, Interval, Quote
from marketdata.sources import spending
from marketdata.sources.base import Capability, SourceError

NOW = datetime(2025, 6, 2, 15, 0, tzinfo=UTC)
Answers = Mapping[str, Quote | SourceError]


class Told:
    """Answers quotes as `answer` says: an error to raise, an event to wait for, the answers, or None for a quote each.

    Each call sends `requests` requests to its vendor.
    """

    capabilities = frozenset({Capability.QUOTES, Capability.BARS})
    simulated = False

    def __init__(self, name: str, answer: object = None, requests: int = 1) -> None:
        self.name, self.answer, self.requests, self.calls = name, answer, requests, 0

    def quotes(self, symbols: Sequence[str]) -> Answers:
        self.calls += 1
        for _ in range(self.requests):
            spending.request()
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, threading.Event):
            self.answer.wait(10)
        if isinstance(self.answer, dict):
            return self.answer
        if callable(self.answer):
            return self.answer(symbols)
        return {symbol: quote(symbol, self.name) for symbol in symbols}

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        self.calls += 1
        for _ in range(self.requests):
            spending.request()
        if isinstance(self.answer, Exception):
            raise self.answer
        return Bars.of(symbol, interval, self.name, [])

    def knows(self, symbol: str) -> bool | None:
        return None

    def close(self) -> None:
        pass


def quote(symbol: str, vendor: str, at: datetime = NOW) -> Quote:
    """A quote of 1.0."""
    return Quote(symbol=symbol, vendor=vendor, as_of=at, received_at=at, price=1.0)
