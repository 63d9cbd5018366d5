"""Bars for the tests of the agents: simulated ones, real ones where they are, and such as a test writes itself."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from goldensignals.tests.shared_data import folder
from marketdata.calendar import NEW_YORK
from marketdata.domain import Bars, Interval
from marketdata.sources.simulated import Simulated
from signals.domain import MarketView

NOW = datetime(2026, 3, 5, 21, tzinfo=UTC)
COLUMNS = ("start", "open", "high", "low", "close", "volume")


@cache
def simulated(interval: Interval = Interval.DAY, count: int = 700, symbol: str = "ACME", edge: float = 0.0) -> Bars:
    start = NOW - count * interval.length
    return Simulated(seed=7, edge=edge, clock=lambda: NOW).bars(symbol, interval, start, NOW - interval.length)


@cache
def real_daily(symbol: str) -> Bars:
    """Adjusted for splits and dividends: 1999 to 2014."""
    path = folder("data/daily") / "us_stocks_daily.csv.gz"
    with gzip.open(path, "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["symbol"] == symbol]
    factor = np.array([float(row["adjusted_close"]) / float(row["close"]) for row in rows])
    table = np.array([[float(row[name]) for name in COLUMNS[1:]] for row in rows]).T
    start = [int(datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC).timestamp()) for row in rows]
    return columns(symbol, Interval.DAY, np.array(start, np.int64), np.vstack([table[:4] * factor, table[4:]]))


@cache
def real_minutes(symbol: str) -> Bars:
    """One-minute trades of six sessions of October 2013, extended hours included."""
    with gzip.open(folder("data/minute") / f"{symbol}_1min_trades.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    table = np.array([[float(row[name]) for name in COLUMNS[1:]] for row in rows]).T
    stamps = [datetime.fromisoformat(row["time_et"]).replace(tzinfo=NEW_YORK).timestamp() for row in rows]
    return columns(symbol, Interval.MINUTE, np.array(stamps, np.int64), table)


def columns(symbol: str, interval: Interval, start: np.ndarray, table: np.ndarray, simulated: bool = False) -> Bars:
    names = dict(zip(COLUMNS[1:], table, strict=True))
    return Bars(symbol=symbol, interval=interval, vendor="test", start=start, simulated=simulated, **names)


def closes(values: Sequence[float], volume: Sequence[float] | None = None, interval: Interval = Interval.DAY) -> Bars:
    """Bars that open at the close before and have no wicks."""
    close = np.array(values, np.float64)
    opened = np.append(close[:1], close[:-1])
    traded = np.full(len(close), 1000.0) if volume is None else np.array(volume, np.float64)
    first = datetime(2026, 1, 5, tzinfo=UTC)
    start = np.array([int((first + i * interval.length).timestamp()) for i in range(len(close))], np.int64)
    return columns("ACME", interval, start,
                   np.array([opened, np.maximum(opened, close), np.minimum(opened, close), close, traded]),
                   simulated=True)  # fmt: skip


def cut(bars: Bars, first: int, last: int | None = None) -> Bars:
    return replace(bars, **{name: getattr(bars, name)[first:last] for name in COLUMNS})


def view(bars: Bars, **more: object) -> MarketView:
    at = datetime.fromtimestamp(int(bars.start[-1]), UTC) + bars.interval.length if len(bars) else NOW
    made = MarketView(symbol=bars.symbol, market="simulated", at=at + timedelta(0), bars=bars, simulated=bars.simulated)
    return replace(made, **more)  # type: ignore[arg-type]
