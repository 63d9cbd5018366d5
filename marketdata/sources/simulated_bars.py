"""Bars of the simulated market, daily and shorter; nothing after the present gets into them."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Bars, Interval
from marketdata.sources.simulated_day import STEP, STEPS
from marketdata.sources.simulated_factors import BLOCK, day_of, midnight
from marketdata.sources.simulated_path import TICK
from marketdata.sources.simulated_world import World

Ints = NDArray[np.int64]

DAY = 86_400


def bars(world: World, symbol: str, interval: Interval, start: datetime, end: datetime, now: datetime) -> Bars:
    """The bars that start in [start, end) and at or before `now`; the last one is partial while it runs."""
    first, last = max(0, day_of(start)), min(day_of(end), day_of(now))
    table = (
        _daily(world, symbol, first, last, now)
        if interval is Interval.DAY
        else _shorter(world, symbol, int(interval.length.total_seconds()), first, last, now)
    )
    wanted = (table[0] >= start.timestamp()) & (table[0] < end.timestamp())
    starts, opened, high, low, close, volume = table[:, wanted]
    length = interval.length.total_seconds()
    return Bars(
        symbol=symbol, interval=interval, vendor="simulated", simulated=True, start=starts,
        open=_dollars(opened), high=_dollars(high), low=_dollars(low), close=_dollars(close),
        volume=volume.astype(np.float64), last_is_partial=bool(len(starts)) and starts[-1] + length > now.timestamp(),
    )  # fmt: skip


def _daily(world: World, symbol: str, first: int, last: int, now: datetime) -> Ints:
    """Rows start, open, high, low, close, volume; whole days from the daily path, the running one from its steps."""
    whole = min(last, day_of(now) - 1)
    parts = (
        [_days(world, symbol, index) for index in range(first // BLOCK, whole // BLOCK + 1)] if whole >= first else []
    )
    table = np.concatenate(parts, axis=1)[:, first % BLOCK :][:, : whole - first + 1] if parts else _nothing()
    if last < day_of(now) or last < first:
        return table
    return np.concatenate([table, _steps(world, symbol, last, STEPS, now)], axis=1)


def _days(world: World, symbol: str, index: int) -> Ints:
    days = world.block(symbol, index)
    starts = int(midnight(index * BLOCK).timestamp()) + DAY * np.arange(BLOCK)
    return np.stack([starts, days.open, days.high, days.low, days.close, days.volume])


def _shorter(world: World, symbol: str, length: int, first: int, last: int, now: datetime) -> Ints:
    days = [_steps(world, symbol, number, length // STEP, now) for number in range(first, last + 1)]
    return np.concatenate(days, axis=1) if days else _nothing()


def _steps(world: World, symbol: str, number: int, each: int, now: datetime) -> Ints:
    """Bars of `each` steps of one day, up to now."""
    began = int(midnight(number).timestamp())
    count = int(np.clip((now.timestamp() - began) // STEP + 1, 0, STEPS))
    if count == 0:
        return _nothing()
    day = world.day(symbol, number)
    price, heads = day.price[:count].astype(np.int64), np.arange(0, count, each)
    tails = np.minimum(heads + each, count) - 1
    traded = day.volume[tails]
    return np.stack([
        began + heads * STEP, price[heads], np.maximum.reduceat(price, heads), np.minimum.reduceat(price, heads),
        price[tails], np.diff(traded, prepend=0),
    ])  # fmt: skip


def _nothing() -> Ints:
    return np.empty((6, 0), np.int64)


def _dollars(ticks: Ints) -> NDArray[np.float64]:
    return np.round(ticks * TICK, 2)
