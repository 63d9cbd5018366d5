"""Dealer gamma: what dealers must trade for each per cent, if they are long the calls and short the puts.

That they are is an assumption; nobody publishes who holds what. Dollars per 1 % move: s·γ·OI·M·S²·0.01, s = +1 for a
call and −1 for a put.
"""

from collections.abc import Sequence

import numpy as np

from options.book import PER_CENT, Book, book_of
from options.domain import Analysis, Floats, GammaPoint, NoIV
from options.forward import own_spot
from options.pricing import greeks

LOW, HIGH, STEPS = 0.8, 1.2, 81
"""The spots at which the book is priced again, as parts of the spot."""
HALVINGS = 40
NO_FAULT = (NoIV.NONE, NoIV.OUTSIDE_SMILE)
"""There is a volatility, or nothing listed that could tell one."""


def profile(analysis: Analysis) -> tuple[GammaPoint, ...]:
    """By strike, rising: of the contracts with open interest and a gamma; empty without a spot."""
    spot, _ = own_spot(analysis.chain, analysis.slices)
    if spot is None:
        return ()
    calls, puts = dollars(analysis, spot)
    held = np.flatnonzero(np.isfinite(calls) & np.isfinite(puts) & ((calls != 0) | (puts != 0)))
    strikes, places = np.unique(analysis.chain.strike[held], return_inverse=True)
    sums = [np.bincount(places, side[held], len(strikes)) for side in (calls, puts)]
    return tuple(
        GammaPoint(price=float(k), calls=float(c), puts=float(p), net=float(c + p))
        for k, c, p in zip(strikes, *sums, strict=True)
    )


def dollars(analysis: Analysis, spot: float) -> tuple[Floats, Floats]:
    """Each contract's dollars per 1 % move, as calls and as puts (not positive); 0 without open interest or gamma."""
    chain = analysis.chain
    amount = analysis.gamma * chain.open_interest * chain.multiplier * spot**2 * PER_CENT
    amount = np.nan_to_num(amount)
    return np.where(chain.is_call, amount, 0.0), np.where(chain.is_call, 0.0, -amount)


def unpriced(analysis: Analysis, few: int) -> float:
    """Part of the book's gamma, 0 to 1, whose quotes tell no volatility, or a smile of less than `few` strikes.

    It is reckoned with that of the quoted strike nearest in ln K/F, of its own expiry or else of the nearest one.
    """
    chain, smiling = analysis.chain, [one for one in analysis.slices if one.forward and len(one.strikes) >= few]
    spot, _ = own_spot(chain, analysis.slices)
    amount, missing = np.zeros(len(chain)), ~np.isin(analysis.no_iv, NO_FAULT)
    if spot is None or not smiling:
        return 1.0
    for one in (one for one in analysis.slices if one.forward):
        rows = np.flatnonzero((chain.root == one.root) & (chain.expiry == np.datetime64(one.expiry)))
        like = one if one in smiling else min(smiling, key=lambda other: abs(other.years - one.years))
        missing[rows] |= like is not one
        away = np.log(chain.strike[rows] / (one.forward or np.nan))
        iv = np.interp(away, np.log(like.strikes / (like.forward or np.nan)), like.ivs)
        found = greeks(one.forward or np.nan, chain.strike[rows], one.years, one.rate, iv, True, spot)
        amount[rows] = np.nan_to_num(found.gamma * chain.open_interest[rows] * chain.multiplier[rows])
    return float(amount[missing].sum() / amount.sum()) if amount.sum() > 0 else 1.0


def exposure_at(analysis: Analysis, spots: Sequence[float] | Floats | None = None) -> tuple[GammaPoint, ...]:
    """The whole book at other spots (default: 0.8 to 1.2 of the spot): gammas anew, each strike keeps its volatility.

    Empty where there is no spot.
    """
    book = book_of(analysis)
    if book is None:
        return ()
    levels = book.spot * np.linspace(LOW, HIGH, STEPS) if spots is None else np.asarray(spots, np.float64)
    calls, puts = book.at(levels)
    return tuple(
        GammaPoint(price=float(s), calls=float(c), puts=float(p), net=float(c + p))
        for s, c, p in zip(levels, calls, puts, strict=True)
    )


def zero_gamma(analysis: Analysis) -> float | None:
    """The spot nearest to today's, within 0.8 to 1.2 of it, at which the book's gamma changes its sign."""
    book = book_of(analysis)
    if book is None:
        return None
    levels = book.spot * np.linspace(LOW, HIGH, STEPS)
    net = np.add(*book.at(levels))
    turns = np.flatnonzero(np.sign(net[:-1]) * np.sign(net[1:]) < 0)
    zeros = [_zero(book, float(levels[i]), float(levels[i + 1]), float(net[i])) for i in turns]
    zeros += [float(level) for level, value in zip(levels, net, strict=True) if value == 0 and net.any()]
    return min(zeros, key=lambda zero: abs(zero - book.spot), default=None)


def _zero(book: Book, low: float, high: float, at_low: float) -> float:
    """Halve the interval until the zero is known to the last cent and beyond."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if np.sign(np.add(*book.at(np.array([middle])))[0]) == np.sign(at_low):
            low = middle
        else:
            high = middle
    return (low + high) / 2
