"""The volatilities of the simulated options: a surface free of arbitrage around what the simulated day knows.

Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014): the SSVI surface of
their section 4 with the power law φ(θ) = η/(θ^γ(1+θ)^{1−γ}), which has neither butterfly nor calendar arbitrage where
η(1+|ρ|) ≤ 2 and θ rises with time. θ is the variance that the simulated market will really have, plus a premium: the
day's own, going back to its mean as its logarithm does, jumps, and the quarterly results before the expiry.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from marketdata.sources.simulated_factors import BLOCK, MARKET_SD, SECTOR_SD, YEAR
from marketdata.sources.simulated_path import EARNINGS_EVERY, EARNINGS_SD, JUMP_SD, JUMPS_A_YEAR, PERSISTENCE, traits
from marketdata.sources.simulated_random import generator
from marketdata.sources.simulated_world import World

Floats = NDArray[np.float64]

PREMIUM = 1.08
"""What sellers of variance ask above what they expect."""
_BACK = -np.log(PERSISTENCE) * YEAR
_JUMPS = JUMPS_A_YEAR * JUMP_SD**2
_GAMMA = 0.4


@dataclass(frozen=True, slots=True)
class Smile:
    """A symbol's tilt (ρ) and width (η)."""

    rho: float
    eta: float


@lru_cache(maxsize=4096)
def smile(seed: int, symbol: str) -> Smile:
    """Drawn from the symbol's name; η(1+|ρ|) stays below 1.6."""
    tilt, width = generator(seed, "smile", symbol).random(2)
    return Smile(rho=-0.2 - 0.35 * float(tilt), eta=0.55 + 0.45 * float(width))


@lru_cache(maxsize=4096)
def usual_volatility(seed: int, symbol: str) -> float:
    """The mean volatility of a symbol's smooth returns, per year."""
    born = traits(seed, symbol)
    return float(np.sqrt((born.beta * MARKET_SD) ** 2 + (born.sector_beta * SECTOR_SD) ** 2 + born.own_sd**2))


def variances(world: World, symbol: str, day: int, days: Floats, years: Floats) -> Floats:
    """θ, the total variance at the money to expiries `days` after `day` that are `years` away."""
    block = world.block(symbol, day // BLOCK)
    now = float(block.sd[day % BLOCK]) ** 2 * YEAR
    mean = usual_volatility(world.seed, symbol) ** 2
    smooth = mean * years + (now - mean) * (1 - np.exp(-_BACK * years)) / _BACK
    born = traits(world.seed, symbol).earnings
    results = (day + days - born) // EARNINGS_EVERY - (day - born) // EARNINGS_EVERY
    return np.asarray(PREMIUM * (smooth + _JUMPS * years + EARNINGS_SD**2 * results))


def volatility(shape: Smile, variance: Floats, years: Floats, moneyness: Floats) -> Floats:
    """σ per year of strikes at ln(K/F) = `moneyness`; arrays broadcast."""
    width = shape.eta / (variance**_GAMMA * (1 + variance) ** (1 - _GAMMA)) * moneyness
    total = variance / 2 * (1 + shape.rho * width + np.sqrt((width + shape.rho) ** 2 + 1 - shape.rho**2))
    return np.asarray(np.sqrt(total / years))
