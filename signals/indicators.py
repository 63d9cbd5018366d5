"""Technical indicators: arrays in, arrays of the same length out, NaN while an indicator warms up.

TA-Lib computes them; here stand its calls with three rules of the house. Too few bars give NaN, never an error. Where
a window cannot say anything (nothing moved, nothing traded, a volume is absent) the value is NaN, not TA-Lib's 0. And
element i depends on elements up to i only, to the last bit: every sum runs from the start of the array.
Sources of the definitions: TA-Lib (ta-lib.org/functions) and the books named beside each.
"""

import numpy as np
import talib
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def plain(column: NDArray[np.float64]) -> Floats:
    """The column as TA-Lib wants it: contiguous float64."""
    return np.ascontiguousarray(column, dtype=np.float64)


def ratio(above: Floats, below: Floats) -> Floats:
    """Quotient; NaN where the denominator is 0 or NaN."""
    out = np.full(len(below), np.nan)
    np.divide(above, below, out=out, where=below != 0.0)
    return out


def before(values: Floats, bars: int = 1) -> Floats:
    """The values of `bars` bars ago; NaN at the start."""
    out = np.full(len(values), np.nan)
    out[bars:] = values[: max(len(values) - bars, 0)]
    return out


def changes(values: Floats, bars: int = 1) -> Floats:
    """Relative change over `bars` bars (0.01: one per cent)."""
    return ratio(values, before(values, bars)) - 1.0


def rounding(close: Floats) -> Floats:
    """What two prices may differ by and still be equal: sums of the same prices differ by their rounding."""
    return 1e-12 * np.abs(close)


def side(values: Floats, error: Floats | float) -> Floats:
    """The sign; 0 within the rounding error, NaN stays."""
    signs = np.sign(values)
    signs[np.abs(values) <= error] = 0.0
    return signs


def flat(values: Floats, bars: int) -> NDArray[np.bool_]:
    """Where the last `bars` values are all the same."""
    return np.asarray(talib.MAX(values, bars) == talib.MIN(values, bars))


def total(values: Floats, bars: int) -> Floats:
    """Sum of the last `bars` values; NaN where one of them is absent."""
    absent = np.isnan(values)
    if not absent.any():
        return plain(talib.SUM(values, bars))
    sums = plain(talib.SUM(np.where(absent, 0.0, values), bars))
    sums[talib.MAX(absent.astype(np.float64), bars) > 0.0] = np.nan
    return sums


def sma(values: Floats, bars: int) -> Floats:
    """Simple moving average."""
    return plain(talib.SMA(values, bars))


def ema(values: Floats, bars: int) -> Floats:
    """Exponential moving average, alpha 2 / (bars + 1), from the simple average of the first `bars` values."""
    return plain(talib.EMA(values, bars))


def hma(values: Floats, bars: int) -> Floats:
    """Hull's moving average: WMA(2 WMA(n/2) - WMA(n), sqrt n) (A. Hull, 2005)."""
    return plain(talib.HMA(values, bars))


def vwma(values: Floats, volume: Floats, bars: int) -> Floats:
    """Average weighted by volume; NaN where nothing traded or a volume is absent."""
    weights = total(volume, bars)
    # A running sum of fractions need not come back to 0 when nothing trades.
    weights[talib.MAX(np.nan_to_num(volume), bars) == 0.0] = np.nan
    return ratio(total(values * volume, bars), weights)


def deviation(values: Floats, bars: int) -> Floats:
    """Standard deviation of the last `bars` values (divided by `bars`); leading NaN are skipped, others as `total`."""
    mean = total(values, bars) / bars
    return np.sqrt(np.maximum(total(values * values, bars) / bars - mean * mean, 0.0))


def rsi(close: Floats, bars: int) -> Floats:
    """Relative strength index, 0 to 100 (J. W. Wilder, New Concepts in Technical Trading Systems, 1978, section VI)."""
    values = plain(talib.RSI(close, bars))
    values[flat(close, bars + 1)] = np.nan
    return values


