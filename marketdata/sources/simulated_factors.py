"""What all simulated symbols share: the market's and the sectors' daily returns.

The market's log volatility is an AR(1) that falls when prices rise (leverage), with a few jumps a year.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from marketdata.sources.simulated_random import generator

Floats = NDArray[np.float64]

ORIGIN = date(2015, 1, 1)
"""The first simulated day. Days are numbered from here."""
_FIRST = datetime.combine(ORIGIN, time(), UTC)
BLOCK = 512
"""Days that are drawn at once: numbers come out bit-identical because a block is always made whole."""
YEAR = 365.0
SECTORS = 6
MARKET_SD = 0.175
"""Of a year, as a fraction; so are the others."""
SECTOR_SD = 0.11
_PERSISTENCE, _VOLATILITY_SD, _LEVERAGE = 0.975, 0.55, -0.6
_JUMPS_A_YEAR, _JUMP_MEAN, _JUMP_SD = 2.5, -0.012, 0.022


@dataclass(frozen=True, slots=True)
class Factors:
    """One block: returns of the market (with jumps) and of each sector, and the market's volatility multiplier."""

    market: Floats
    sectors: Floats
    calm: Floats
    level: float
    """Log volatility after the last day."""


def number(day: date) -> int:
    """The number of a simulated day; negative before the first."""
    return (day - ORIGIN).days


def day_of(at: datetime) -> int:
    """The number of the UTC day in which an aware instant lies."""
    return number(at.astimezone(UTC).date())


def midnight(number: int) -> datetime:
    """The first instant of a simulated day."""
    return _FIRST + timedelta(days=number)


@lru_cache(maxsize=256)
def factors(seed: int, block: int) -> Factors:
    """The shared returns of days [512 × block, 512 × (block + 1))."""
    draw = generator(seed, "market", part=block)
    shock, other = draw.standard_normal((2, BLOCK))
    jumps = np.where(draw.random(BLOCK) < _JUMPS_A_YEAR / YEAR, draw.normal(_JUMP_MEAN, _JUMP_SD, BLOCK), 0.0)
    own = draw.standard_normal((SECTORS, BLOCK))
    before = factors(seed, block - 1).level if block > 0 else 0.0
    moved = _LEVERAGE * shock + (1 - _LEVERAGE**2) ** 0.5 * other
    levels, after = autoregression(before, _PERSISTENCE, _VOLATILITY_SD, moved)
    calm = np.exp(levels - _VOLATILITY_SD**2)
    market = MARKET_SD / YEAR**0.5 * calm * shock + jumps
    return Factors(market, SECTOR_SD / YEAR**0.5 * calm * own, calm, after)


def autoregression(start: float, persistence: float, sd: float, shocks: Floats) -> tuple[Floats, float]:
    """The levels of an AR(1) with stationary deviation `sd`: as known before each shock, and after the last one."""
    levels = sd * (1 - persistence**2) ** 0.5 * shocks
    reach = 1
    while reach < len(levels):  # a scan by doubling: the sum over 2, 4, 8, … past shocks
        levels[reach:] = levels[reach:] + persistence**reach * levels[:-reach]
        reach *= 2
    levels += start * persistence ** np.arange(1, len(levels) + 1)
    return np.concatenate([[start], levels[:-1]]), float(levels[-1])
