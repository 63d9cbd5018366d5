"""The fifteen trend votes of TradingView's rating: fourteen averages and Ichimoku (`tv_rating` says where from)."""

import numpy as np

from marketdata.domain import Bars
from signals.agents.tv_votes import Vote, decide
from signals.agents.wording import in_words
from signals.indicators import Floats, before, ema, hma, middle, rounding, side, sma, vwma

LENGTHS = (10, 20, 30, 50, 100, 200)
HULL, WEIGHTED = 9, 20
CONVERSION, BASE, LEAD, AHEAD = 9, 26, 52, 26
"""Ichimoku's windows, and the bars by which its cloud is drawn ahead."""


def trend_votes(bars: Bars) -> list[Vote]:
    """The votes of the group in the library's order."""
    close, error = bars.close, rounding(bars.close)
    lines = [(f"sma_{n}", f"{in_words(n)}-bar simple", sma(close, n)) for n in LENGTHS]
    lines += [(f"ema_{n}", f"{in_words(n)}-bar exponential", ema(close, n)) for n in LENGTHS]
    lines.append((f"hma_{HULL}", f"{in_words(HULL)}-bar Hull", hma(close, HULL)))
    lines.append((f"vwma_{WEIGHTED}", f"{in_words(WEIGHTED)}-bar volume-weighted", vwma(close, bars.volume, WEIGHTED)))
    return [*(_average(name, words, close, line, error) for name, words, line in lines), _ichimoku(bars, error)]


def _average(name: str, words: str, close: Floats, line: Floats, error: Floats) -> Vote:
    """+1 where the average is below the price, -1 where it is above."""
    return Vote(
        name=name,
        vote=side(close - line, error),
        value=close,
        threshold=line,
        is_price=True,
        words=f"The close of {{value}} against the {words} average of {{threshold}}.",
    )


def _ichimoku(bars: Bars, error: Floats) -> Vote:
    """Lead A over lead B, base over lead A, conversion over base, close over conversion: all four or nothing.

    The leads are those that stand in the chart at this bar, computed `AHEAD` bars ago.
    """
    conversion, base = middle(bars.high, bars.low, CONVERSION), middle(bars.high, bars.low, BASE)
    lead_b = middle(bars.high, bars.low, LEAD)
    over, under = before((conversion + base) / 2.0, AHEAD), before(lead_b, AHEAD)
    steps = (over - under, base - over, conversion - base, bars.close - conversion)
    rising, falling = (np.all([step * way > error for step in steps], axis=0) for way in (1.0, -1.0))
    return Vote(
        name="ichimoku",
        vote=decide(lead_b, rising, falling),
        value=conversion,
        threshold=base,
        is_price=True,
        words="The Ichimoku conversion line at {value}, its base line at {threshold}.",
    )
