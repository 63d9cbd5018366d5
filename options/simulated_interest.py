"""How much each simulated option trades, and the open interest that this leaves behind, day by day.

A contract trades a share of what the underlying trades, so its volume runs through the day as that does: U-shaped, and
never ahead of it. Of a day's volume a part, which may be negative, opens positions: the next day's open interest is
this day's and that part, never below 0. Printed blocks (simulated_blocks.py) come on top.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from marketdata.sources.simulated_factors import number
from marketdata.sources.simulated_random import generator
from marketdata.sources.simulated_world import World
from options.simulated_blocks import WEEK, Print, prints
from options.simulated_listing import WEEKLY, Ladder, column
from options.simulated_listing import ladder as listed_ladder
from options.simulated_popularity import popularity

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Dice = NDArray[np.float32]

_NOISE, _LEAST_OPENED, _MOST_OPENED = 0.8, -0.5, 0.7
_DICE = 64
"""Rungs of a ladder that have dice of their own; those 64 apart share them."""


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """Of a ladder's contracts (calls by strike, then puts): open interest as the day begins, contracts traded per share
    of the underlying, the fraction of a contract that each begins the day with, the day's blocks and their columns."""

    ladder: Ladder
    open_interest: Ints
    rate: Floats
    carried: Dice
    blocks: tuple[tuple[int, Print], ...]


@lru_cache(maxsize=2048)
def activity(world: World, symbol: str, expiry: date, today: int) -> Activity:
    """What the contracts of an expiry trade on a day, and what the days before it left open."""
    ladder = listed_ladder(world, symbol, expiry, today)
    days = today - ladder.listed + 1
    noise, opened = _dice(world.seed, symbol, ladder, days)
    rate = popularity(world.seed, symbol, ladder, days) * np.exp(_NOISE * noise - _NOISE**2 / 2)
    shares = column(world, symbol, "volume", ladder.listed, today)
    volume = np.floor(rate * shares[:, None] + opened).astype(np.int64)
    change = np.rint((_LEAST_OPENED + (_MOST_OPENED - _LEAST_OPENED) * opened) * volume).astype(np.int64)
    todays = []
    for place, one in _placed(world, symbol, ladder, today):
        if one.day == today:
            todays.append((place, one))
        else:
            change[one.day - ladder.listed, place] += one.opened
    return Activity(ladder, _piled(change[:-1]), rate[-1].copy(), opened[-1].copy(), tuple(todays))


def _dice(seed: int, symbol: str, ladder: Ladder, days: int) -> tuple[Dice, Dice]:
    """A normal and a uniform number for each day and contract; the same ones whenever they are asked for."""
    name = f"{symbol}|{ladder.expiry}"
    columns = np.concatenate([ladder.rungs % _DICE, _DICE + ladder.rungs % _DICE])
    noise = generator(seed, "option volume", name).standard_normal((days, 2 * _DICE), np.float32)
    opened = generator(seed, "option interest", name).random((days, 2 * _DICE), np.float32)
    return noise[:, columns], opened[:, columns]


def _piled(change: Ints) -> Ints:
    """What max(0, held + change) comes to after all days (Lindley: the sum less its lowest point, or 0)."""
    total = np.cumsum(change, axis=0)
    if not len(total):
        return np.zeros(change.shape[1], np.int64)
    return np.asarray(total[-1] - np.minimum(total.min(axis=0), 0))


def _placed(world: World, symbol: str, ladder: Ladder, today: int) -> list[tuple[int, Print]]:
    """The blocks up to a day that were printed in this expiry, each with its column."""
    width = ladder.high - ladder.low + 1
    return [
        (one.rung - ladder.low + (0 if one.is_call else width), one)
        for week in range(max(ladder.listed, number(ladder.expiry) - WEEKLY) // WEEK, today // WEEK + 1)
        for one in prints(world, symbol, week)
        if one.expiry == ladder.expiry and ladder.listed <= one.day <= today
    ]
