"""What a European option is worth and how that moves: Black and Scholes on the forward, whole columns at once.

Black, "The pricing of commodity contracts", J. Financial Economics 3 (1976); with the forward S·e^{(r−q)T} it is
Merton's formula of 1973 (Hull, "Options, Futures, and Other Derivatives", 10th ed., chapters 15, 17–19). Dividends
are inside the forward. Arguments are numbers or arrays that broadcast; what is not a number there is NaN here.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

DAYS = 365.0
"""Of a year, in all times to expiry."""
_DENSITY = 1 / np.sqrt(2 * np.pi)
_NOTHING = np.finfo(np.float64).eps


class Greeks(NamedTuple):
    """The sensitivities of a price per share, in the units that brokers show.

    delta per $1 of the underlying, gamma per $1², vega per volatility point, theta per calendar day, rho per 1 % of
    rate (the underlying and its dividends held fast).
    """

    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    rho: Floats


def forward_price(spot: ArrayLike, years: ArrayLike, rate: ArrayLike, dividends: ArrayLike = 0.0) -> Floats:
    """S·e^{(r−q)T}: the forward in dollars, both rates continuous fractions per year (Hull 5.6)."""
    spot, years, rate, dividends = _columns(spot, years, rate, dividends)
    return np.asarray(spot * np.exp((rate - dividends) * years))


def price(
    forward: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike, sigma: ArrayLike, is_call: ArrayLike
) -> Floats:
    """The value in dollars per share: e^{−rT}·[F·N(d1) − K·N(d2)] for a call (Black 1976; Hull 18.9).

    `years` to expiry (what has expired is worth its intrinsic value), `rate` and `sigma` as fractions per year. It is
    the discounted intrinsic value plus the option on the other side of the strike, so it is never below the former.
    """
    forward, strike, years, rate, sigma = _columns(forward, strike, years, rate, sigma)
    with np.errstate(all="ignore"):
        d1, d2, _ = _moments(forward, strike, years, sigma)
        out = np.where(forward > strike, -1.0, 1.0)
        beyond = out * (forward * ndtr(out * d1) - strike * ndtr(out * d2))
        inside = np.maximum(_side(is_call) * (forward - strike), 0.0)
        return np.asarray(np.exp(-rate * np.maximum(years, 0.0)) * (inside + np.maximum(beyond, 0.0)))


def greeks(
    forward: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike, sigma: ArrayLike, is_call: ArrayLike,
    spot: ArrayLike,
) -> Greeks:  # fmt: skip
    """The Greeks of `price` (Hull chapter 19), with e^{−qT} = F·e^{−rT}/S from the forward and the spot.

    Where no variance is left (σ√T below 2e−16) delta is a step, ½ at the strike itself, and gamma is 0; an expired
    option has no vega, theta and rho either.
    """
    forward, strike, years, rate, sigma, spot = _columns(forward, strike, years, rate, sigma, spot)
    side, left = _side(is_call), np.maximum(years, 0.0)
    with np.errstate(all="ignore"):
        d1, d2, deviation = _moments(forward, strike, years, sigma)
        discount, root = np.exp(-rate * left), np.sqrt(left)
        density, carried = _DENSITY * np.exp(-0.5 * d1 * d1), forward * discount
        owned, owed = side * carried * ndtr(side * d1), side * strike * discount * ndtr(side * d2)
        dividends = rate - np.log(forward / spot) / left
        decay = dividends * owned - rate * owed - carried * density * sigma / (2 * root)
        return Greeks(
            delta=np.asarray(owned / spot),
            gamma=np.asarray(np.where(deviation == 0, 0.0, carried * density / (spot * spot * deviation))),
            vega=np.asarray(carried * density * root / 100),
            theta=np.asarray(np.where(left == 0, 0.0, decay / DAYS)),
            rho=np.asarray(left * owed / 100),
        )


def _moments(forward: Floats, strike: Floats, years: Floats, sigma: Floats) -> tuple[Floats, Floats, Floats]:
    """d1, d2 and σ√T; where that is 0 the former are ±∞, at the strike itself 0."""
    deviation = sigma * np.sqrt(np.maximum(years, 0.0))
    deviation = np.where(deviation < _NOTHING, np.where(sigma < 0, np.nan, 0.0), deviation)
    d1 = np.log(forward / strike) / deviation + deviation / 2
    d1 = np.where((deviation == 0) & (forward == strike), 0.0, d1)
    return d1, d1 - deviation, deviation


def _side(is_call: ArrayLike) -> Floats:
    return np.where(is_call, 1.0, -1.0)


def _columns(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)
