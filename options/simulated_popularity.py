"""What share of the underlying's trading each simulated option attracts: near the money and near the end, most."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from marketdata.sources.simulated_factors import number
from marketdata.sources.simulated_random import generator
from options.simulated_listing import WEEKLY, Ladder, life
from options.simulated_surface import usual_volatility

Floats = NDArray[np.float64]

_PER_SHARE = 0.002
_MONTHLY, _ROUND = 2.2, 1.6
_LEAST_PUTS, _MOST_PUTS = 0.8, 1.25
"""What puts attract beside calls, by symbol."""
_NEAR, _FAR, _INSIDE = 1.1, 0.06, 2.2
"""Deviations out of the money over which trading falls, what of it is left in the wings, and how fast it falls in the
money."""
_SOON, _FADE = 4.0, 0.75


def popularity(seed: int, symbol: str, ladder: Ladder, days: int) -> Floats:
    """Contracts per share of the underlying: a row for each of the last `days` days, a column for each contract.

    Calls by strike, then puts. It depends on that day's opening price alone; a strike that was not listed has 0.
    """
    opens = ladder.opens[-days:, None]
    today = ladder.listed + len(ladder.opens) - 1
    left = number(ladder.expiry) - np.arange(today - days + 1, today + 1)[:, None]
    width = usual_volatility(seed, symbol) * np.sqrt((left + 1) / 365)
    above = np.log(ladder.rungs * ladder.increment / opens) / width
    whole = ladder.rungs % 5 == 0
    tenor = _PER_SHARE * (1.0 if life(ladder.expiry) == WEEKLY else _MONTHLY) / (left + _SOON) ** _FADE
    scale = tenor * ladder.increment / (opens * width) * np.where(whole, _ROUND, 1.0) * _listed(ladder, days)
    return np.concatenate([scale * _draw(above), _puts(seed, symbol) * scale * _draw(-above)], axis=1)


def _draw(out: Floats) -> Floats:
    """By how many deviations a contract is out of the money."""
    wings = np.exp(-((out / _NEAR) ** 2) / 2) + _FAR * np.exp(-np.abs(out) / 2)
    return np.where(out > 0, wings, (1 + _FAR) * np.exp(_INSIDE * out))


@lru_cache(maxsize=4096)
def _puts(seed: int, symbol: str) -> float:
    return _LEAST_PUTS + (_MOST_PUTS - _LEAST_PUTS) * float(generator(seed, "puts", symbol).random())


def _listed(ladder: Ladder, days: int) -> NDArray[np.bool_]:
    lowest = np.minimum.accumulate(ladder.opens)[-days:, None] * np.exp(-ladder.reach)
    highest = np.maximum.accumulate(ladder.opens)[-days:, None] * np.exp(ladder.reach)
    strikes = ladder.rungs * ladder.increment
    return np.asarray((strikes > lowest - ladder.increment) & (strikes < highest + ladder.increment))
