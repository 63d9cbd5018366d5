"""The eleven oscillator votes of TradingView's rating (`tv_rating` says where from)."""

import numpy as np

from marketdata.domain import Bars
from signals.agents.tv_votes import INDEX_ERROR, Vote, decide, direction
from signals.indicators import (
    Floats,
    awesome,
    before,
    cci,
    directions,
    ema,
    macd,
    rounding,
    rsi,
    side,
    stochastic,
    stochastic_rsi,
    ultimate,
    williams,
)


def oscillator_votes(bars: Bars) -> list[Vote]:
    """The votes of the group in the library's order."""
    high, low, close, error = bars.high, bars.low, bars.close, rounding(bars.close)
    average = ema(close, 50)
    trend = side(close - average, error)
    k, d = stochastic(high, low, close, 14, 3, 3)
    return [
        _turning("rsi_14", "The relative strength index is {value}", rsi(close, 14), 30.0, 70.0),
        _crossing("stochastic", "The stochastic is {value}, its average {threshold}.", before(d), k, d),
        _turning("cci_20", "The commodity channel index is {value}", cci(close, 20), -100.0, 100.0),
        _directional(bars),
        _awesome(bars, error),
        _momentum(close, error),
        _macd(close, error),
        _stochastic_rsi(close, average, trend),
        _turning("williams_14", "Williams' range is {value}", williams(high, low, close, 14), -80.0, -20.0),
        _power(bars, average, trend, error),
        _ultimate(bars),
    ]


def _turning(name: str, words: str, index: Floats, low: float, high: float) -> Vote:
    """Buys below `low` while rising, sells above `high` while falling."""
    turn = direction(index, INDEX_ERROR)
    buy, sell = (index < low) & (turn > 0), (index > high) & (turn < 0)
    lower = len(index) > 0 and index[-1] < (low + high) / 2.0
    return Vote(
        name=name,
        vote=decide(turn, buy, sell),
        value=index,
        threshold=low if lower else high,
        words=f"{words}; {'below' if lower else 'above'} {{threshold}} it votes once it turns.",
    )


def _crossing(name: str, words: str, known: Floats, k: Floats, d: Floats) -> Vote:
    """Buys where both are below 20 and %K is over %D, sells where both are above 80 and %K is under %D."""
    over = side(k - d, INDEX_ERROR)
    buy, sell = (k < 20.0) & (d < 20.0) & (over > 0), (k > 80.0) & (d > 80.0) & (over < 0)
    return Vote(name=name, vote=decide(known, buy, sell), value=k, threshold=d, words=words)


def _directional(bars: Bars) -> Vote:
    """In a trend (ADX over 20) that grows, the greater of +DI and -DI."""
    plus, minus, index = directions(bars.high, bars.low, bars.close, 14)
    grows = (index > 20.0) & (direction(index, INDEX_ERROR) > 0)
    order = side(plus - minus, INDEX_ERROR)
    return Vote(
        name="adx_14",
        vote=decide(index, grows & (order > 0), grows & (order < 0)),
        value=index,
        threshold=20.0,
        words="The directional index is {value}; over {threshold} and growing it votes with the greater direction.",
    )


def _awesome(bars: Bars, error: Floats) -> Vote:
    """Buys where it crosses zero upwards, or above zero turns up (a saucer); sells in the mirror."""
    values = awesome(bars.high, bars.low, 5, 34)
    now, turn = side(values, error), direction(values, error)
    last, turned = before(now), before(turn)
    buy = (now > 0) & ((last <= 0) | ((turn > 0) & (turned < 0)))
    sell = (now < 0) & ((last >= 0) | ((turn < 0) & (turned > 0)))
    return Vote(
        name="awesome",
        vote=decide(last, buy, sell),
        value=values,
        threshold=0.0,
        is_price=True,
        words="The awesome oscillator is {value}; crossing {threshold} or turning away from it votes.",
    )


def _momentum(close: Floats, error: Floats) -> Vote:
    values = close - before(close, 10)
    return Vote(
        name="momentum_10",
        vote=direction(values, error),
        value=values,
        threshold=before(values),
        is_price=True,
        words="The ten-bar momentum is {value}, after {threshold} a bar ago.",
    )


def _macd(close: Floats, error: Floats) -> Vote:
    line, signal = macd(close, 12, 26, 9)
    return Vote(
        name="macd",
        vote=side(line - signal, error),
        value=line,
        threshold=signal,
        is_price=True,
        words="The convergence line is {value}, its signal line {threshold}.",
    )


def _stochastic_rsi(close: Floats, average: Floats, trend: Floats) -> Vote:
    """As the stochastic, but buys in a downtrend only and sells in an uptrend only."""
    k, d = stochastic_rsi(close, 14, 14, 3, 3)
    words = "The stochastic of the strength index is {value}, its average {threshold}."
    found = _crossing("stochastic_rsi", words, average, k, d)
    against = np.isnan(found.vote) | (found.vote * trend < 0)
    return Vote(name=found.name, words=words, value=k, threshold=d, vote=np.where(against, found.vote, 0.0))


def _power(bars: Bars, average: Floats, trend: Floats, error: Floats) -> Vote:
    """Buys in an uptrend while the bears' power is below zero and shrinks; sells in the mirror."""
    line = ema(bars.close, 13)
    bulls, bears = bars.high - line, bars.low - line
    buy = (trend > 0) & (bears < -error) & (direction(bears, error) > 0)
    sell = (trend < 0) & (bulls > error) & (direction(bulls, error) < 0)
    return Vote(
        name="bull_bear_13",
        vote=decide(average, buy, sell),
        value=np.where(trend < 0, bulls, bears),
        threshold=0.0,
        words="The power of the side against the trend is {value}; {threshold} is none.",
        is_price=True,
    )


def _ultimate(bars: Bars) -> Vote:
    values = ultimate(bars.high, bars.low, bars.close, 7, 14, 28)
    upper = len(values) > 0 and values[-1] >= 50.0
    return Vote(
        name="ultimate",
        vote=decide(values, values > 70.0, values < 30.0),
        value=values,
        threshold=70.0 if upper else 30.0,
        words=f"The ultimate oscillator is {{value}}; {'over' if upper else 'under'} {{threshold}} it votes.",
    )
