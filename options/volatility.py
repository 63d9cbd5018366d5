"""The volatility that a price implies: the inverse of Black's formula, for whole columns, to the last digit in it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from options.domain import NoIV
from options.normalised import deviation

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Reasons = NDArray[np.str_]

REASON = f"<U{max(len(reason) for reason in NoIV)}"
"""The type of an array that can hold any `NoIV`."""
_CHUNK = 8192  # rows whose columns stay in the processor's cache
_ROUNDING = 2.0**-50


def implied_volatility(
    price: ArrayLike, forward: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike, is_call: ArrayLike
) -> tuple[Floats, Reasons]:
    """σ per year as a fraction for prices in dollars per share, and a `NoIV` (empty where there is a σ, else NaN).

    The arguments broadcast. An expired option has none, nor one without a price, or without a forward, a strike and a
    rate to compare it with; nor a price at or below the discounted intrinsic value (within its own rounding), or at
    or above its bound: the discounted forward for a call, the discounted strike for a put.
    """
    given = [np.asarray(value, np.float64) for value in (price, forward, strike, years, rate)]
    *columns, calls = np.broadcast_arrays(*given, np.asarray(is_call, np.bool_))
    flat, side = [column.reshape(-1) for column in columns], calls.reshape(-1)
    iv, why = np.empty(calls.size), np.zeros(calls.size, REASON)
    with np.errstate(all="ignore"):
        for begin in range(0, calls.size, _CHUNK):
            part = slice(begin, begin + _CHUNK)
            _solve([column[part] for column in flat], side[part], iv[part], why[part])
    return iv.reshape(calls.shape), why.reshape(calls.shape)


def _solve(given: list[Floats], is_call: Flags, iv: Floats, why: Reasons) -> None:
    """Write the volatilities and the reasons of some contracts into `iv` and `why`."""
    price, forward, strike, years, rate = given
    value = price * np.exp(rate * years)
    inside = np.maximum(np.where(is_call, forward - strike, strike - forward), 0.0)
    scale, bound, beyond = np.sqrt(forward * strike), np.minimum(forward, strike), value - inside
    least = _ROUNDING * np.where(inside > 0, value, 0.0)
    x = -np.abs(np.log(forward / strike))
    iv[:] = deviation(x, beyond / scale, (bound - beyond) / scale, bound / scale) / np.sqrt(years)
    unsound = np.flatnonzero(~((beyond > least) & (beyond < bound) & (years > 0) & (price > 0) & np.isfinite(iv)))
    if len(unsound):
        columns = price, bound, rate, years, beyond - least
        why[unsound], iv[unsound] = _reasons(*(column[unsound] for column in columns)), np.nan


def _reasons(price: Floats, bound: Floats, rate: Floats, years: Floats, beyond: Floats) -> Reasons:
    why = np.full(len(price), NoIV.ABOVE_BOUND, REASON)
    for reason, holds in (  # the last one that holds is told
        (NoIV.BELOW_INTRINSIC, ~(beyond > 0)),
        (NoIV.NO_FORWARD, ~((bound > 0) & np.isfinite(bound + rate))),
        (NoIV.NO_QUOTE, ~((price > 0) & np.isfinite(price))),
        (NoIV.EXPIRED, ~((years > 0) & np.isfinite(years))),
    ):
        why[holds] = reason
    return why
