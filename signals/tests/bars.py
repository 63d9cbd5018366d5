"""Series of bars for tests: random, or by hand."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from marketdata.domain import Bars, Interval

DAY = 86_400
MONDAY = int(datetime(2010, 1, 4, tzinfo=UTC).timestamp())


def sessions(count: int) -> np.ndarray:
    """Starts of weekdays' bars."""
    days = np.arange(count)
    return MONDAY + (days // 5 * 7 + days % 5) * DAY


def daily(symbol: str, prices: list[float] | np.ndarray, opens: list[float] | np.ndarray | None = None) -> Bars:
    """Bars that close at `prices`; they open at `opens` or the close before, and touch no other price."""
    close = np.array(prices, np.float64)
    first = np.concatenate([close[:1], close[:-1]]) if opens is None else np.array(opens, np.float64)
    return Bars(
        symbol=symbol, interval=Interval.DAY, vendor="test", start=sessions(len(close)), open=first,
        high=np.maximum(first, close), low=np.minimum(first, close), close=close, volume=np.full(len(close), 1e6),
        adjusted=True,
    )  # fmt: skip


def wandering(symbol: str, count: int, seed: int, sd: float = 0.015) -> Bars:
    """A random walk with ranges, gaps, volumes and a volatility that comes in clusters."""
    rng = np.random.default_rng(seed)
    calm = np.exp(0.5 * np.cumsum(rng.standard_normal(count)) / 30**0.5 * 0.3)
    steps = rng.standard_normal((count, 8)) * (sd * calm / 8**0.5)[:, None]
    path = 100 * np.exp(np.cumsum(steps).reshape(count, 8))
    return Bars(
        symbol=symbol, interval=Interval.DAY, vendor="test", start=sessions(count), open=path[:, 0].copy(),
        high=path.max(1), low=path.min(1), close=path[:, -1].copy(), volume=rng.lognormal(13, 0.4, count),
        adjusted=True,
    )  # fmt: skip


def cut(bars: Bars, until: int) -> Bars:
    """The bars that start before `until` (epoch seconds)."""
    keep = bars.start < until
    names = ("start", "open", "high", "low", "close", "volume")
    return replace(bars, **{name: getattr(bars, name)[keep] for name in names})
