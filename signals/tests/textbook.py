"""The indicators once more, as the books tell them: plain loops over lists, NaN while warming. Slow and obvious."""

from math import isnan, nan, sqrt

Column = list[float]


def window(values: Column, i: int, bars: int) -> Column:
    return values[i - bars + 1 : i + 1] if i + 1 >= bars else [nan]


def sma(values: Column, bars: int) -> Column:
    return [sum(window(values, i, bars)) / bars for i in range(len(values))]


def ema(values: Column, bars: int) -> Column:
    """Seeded with the simple average of the first values that are not NaN."""
    start = next((i for i, value in enumerate(values) if not isnan(value)), len(values)) + bars - 1
    out = [nan] * len(values)
    for i in range(start, len(values)):
        before = sum(window(values, i, bars)) / bars if i == start else out[i - 1]
        out[i] = before if i == start else before + 2.0 / (bars + 1.0) * (values[i] - before)
    return out


def wma(values: Column, bars: int) -> Column:
    weights = range(1, bars + 1)
    found = [window(values, i, bars) for i in range(len(values))]
    return [sum(a * b for a, b in zip(weights, one, strict=False)) / sum(weights) if len(one) == bars else nan
            for one in found]  # fmt: skip


def hma(values: Column, bars: int) -> Column:
    raw = [2.0 * a - b for a, b in zip(wma(values, bars // 2), wma(values, bars), strict=True)]
    return wma(raw, round(sqrt(bars)))


def vwma(values: Column, volume: Column, bars: int) -> Column:
    traded = [a * b for a, b in zip(values, volume, strict=True)]
    return [a / b if b else nan for a, b in zip(sma(traded, bars), sma(volume, bars), strict=True)]


def changes(values: Column, bars: int = 1) -> Column:
    return [values[i] - values[i - bars] if i >= bars else nan for i in range(len(values))]


def wilder(values: Column, bars: int) -> Column:
    """Wilder's average: the first is simple, then (n - 1) parts old and one new."""
    start = next(i for i, value in enumerate(values) if not isnan(value)) + bars - 1
    out = [nan] * len(values)
    for i in range(start, len(values)):
        out[i] = sum(window(values, i, bars)) / bars if i == start else (out[i - 1] * (bars - 1) + values[i]) / bars
    return out


def rsi(close: Column, bars: int) -> Column:
    moves = changes(close)
    ups = wilder([max(move, 0.0) if not isnan(move) else nan for move in moves], bars)
    downs = wilder([max(-move, 0.0) if not isnan(move) else nan for move in moves], bars)
    return [100.0 * up / (up + down) if up + down else nan for up, down in zip(ups, downs, strict=True)]


def true_ranges(high: Column, low: Column, close: Column) -> Column:
    rest = [max(high[i], close[i - 1]) - min(low[i], close[i - 1]) for i in range(1, len(close))]
    return [nan, *rest]


def atr(high: Column, low: Column, close: Column, bars: int) -> Column:
    return wilder(true_ranges(high, low, close), bars)


def directions(high: Column, low: Column, close: Column, bars: int) -> tuple[Column, Column, Column]:
    ups, downs = [nan], [nan]
    for i in range(1, len(close)):
        up, down = high[i] - high[i - 1], low[i - 1] - low[i]
        ups.append(up if up > down and up > 0 else 0.0)
        downs.append(down if down > up and down > 0 else 0.0)
    ranges = wilder(true_ranges(high, low, close), bars)
    plus = [100.0 * a / b for a, b in zip(wilder(ups, bars), ranges, strict=True)]
    minus = [100.0 * a / b for a, b in zip(wilder(downs, bars), ranges, strict=True)]
    dx = [100.0 * abs(a - b) / (a + b) for a, b in zip(plus, minus, strict=True)]
    return plus, minus, wilder(dx, bars)


def macd(close: Column, fast: int, slow: int, smooth: int) -> tuple[Column, Column]:
    line = [a - b for a, b in zip(ema(close, fast), ema(close, slow), strict=True)]
    return line, ema(line, smooth)


def percent_b(close: Column, bars: int, width: float) -> Column:
    out = []
    for i, last in enumerate(close):
        held = window(close, i, bars)
        mean = sum(held) / len(held)
        sd = sqrt(sum((one - mean) ** 2 for one in held) / len(held))
        out.append((last - mean + width * sd) / (2.0 * width * sd) if sd else nan)
    return out


def highest(values: Column, bars: int) -> Column:
    return [max(window(values, i, bars)) for i in range(len(values))]


def lowest(values: Column, bars: int) -> Column:
    return [min(window(values, i, bars)) for i in range(len(values))]


def middle(high: Column, low: Column, bars: int) -> Column:
    return [(a + b) / 2.0 for a, b in zip(highest(high, bars), lowest(low, bars), strict=True)]


def stochastic(high: Column, low: Column, close: Column, bars: int, smooth: int, slow: int) -> tuple[Column, Column]:
    tops, bottoms = highest(high, bars), lowest(low, bars)
    raw = [100.0 * (c - b) / (t - b) if t != b else nan for c, t, b in zip(close, tops, bottoms, strict=True)]
    return sma(raw, smooth), sma(sma(raw, smooth), slow)


def stochastic_rsi(close: Column, length: int, bars: int, smooth: int, slow: int) -> tuple[Column, Column]:
    index = rsi(close, length)
    return stochastic(index, index, index, bars, smooth, slow)


def cci(values: Column, bars: int) -> Column:
    out = []
    for i, last in enumerate(values):
        held = window(values, i, bars)
        mean = sum(held) / len(held)
        spread = sum(abs(one - mean) for one in held) / len(held)
        out.append((last - mean) / (0.015 * spread) if spread else nan)
    return out


def williams(high: Column, low: Column, close: Column, bars: int) -> Column:
    tops, bottoms = highest(high, bars), lowest(low, bars)
    return [-100.0 * (t - c) / (t - b) if t != b else nan for c, t, b in zip(close, tops, bottoms, strict=True)]


def awesome(high: Column, low: Column, fast: int, slow: int) -> Column:
    prices = [(a + b) / 2.0 for a, b in zip(high, low, strict=True)]
    return [a - b for a, b in zip(sma(prices, fast), sma(prices, slow), strict=True)]


def ultimate(high: Column, low: Column, close: Column, *lengths: int) -> Column:
    pressure = [nan] + [close[i] - min(low[i], close[i - 1]) for i in range(1, len(close))]
    ranges = true_ranges(high, low, close)
    shares = [[a / b for a, b in zip(sma(pressure, n), sma(ranges, n), strict=True)] for n in lengths]
    return [100.0 * (4.0 * a + 2.0 * b + c) / 7.0 for a, b, c in zip(*shares, strict=True)]
