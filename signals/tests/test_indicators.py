"""Indicators against the formulas of the books, and where they have nothing to say."""

from collections.abc import Callable

import numpy as np
import pytest

from marketdata.domain import Bars
from signals import indicators
from signals.indicators import Floats
from signals.tests import textbook
from signals.tests.markets import closes, cut, simulated

OURS: dict[str, Callable[[Bars], Floats]] = {
    "sma": lambda b: indicators.sma(b.close, 20),
    "ema": lambda b: indicators.ema(b.close, 20),
    "hma": lambda b: indicators.hma(b.close, 9),
    "vwma": lambda b: indicators.vwma(b.close, b.volume, 20),
    "rsi": lambda b: indicators.rsi(b.close, 14),
    "macd": lambda b: indicators.macd(b.close, 12, 26, 9)[0],
    "macd signal": lambda b: indicators.macd(b.close, 12, 26, 9)[1],
    "atr": lambda b: indicators.atr(b.high, b.low, b.close, 14),
    "percent_b": lambda b: indicators.percent_b(b.close, 20, 2.0),
    "plus_di": lambda b: indicators.directions(b.high, b.low, b.close, 14)[0],
    "minus_di": lambda b: indicators.directions(b.high, b.low, b.close, 14)[1],
    "adx": lambda b: indicators.directions(b.high, b.low, b.close, 14)[2],
    "highest": lambda b: indicators.channel(b.high, b.low, 20)[0],
    "lowest": lambda b: indicators.channel(b.high, b.low, 20)[1],
    "middle": lambda b: indicators.middle(b.high, b.low, 26),
    "stochastic k": lambda b: indicators.stochastic(b.high, b.low, b.close, 14, 3, 3)[0],
    "stochastic d": lambda b: indicators.stochastic(b.high, b.low, b.close, 14, 3, 3)[1],
    "stochastic rsi k": lambda b: indicators.stochastic_rsi(b.close, 14, 14, 3, 3)[0],
    "stochastic rsi d": lambda b: indicators.stochastic_rsi(b.close, 14, 14, 3, 3)[1],
    "cci": lambda b: indicators.cci(b.close, 20),
    "williams": lambda b: indicators.williams(b.high, b.low, b.close, 14),
    "awesome": lambda b: indicators.awesome(b.high, b.low, 5, 34),
    "ultimate": lambda b: indicators.ultimate(b.high, b.low, b.close, 7, 14, 28),
    "deviation": lambda b: indicators.deviation(b.volume, 20),
}
BOOK: dict[str, Callable[..., list[float]]] = {
    "sma": lambda h, lo, c, v: textbook.sma(c, 20),
    "ema": lambda h, lo, c, v: textbook.ema(c, 20),
    "hma": lambda h, lo, c, v: textbook.hma(c, 9),
    "vwma": lambda h, lo, c, v: textbook.vwma(c, v, 20),
    "rsi": lambda h, lo, c, v: textbook.rsi(c, 14),
    "macd": lambda h, lo, c, v: textbook.macd(c, 12, 26, 9)[0],
    "macd signal": lambda h, lo, c, v: textbook.macd(c, 12, 26, 9)[1],
    "atr": lambda h, lo, c, v: textbook.atr(h, lo, c, 14),
    "percent_b": lambda h, lo, c, v: textbook.percent_b(c, 20, 2.0),
    "plus_di": lambda h, lo, c, v: textbook.directions(h, lo, c, 14)[0],
    "minus_di": lambda h, lo, c, v: textbook.directions(h, lo, c, 14)[1],
    "adx": lambda h, lo, c, v: textbook.directions(h, lo, c, 14)[2],
    "highest": lambda h, lo, c, v: textbook.highest(h, 20),
    "lowest": lambda h, lo, c, v: textbook.lowest(lo, 20),
    "middle": lambda h, lo, c, v: textbook.middle(h, lo, 26),
    "stochastic k": lambda h, lo, c, v: textbook.stochastic(h, lo, c, 14, 3, 3)[0],
    "stochastic d": lambda h, lo, c, v: textbook.stochastic(h, lo, c, 14, 3, 3)[1],
    "stochastic rsi k": lambda h, lo, c, v: textbook.stochastic_rsi(c, 14, 14, 3, 3)[0],
    "stochastic rsi d": lambda h, lo, c, v: textbook.stochastic_rsi(c, 14, 14, 3, 3)[1],
    "cci": lambda h, lo, c, v: textbook.cci(c, 20),
    "williams": lambda h, lo, c, v: textbook.williams(h, lo, c, 14),
    "awesome": lambda h, lo, c, v: textbook.awesome(h, lo, 5, 34),
    "ultimate": lambda h, lo, c, v: textbook.ultimate(h, lo, c, 7, 14, 28),
    "deviation": lambda h, lo, c, v: [float(np.std(textbook.window(v, i, 20))) for i in range(len(v))],
}
SEEDED_OTHERWISE = {"plus_di": 450, "minus_di": 450, "adx": 450}
"""TA-Lib begins Wilder's sums one bar earlier than his book: (13/14)^450 of that is left."""


@pytest.mark.parametrize("name", OURS)
def test_each_indicator_is_the_one_of_the_books(name: str) -> None:
    bars = simulated()
    expected = np.array(BOOK[name](*(getattr(bars, one).tolist() for one in ("high", "low", "close", "volume"))))
    found, start = OURS[name](bars), SEEDED_OTHERWISE.get(name, 0)
    assert len(found) == len(bars)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    scale = np.nanmax(np.abs(expected))
    np.testing.assert_allclose(found[start:], expected[start:], rtol=1e-9, atol=1e-9 * scale)


def test_the_strength_index_of_the_well_known_worked_example() -> None:
    """ChartSchool's table for RSI(14) (StockCharts.com), closes of QQQQ, to two decimals."""
    close = [
        44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328,
        45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122,
    ]  # fmt: skip
    assert np.round(indicators.rsi(np.array(close), 14)[14:], 2).tolist() == [
        70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93,
    ]  # fmt: skip


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("length", [0, 1, 2, 5])
def test_too_few_bars_are_no_error_but_nan(name: str, length: int) -> None:
    found = OURS[name](cut(simulated(), 0, length))
    assert found.dtype == np.float64
    assert len(found) == length
    assert np.isnan(found).all()


@pytest.mark.parametrize(
    "name", ["rsi", "percent_b", "stochastic k", "stochastic rsi d", "cci", "williams", "ultimate"]
)
def test_prices_that_stand_still_say_nothing(name: str) -> None:
    assert np.isnan(OURS[name](closes([5.0] * 100))).all()


def test_an_absent_volume_is_nan_for_as_long_as_the_window_holds_it() -> None:
    volume = [1000.0] * 60
    volume[30] = float("nan")
    found = OURS["vwma"](closes(np.linspace(10, 20, 60).tolist(), volume))
    assert np.flatnonzero(np.isnan(found)).tolist() == [*range(19), *range(30, 50)]


def test_where_nothing_trades_there_is_no_average_by_volume() -> None:
    volume = [0.1] * 30 + [0.0] * 30
    found = OURS["vwma"](closes(np.linspace(10, 20, 60).tolist(), volume))
    assert np.flatnonzero(np.isnan(found)).tolist() == [*range(19), *range(49, 60)]


def test_columns_may_be_views_with_gaps() -> None:
    bars = simulated()
    strided = np.repeat(bars.close, 2)[::2]
    assert np.array_equal(indicators.rsi(strided, 14), indicators.rsi(bars.close, 14), equal_nan=True)