def macd(close: Floats, fast: int, slow: int, smooth: int) -> tuple[Floats, Floats]:
    """Moving average convergence/divergence and its signal line, in price units (G. Appel, 1979)."""
    line = ema(close, fast) - ema(close, slow)
    return line, ema(line, smooth)


def atr(high: Floats, low: Floats, close: Floats, bars: int) -> Floats:
    """Average true range in price units (Wilder 1978, section III)."""
    return plain(talib.ATR(high, low, close, bars))


def percent_b(close: Floats, bars: int, width: float) -> Floats:
    """Place in the Bollinger bands: 0 at the lower, 1 at the upper (Bollinger on Bollinger Bands, 2001)."""
    upper, _, lower = talib.BBANDS(close, bars, width, width)
    values = ratio(close - lower, upper - lower)
    values[flat(close, bars)] = np.nan
    return values


def directions(high: Floats, low: Floats, close: Floats, bars: int) -> tuple[Floats, Floats, Floats]:
    """+DI, -DI and ADX, 0 to 100 (Wilder 1978, section IV)."""
    return (
        plain(talib.PLUS_DI(high, low, close, bars)),
        plain(talib.MINUS_DI(high, low, close, bars)),
        plain(talib.ADX(high, low, close, bars)),
    )


def channel(high: Floats, low: Floats, bars: int) -> tuple[Floats, Floats]:
    """Highest high and lowest low of the last `bars` bars, this one included (R. Donchian's four-week rule, 1960)."""
    return plain(talib.MAX(high, bars)), plain(talib.MIN(low, bars))


def middle(high: Floats, low: Floats, bars: int) -> Floats:
    """Middle of the channel: the lines of Ichimoku (G. Hosoda, 1969)."""
    top, bottom = channel(high, low, bars)
    return (top + bottom) / 2.0


def stochastic(high: Floats, low: Floats, close: Floats, bars: int, smooth: int, slow: int) -> tuple[Floats, Floats]:
    """%K averaged over `smooth` bars and its average %D over `slow`, 0 to 100 (G. Lane); NaN where the range is 0."""
    top, bottom = channel(high, low, bars)
    k = _mean(100.0 * ratio(close - bottom, top - bottom), smooth)
    return k, _mean(k, slow)


def stochastic_rsi(close: Floats, length: int, bars: int, smooth: int, slow: int) -> tuple[Floats, Floats]:
    """The stochastic of the RSI (T. Chande, S. Kroll, The New Technical Trader, 1994), averaged as TradingView does."""
    index = plain(talib.RSI(close, length))
    return stochastic(index, index, index, bars, smooth, slow)


def cci(values: Floats, bars: int) -> Floats:
    """Commodity channel index of one column (D. Lambert, 1980); NaN where the values stand still."""
    found = plain(talib.CCI(values, values, values, bars))
    found[flat(values, bars)] = np.nan
    return found


def williams(high: Floats, low: Floats, close: Floats, bars: int) -> Floats:
    """Williams' %R, -100 to 0; NaN where the range is 0."""
    top, bottom = channel(high, low, bars)
    return -100.0 * ratio(top - close, top - bottom)


def awesome(high: Floats, low: Floats, fast: int, slow: int) -> Floats:
    """Awesome oscillator: middle price, `fast` less `slow` average (B. Williams, Trading Chaos, 1995)."""
    return plain(talib.AO(high, low, fast, slow))


def ultimate(high: Floats, low: Floats, close: Floats, short: int, medium: int, long: int) -> Floats:
    """Ultimate oscillator, 0 to 100 (L. Williams, 1985); NaN where one of its windows has no range."""
    values = plain(talib.ULTOSC(high, low, close, short, medium, long))
    values[total(talib.TRANGE(high, low, close), short) == 0.0] = np.nan
    return values


def _mean(values: Floats, bars: int) -> Floats:
    """Average of a few bars, summed anew for each: what stands still at 100 averages 100, and no 1e-14 beside it."""
    sums = values.copy()
    for back in range(1, bars):
        sums += before(values, back)
    return sums / bars
