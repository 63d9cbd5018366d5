"""How a test asks Interactive Brokers, and how it waits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest

from marketdata.domain import Bars, Interval, Quote
from marketdata.sources.base import (
    SourceError,
)
from marketdata.sources.ib_library import library
from marketdata.sources.interactive_brokers import InteractiveBrokers
from marketdata.tests import conformance

NOW = datetime(2026, 3, 11, 16, 0, 5, tzinfo=UTC)


def quote(source: InteractiveBrokers, symbol: str = "AAPL") -> Quote:
    answer = source.quotes([symbol])[symbol]
    assert isinstance(answer, Quote), answer
    conformance.check_quote(answer, symbol, "ib")
    return answer


def failure(ask: Callable[[], object]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask()
    return caught.value


def last_days(source: InteractiveBrokers, symbol: str = "AAPL", days: int = 9) -> Bars:
    now = datetime.now(UTC)
    return source.bars(symbol, Interval.DAY, now - timedelta(days=days), now)


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Ask again until it holds: each question may wait for its own deadline."""
    ends = monotonic() + seconds
    while not holds():
        assert monotonic() < ends, "it never came to be"


def answers_again(source: InteractiveBrokers) -> bool:
    try:
        return isinstance(source.quotes(["MSFT"])["MSFT"], Quote)
    except SourceError:
        return False


def answered(source: InteractiveBrokers, symbol: str) -> bool:
    try:
        return bool(source.quotes([symbol]))
    except SourceError:
        return False


def ticker(**values: Any) -> Any:
    """A ticker of the library that holds these values, as if it had just spoken."""
    found = library().Ticker()
    # Making one empties it.
    for name, value in {"time": NOW, **values}.items():
        setattr(found, name, value)
    return found
