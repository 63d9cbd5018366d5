"""The daily bars of a simulated symbol: factor model, stochastic volatility, jumps, and a range that fits the move."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from marketdata.sources.simulated_edge import Memory, planted
from marketdata.sources.simulated_factors import (
    BLOCK,
    MARKET_SD,
    SECTOR_SD,
    SECTORS,
    YEAR,
    Factors,
    Floats,
    autoregression,
    factors,
)
from marketdata.sources.simulated_random import generator

Ints = NDArray[np.int64]

TICK = 0.01
"""All prices are whole numbers of ticks (dollars per share)."""
OVERNIGHT = 0.30
"""Share of a day's variance that falls on its first instant."""
LEAST = 20
"""The lowest price, in ticks."""
_DRIFT = 0.04 / YEAR
PERSISTENCE, _VOLATILITY_SD = 0.975, 0.6
EARNINGS_EVERY, EARNINGS_SD = 91, 0.03
JUMPS_A_YEAR, JUMP_SD = 1.5, 0.04
_VOLUME_PERSISTENCE, _VOLUME_SD, _VOLUME_BY_MOVE = 0.8, 0.35, 0.25


@dataclass(frozen=True, slots=True)
class Traits:
    """What a symbol is by birth: its first price (dollars), size (shares a day) and place in the factor model."""

    price: float
    shares: float
    sector: int
    beta: float
    sector_beta: float
    own_sd: float
    earnings: int


@dataclass(frozen=True, slots=True)
class Block:
    """512 daily bars: prices in ticks, volume in shares, the day's volatility (sd of the log return)."""

    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    sd: Floats
    returns: Floats
    memory: Memory
    level: float
    activity: float
    log_price: float


@lru_cache(maxsize=4096)
def traits(seed: int, symbol: str) -> Traits:
    """Drawn from the symbol's name: first price 20 to 600 dollars, 0.3 to 30 million shares a day."""
    draw = generator(seed, "traits", symbol)
    price, shares, beta, sector_beta, own_sd = draw.random(5)
    return Traits(
        price=float(20 * 30**price),
        shares=float(3e5 * 100**shares),
        sector=int(draw.integers(SECTORS)),
        beta=0.75 + 0.5 * float(beta),
        sector_beta=0.7 + 0.6 * float(sector_beta),
        own_sd=0.16 + 0.12 * float(own_sd),
        earnings=int(draw.integers(EARNINGS_EVERY)),
    )


@lru_cache(maxsize=8192)
def block(seed: int, edge: float, symbol: str, index: int) -> Block:
    """The daily bars of days [512 × index, 512 × (index + 1)); each block continues the one before it."""
    born, shared = traits(seed, symbol), factors(seed, index)
    before = block(seed, edge, symbol, index - 1) if index > 0 else None
    draw = generator(seed, "daily", symbol, index)
    z, shock, overnight, trade = draw.standard_normal((4, BLOCK))
    levels, level = autoregression(before.level if before else 0.0, PERSISTENCE, _VOLATILITY_SD, shock)
    own_sd = born.own_sd / YEAR**0.5 * np.exp(levels - _VOLATILITY_SD**2)
    sd = _deviation(born, shared, own_sd)
    smooth = born.beta * shared.market + born.sector_beta * shared.sectors[born.sector] + own_sd * z + _DRIFT
    drift, memory = planted(edge, smooth / sd, before.memory if before else None)
    smooth += drift * sd
    gap = OVERNIGHT * smooth + (OVERNIGHT * (1 - OVERNIGHT)) ** 0.5 * sd * overnight
    inside = smooth - gap
    gap = gap + _news(draw, born, index)
    start = before.log_price if before else float(np.log(born.price))
    path = np.cumsum(np.concatenate([[start], gap + inside]))
    first, last = path[:-1] + gap, path[1:]
    top, bottom = _range(inside, sd * (1 - OVERNIGHT) ** 0.5, draw)
    activity, after = autoregression(before.activity if before else 0.0, _VOLUME_PERSISTENCE, _VOLUME_SD, trade)
    volume = born.shares * np.exp(activity + _VOLUME_BY_MOVE * (np.abs(gap + inside) / sd - 0.8))
    opened, closed = _ticks(first), _ticks(last)
    return Block(
        open=opened,
        close=closed,
        high=np.maximum(_ticks(first + top), np.maximum(opened, closed)),
        low=np.minimum(_ticks(first + bottom), np.minimum(opened, closed)),
        volume=volume.astype(np.int64),
        sd=sd,
        returns=gap + inside,
        memory=memory,
        level=level,
        activity=after,
        log_price=float(path[-1]),
    )


def _deviation(born: Traits, shared: Factors, own_sd: Floats) -> Floats:
    """The standard deviation of each day's smooth return, as far as the days before it tell."""
    common = (born.beta * MARKET_SD) ** 2 + (born.sector_beta * SECTOR_SD) ** 2
    return np.sqrt(common / YEAR * shared.calm**2 + own_sd**2)


def _news(draw: np.random.Generator, born: Traits, index: int) -> Floats:
    """Jumps between two days: a few at random, and one each quarter."""
    random = np.where(draw.random(BLOCK) < JUMPS_A_YEAR / YEAR, draw.normal(0, JUMP_SD, BLOCK), 0.0)
    quarter = (np.arange(BLOCK) + index * BLOCK) % EARNINGS_EVERY == born.earnings
    return random + np.where(quarter, draw.normal(0, EARNINGS_SD, BLOCK), 0.0)


def _range(move: Floats, sd: Floats, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """Highest and lowest point of a Brownian bridge that ends at `move` (law of its maximum, by inversion)."""
    up, down = 1 - draw.random((2, BLOCK))
    top = (move + np.sqrt(move**2 - 2 * sd**2 * np.log(up))) / 2
    bottom = (move - np.sqrt(move**2 - 2 * sd**2 * np.log(down))) / 2
    return top, bottom


def _ticks(log_price: Floats) -> Ints:
    return np.maximum(np.rint(np.exp(log_price) / TICK), LEAST).astype(np.int64)
