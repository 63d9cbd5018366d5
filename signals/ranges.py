"""How far a price may go: the forecast that has skill. Pure.

The log of a bar's range variance (Parkinson, "The extreme value method for estimating the variance of the rate of
return", J. Business 53 (1980), plus the squared overnight gap) is forecast from its means over several windows:
Corsi, "A simple approximate long-memory model of realized volatility", J. Financial Econometrics 7 (2009). The
quantile follows what really happened: Gibbs & Candès, "Adaptive conformal inference", NeurIPS 2021, equation 2.
"""

from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from marketdata.domain import Bars, Interval
from signals.domain import ExpectedRange

DAILY_CONSTANT, DAILY = -0.998, {1: 0.127, 5: 0.242, 22: 0.217, 120: 0.323}
"""Fitted once on 26 US stocks, 1999 to 2014: weight of the log mean variance of so many sessions."""
MINUTE_CONSTANT, MINUTES = -0.75, {30: 1 / 3, 120: 1 / 3, 390: 1 / 3}
"""For shorter bars, windows in bars; equal weights, not fitted. The level is that of four US shares in six sessions of
2013 (a minute's range is wider than its return's share of half an hour); from there the adaptive quantile finds it."""
COVERAGE, STEP = 0.80, 0.02
FREEDOM, SCALE = 8, 0.954
"""The shape of the five-day returns divided by their forecast: Student's t, by its 50, 80 and 95 % quantiles."""
START = float(SCALE * stdtrit(FREEDOM, (1 + COVERAGE) / 2))
"""The quantile before anything is known: 1.333."""
YEAR, QUARTER = 252, 60
FLOOR = 1e-10

Floats = NDArray[np.float64]


def variances(bars: Bars) -> Floats:
    """Each bar's range variance, (ln high/low)² / 4 ln 2 plus the squared gap from the close before it."""
    gap = np.zeros(len(bars))
    gap[1:] = np.log(bars.open[1:] / bars.close[:-1])
    return np.asarray(np.log(bars.high / bars.low) ** 2 / (4 * log(2)) + gap**2, np.float64)


def spreads(bars: Bars, horizon: int) -> Floats:
    """The forecast scale of the return over the next `horizon` bars, as of each bar's close; NaN while warming.

    A fraction; element i depends on `bars` up to i alone, and on no more than the longest window of them.
    """
    daily = bars.interval is Interval.DAY
    constant, weights = (DAILY_CONSTANT, DAILY) if daily else (MINUTE_CONSTANT, MINUTES)
    variance = variances(bars)
    logs = np.full(len(bars), constant)
    for window, weight in weights.items():
        logs = logs + weight * np.log(np.maximum(_mean(variance, window), FLOOR))
    return np.asarray(np.sqrt(horizon * np.exp(logs)), np.float64)


def adapted(quantile: float, missed: float, coverage: float = COVERAGE) -> float:
    """The quantile after a step whose share `missed` of outcomes lay outside their ranges (of then)."""
    return max(0.1, quantile + STEP * (missed - (1 - coverage)))


def expected(spread: float, quantile: float = START, coverage: float = COVERAGE) -> ExpectedRange:
    """The range in which the return over the horizon lies with `coverage`, from its forecast scale."""
    half = quantile * spread
    return ExpectedRange(coverage=coverage, low=-half, high=half, sd=_sd(spread, quantile))


def beyond(spread: Floats, quantile: Floats, move: float) -> Floats:
    """The chance that the return over the horizon is larger than `move` (a fraction), up or down."""
    unit = SCALE * spread * quantile / START
    return np.asarray(2 * stdtr(FREEDOM, -move / unit), np.float64)


def regimes(spread: Floats) -> NDArray[np.str_]:
    """calm, usual or wild: where each forecast stands among its own last 252 (thirds), or as many of them as are known,
    60 at least; empty while warming."""
    window = np.lib.stride_tricks.sliding_window_view(np.concatenate([np.full(YEAR - 1, np.nan), spread]), YEAR)
    known = (~np.isnan(window)).sum(axis=-1)
    below = (window < window[:, -1:]).sum(axis=-1) / np.maximum(known, 1)
    named = np.select([below < 1 / 3, below < 2 / 3], ["calm", "usual"], "wild")
    return np.where((known >= QUARTER) & ~np.isnan(spread), named, "")


def _sd(spread: float, quantile: float) -> float:
    """Standard deviation of the t that has this quantile."""
    return SCALE * spread * quantile / START * sqrt(FREEDOM / (FREEDOM - 2))


def _mean(values: Floats, window: int) -> Floats:
    """Mean of the last `window` values; each sum stands alone, so that what comes before or after cannot move it."""
    said = np.full(len(values), np.nan)
    if len(values) >= window:
        said[window - 1 :] = np.lib.stride_tricks.sliding_window_view(values, window).mean(axis=-1)
    return said
