"""Block prints that are planted into the simulated options: large trades whose outcome is known beforehand.

Two to four a week and symbol, out of the money, five days to eight weeks before the end, many times what the contract
usually trades. Three in four open positions, most of what was traded; the others open next to nothing.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from marketdata.sources.simulated_day import STEPS
from marketdata.sources.simulated_random import generator
from marketdata.sources.simulated_world import World
from options.simulated_listing import WEEKLY, column, date_of, expiries, ladder
from options.simulated_popularity import popularity
from options.simulated_surface import usual_volatility

WEEK = 7
FEWEST, MOST = 2, 4
_SOONEST = 5
_TIMES, _LEAST_USUAL = (8, 25), 60
_OPENING, _OPENED, _NOT_OPENED = 0.75, (0.65, 0.95), (0.0, 0.2)


@dataclass(frozen=True, slots=True)
class Print:
    """One block: in the step `step` of the day with this number, `volume` contracts, of which `opened` stay open."""

    day: int
    step: int
    expiry: date
    rung: int
    increment: float
    is_call: bool
    volume: int
    opened: int


@lru_cache(maxsize=8192)
def prints(world: World, symbol: str, week: int) -> tuple[Print, ...]:
    """The blocks of the days [7 × week, 7 × week + 7), by time."""
    draw = generator(world.seed, "blocks", symbol, week)
    count = int(draw.integers(FEWEST, MOST + 1))
    return tuple(sorted((_print(world, symbol, week, draw.random(8)) for _ in range(count)), key=_when))


def _when(one: Print) -> tuple[int, int]:
    return one.day, one.step


def _print(world: World, symbol: str, week: int, dice: np.ndarray) -> Print:
    """A block made of eight numbers between 0 and 1."""
    day = WEEK * week + int(WEEK * dice[0])
    today = date_of(day)
    soon = [one for one in expiries(today) if _SOONEST <= (one - today).days <= WEEKLY]
    expiry, is_call = soon[int(len(soon) * dice[2])], bool(dice[3] < 0.55)
    rungs = ladder(world, symbol, expiry, day)
    deviation = usual_volatility(world.seed, symbol) * (((expiry - today).days + 1) / 365) ** 0.5
    out = (0.3 + 1.2 * dice[4]) * deviation * (1 if is_call else -1)
    rung = int(np.clip(round(float(rungs.opens[-1] * np.exp(out) / rungs.increment)), rungs.low, rungs.high))
    place = rung - rungs.low + (0 if is_call else rungs.high - rungs.low + 1)
    rate = popularity(world.seed, symbol, rungs, 1)[0, place]
    usual = max(_LEAST_USUAL, rate * float(column(world, symbol, "volume", max(0, day - 1), day)[0]))
    volume = 10 * round(usual * _between(_TIMES, dice[5]) / 10)
    share = _between(_OPENED if dice[6] < _OPENING else _NOT_OPENED, dice[7])
    step = int(STEPS * (0.05 + 0.85 * dice[1]))
    return Print(day, step, expiry, rung, rungs.increment, is_call, volume, round(volume * share))


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * float(share)
