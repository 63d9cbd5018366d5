"""One simulated day in steps of five seconds, made to hit the day's open, high, low, close and volume exactly.

The path is a bridge of Student-t(6) steps in variance time (a U-shaped day); it is bent through the daily high and low
and folded back where it would leave the range, so every step keeps its size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from marketdata.sources.simulated_factors import Floats
from marketdata.sources.simulated_random import generator

STEP = 5
"""Seconds."""
STEPS = 86_400 // STEP
A_MINUTE = 60 // STEP
# Shares of volume and relative deviation by thirteenths of a day: SPY, BAC, IBM and AIG, measured.
_VOLUME = (0.135, 0.095, 0.077, 0.065, 0.067, 0.055, 0.047, 0.052, 0.047, 0.055, 0.049, 0.074, 0.187)
_DEVIATION = (1.7, 1.2, 1.05, 1.0, 0.98, 0.8, 0.74, 0.8, 0.78, 0.95, 0.78, 0.78, 0.95)
_SLICE = np.minimum(np.arange(STEPS) * 13 // STEPS, 12)
_SHARE: Floats = np.array(_VOLUME)[_SLICE] / np.array(_VOLUME)[_SLICE].sum()
_SD: Floats = np.array(_DEVIATION)[_SLICE] / np.sqrt((np.array(_DEVIATION)[_SLICE] ** 2).sum())
_CLOCK: Floats = np.cumsum(_SD**2)
_FREEDOM = 6
_MINUTE_VOLUME_SD, _EMPTY = 0.8, 0.22


@dataclass(frozen=True, slots=True)
class Outline:
    """What a day must come to: prices in ticks, volume in shares, `sd` the deviation within the day in ticks."""

    open: int
    high: int
    low: int
    close: int
    volume: int
    sd: float


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """The state at each step: price in ticks, shares traded so far, and dice for the book."""

    price: NDArray[np.int32]
    volume: NDArray[np.int64]
    dice: NDArray[np.uint32]


def day(seed: int, symbol: str, number: int, outline: Outline) -> Day:
    """The steps of one day; the same arguments give the same bits."""
    draw = generator(seed, "day", symbol, number)
    price = _price(outline, draw)
    volume = _volume(outline.volume, draw)
    return Day(price=price, volume=volume, dice=draw.integers(0, 2**32, STEPS, np.uint32))


def _price(outline: Outline, draw: Generator) -> NDArray[np.int32]:
    steps = draw.standard_t(_FREEDOM, STEPS) * _SD * (outline.sd * ((_FREEDOM - 2) / _FREEDOM) ** 0.5)
    steps[0] = 0.0
    walk = np.cumsum(steps)
    bridge = (
        outline.open
        + walk
        + (outline.close - outline.open - walk[-1]) * (_CLOCK - _CLOCK[0]) / (_CLOCK[-1] - _CLOCK[0])
    )
    bent = _through_extremes(bridge, outline)
    span = outline.high - outline.low
    folded = outline.low + span - np.abs((bent - outline.low) % (2 * span) - span) if span else bent * 0 + outline.low
    price = np.rint(folded).astype(np.int32)
    price[0], price[-1] = outline.open, outline.close
    return price


def _through_extremes(bridge: Floats, outline: Outline) -> Floats:
    """Add a line, bent where the bridge is highest and lowest, that lifts those points to the high and the low."""
    knots = {0: 0.0, STEPS - 1: 0.0}
    inner = bridge[1:-1]
    if outline.high > max(outline.open, outline.close):
        at = int(inner.argmax()) + 1
        knots[at] = outline.high - bridge[at]
    if outline.low < min(outline.open, outline.close):
        at = int(inner.argmin()) + 1
        knots[at] = outline.low - bridge[at]
    places = sorted(knots)
    return bridge + np.interp(_CLOCK, _CLOCK[places], [knots[place] for place in places])


def _volume(total: int, draw: Generator) -> NDArray[np.int64]:
    minutes = np.exp(draw.normal(0, _MINUTE_VOLUME_SD, STEPS // A_MINUTE)).repeat(A_MINUTE)
    steps = draw.standard_exponential(STEPS) * (draw.random(STEPS) > _EMPTY)
    weight: Floats = np.cumsum(_SHARE * minutes * steps)
    shares: NDArray[np.int64] = np.rint(weight * (total / weight[-1])).astype(np.int64)
    return shares
