"""Which options the simulated market lists: expiries, and for each of them a ladder of strikes.

Fridays are expiries: the next eight, third Fridays for a year, those of January for almost two and a half. The ladder
spans what two and a half deviations from the opening prices since the listing reach, so it grows and never shrinks.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from marketdata.chains import OptionContract, Right
from marketdata.sources.simulated_factors import BLOCK, ORIGIN, number
from marketdata.sources.simulated_path import TICK, Block
from marketdata.sources.simulated_world import World
from options.simulated_surface import usual_volatility

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEEKLY, MONTHLY, LONG = 56, 364, 868
"""Days from the listing of an expiry to its end."""
_REACH, _RUNGS = 2.5, 24
_TENORS = {WEEKLY: 28, MONTHLY: 120, LONG: 364}
_STEPS = np.array([0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000])
_FRIDAY, _JANUARY, _HIGHEST = 4, 1, 99_999.0
_ROOT = re.compile(r"[A-Z]{1,5}")


@dataclass(frozen=True, slots=True)
class Ladder:
    """The strikes of one expiry on one day: whole numbers (`low` to `high`) of `increment` dollars.

    `opens` are the opening prices from the day of the listing (`listed`, its number) to that day, in dollars.
    """

    expiry: date
    listed: int
    increment: float
    low: int
    high: int
    opens: Floats
    reach: float

    @property
    def rungs(self) -> Ints:
        """The strikes as multiples of the increment, rising."""
        return np.arange(self.low, self.high + 1)


def root(symbol: str) -> str | None:
    """The OCC root of an underlying; None where its name allows for none."""
    name = symbol.removeprefix("^").replace(".", "")
    return name if _ROOT.fullmatch(name) else None


def life(expiry: date) -> int:
    """Days from the listing of a Friday to its end."""
    if not 15 <= expiry.day <= 21:
        return WEEKLY
    return LONG if expiry.month == _JANUARY else MONTHLY


@lru_cache(maxsize=64)
def expiries(day: date) -> tuple[date, ...]:
    """The expiries listed on a day, rising; one that ends on it is still there."""
    friday = day + timedelta(days=(_FRIDAY - day.weekday()) % 7)
    ahead = (friday + timedelta(days=7 * i) for i in range(LONG // 7 + 1))
    return tuple(one for one in ahead if (one - day).days <= life(one))


def ladder(world: World, symbol: str, expiry: date, today: int) -> Ladder:
    """The strikes of an expiry on a day, which must lie between its listing and its end."""
    span = life(expiry)
    listed = max(0, number(expiry) - span)
    opens = column(world, symbol, "open", listed, today).astype(np.float64) * TICK
    reach = _REACH * usual_volatility(world.seed, symbol) * (_TENORS[span] / 365) ** 0.5
    increment = _increment(float(opens[0]), reach)
    low = max(1, int(np.floor(opens.min() * np.exp(-reach) / increment)))
    high = int(np.ceil(min(opens.max() * np.exp(reach), _HIGHEST) / increment))
    return Ladder(expiry, listed, increment, low, max(low, high), opens, reach)


def _increment(price: float, reach: float) -> float:
    """Of the usual distances between strikes the one that makes about 24 of them."""
    wanted = 2 * price * np.sinh(reach) / _RUNGS
    usual = _STEPS[np.searchsorted(_STEPS, min(0.5, price / 40)) :]
    return float(usual[np.abs(np.log(usual / wanted)).argmin()])


def column(world: World, symbol: str, name: str, first: int, last: int) -> Ints:
    """A column of the daily bars from day `first` to day `last`, both included."""
    blocks: list[Block] = [world.block(symbol, index) for index in range(first // BLOCK, last // BLOCK + 1)]
    whole = np.concatenate([getattr(block, name) for block in blocks])
    return np.asarray(whole[first % BLOCK :][: last - first + 1])


@lru_cache(maxsize=512)
def contracts(symbol: str, expiry: date, increment: float, low: int, high: int) -> tuple[OptionContract, ...]:
    """The contracts of a ladder: all calls by strike, then all puts."""
    strikes, head = [round(rung * increment, 3) for rung in range(low, high + 1)], f"{root(symbol)}{expiry:%y%m%d}"
    return tuple(
        OptionContract(
            symbol=f"{head}{letter}{round(1000 * strike):08}", underlying=symbol, expiry=expiry, strike=strike,
            right=right,
        )
        for letter, right in (("C", Right.CALL), ("P", Right.PUT)) for strike in strikes
    )  # fmt: skip


def date_of(day: int) -> date:
    """The date of a day's number."""
    return ORIGIN + timedelta(days=day)
