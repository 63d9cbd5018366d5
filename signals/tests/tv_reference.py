"""TradingView's 26 votes once more, bar by bar, from the rules of its library TechnicalRating, version 3.

Every value may be None (Pine's `na`): a comparison with it is false, and a vote whose keyed value is None is None.
"""

from collections.abc import Callable
from math import isnan

from marketdata.domain import Bars
from signals.tests import textbook

Value = float | None
Series = Callable[[int], Value]
"""0: this bar, 1: the one before."""


def more(a: Value, b: Value) -> bool:
    return a is not None and b is not None and a - b > 1e-9 * max(1.0, abs(a))


def less(a: Value, b: Value) -> bool:
    return more(b, a)


def rating(known: Value, buy: bool, sell: bool) -> Value:
    if known is None:
        return None
    return 1.0 if buy else -1.0 if sell else 0.0


def at(column: list[float], last: int) -> Series:
    def value(back: int) -> Value:
        i = last - back
        return None if i < 0 or isnan(column[i]) else column[i]

    return value


LENGTHS = (10, 20, 30, 50, 100, 200)


class Rater:
    """The indicators of all bars; `votes` reads them at one bar and before."""

    def __init__(self, bars: Bars) -> None:
        high, low, close, volume = (getattr(bars, name).tolist() for name in ("high", "low", "close", "volume"))
        lines = {f"sma_{n}": textbook.sma(close, n) for n in LENGTHS}
        lines |= {f"ema_{n}": textbook.ema(close, n) for n in LENGTHS}
        self.lines = lines | {"hma_9": textbook.hma(close, 9), "vwma_20": textbook.vwma(close, volume, 20)}
        self.close, self.ema50, ema13 = close, textbook.ema(close, 50), textbook.ema(close, 13)
        self.ichimoku = [textbook.middle(high, low, n) for n in (9, 26, 52)]
        self.rsi, self.cci = textbook.rsi(close, 14), textbook.cci(close, 20)
        self.williams = textbook.williams(high, low, close, 14)
        self.ultimate = textbook.ultimate(high, low, close, 7, 14, 28)
        self.stochastic = textbook.stochastic(high, low, close, 14, 3, 3)
        self.stochastic_rsi = textbook.stochastic_rsi(close, 14, 14, 3, 3)
        self.directions = textbook.directions(high, low, close, 14)
        self.awesome, self.momentum = textbook.awesome(high, low, 5, 34), textbook.changes(close, 10)
        self.macd = textbook.macd(close, 12, 26, 9)
        self.bulls = [a - b for a, b in zip(high, ema13, strict=True)]
        self.bears = [a - b for a, b in zip(low, ema13, strict=True)]

    def votes(self, last: int) -> dict[str, Value]:
        """The votes after bar `last`."""
        price, found = self.close[last], {}
        for name, line in self.lines.items():
            average = at(line, last)(0)
            found[name] = rating(average, more(price, average), less(price, average))
        return {**found, "ichimoku": self._ichimoku(price, last), **self._oscillators(price, last)}

    def _ichimoku(self, price: float, last: int) -> Value:
        conversion, base, lead_b = (at(one, last) for one in self.ichimoku)
        c, b, old_c, old_b, lead2 = conversion(0), base(0), conversion(26), base(26), lead_b(26)
        lead1 = None if old_c is None or old_b is None else (old_c + old_b) / 2.0
        return rating(
            lead_b(0),
            more(lead1, lead2) and more(b, lead1) and more(c, b) and more(price, c),
            less(lead1, lead2) and less(b, lead1) and less(c, b) and less(price, c),
        )

    def _oscillators(self, price: float, last: int) -> dict[str, Value]:
        average = at(self.ema50, last)(0)
        up, down = more(price, average), less(price, average)
        rsi, cci, wr, uo = (at(one, last) for one in (self.rsi, self.cci, self.williams, self.ultimate))
        k, d, rsi_k, rsi_d = (at(one, last) for one in (*self.stochastic, *self.stochastic_rsi))
        plus, minus, adx, line, signal = (at(one, last) for one in (*self.directions, *self.macd))
        ao, mom, bulls, bears = (at(one, last) for one in (self.awesome, self.momentum, self.bulls, self.bears))
        trending = more(adx(0), 20.0) and more(adx(0), adx(1))
        crossed_up = more(ao(0), 0.0) and ao(1) is not None and not more(ao(1), 0.0)
        crossed_down = less(ao(0), 0.0) and ao(1) is not None and not less(ao(1), 0.0)
        return {
            "rsi_14": rating(
                rsi(1), less(rsi(0), 30.0) and more(rsi(0), rsi(1)), more(rsi(0), 70.0) and less(rsi(0), rsi(1))
            ),
            "stochastic": rating(
                d(1),
                less(k(0), 20.0) and less(d(0), 20.0) and more(k(0), d(0)),
                more(k(0), 80.0) and more(d(0), 80.0) and less(k(0), d(0)),
            ),
            "cci_20": rating(
                cci(1), less(cci(0), -100.0) and more(cci(0), cci(1)), more(cci(0), 100.0) and less(cci(0), cci(1))
            ),
            "adx_14": rating(adx(0), trending and more(plus(0), minus(0)), trending and less(plus(0), minus(0))),
            "awesome": rating(
                ao(1),
                crossed_up or (more(ao(0), 0.0) and more(ao(1), 0.0) and more(ao(0), ao(1)) and more(ao(2), ao(1))),
                crossed_down or (less(ao(0), 0.0) and less(ao(1), 0.0) and less(ao(0), ao(1)) and less(ao(2), ao(1))),
            ),
            "momentum_10": rating(mom(1), more(mom(0), mom(1)), less(mom(0), mom(1))),
            "macd": rating(signal(0), more(line(0), signal(0)), less(line(0), signal(0))),
            "stochastic_rsi": rating(
                average,
                down and less(rsi_k(0), 20.0) and less(rsi_d(0), 20.0) and more(rsi_k(0), rsi_d(0)),
                up and more(rsi_k(0), 80.0) and more(rsi_d(0), 80.0) and less(rsi_k(0), rsi_d(0)),
            ),
            "williams_14": rating(
                wr(1), less(wr(0), -80.0) and more(wr(0), wr(1)), more(wr(0), -20.0) and less(wr(0), wr(1))
            ),
            "bull_bear_13": rating(
                average,
                up and less(bears(0), 0.0) and more(bears(0), bears(1)),
                down and more(bulls(0), 0.0) and less(bulls(0), bulls(1)),
            ),
            "ultimate": rating(uo(0), more(uo(0), 70.0), less(uo(0), 30.0)),
        }  # fmt: skip
