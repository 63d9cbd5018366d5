"""The little curve beside a quote: closes of the latest session, thinned out to what fits."""

from collections.abc import Sequence

import numpy as np

from marketdata import calendar, store, wiring
from marketdata.domain import Interval
from marketdata.periods import Period, first_session, midnight

POINTS = 60
"""The most closes that a curve has."""


def today(symbols: Sequence[str]) -> dict[str, list[float]]:
    """The closes of the latest session of each symbol, oldest first, the last one always among them."""
    market, now = wiring.market(), wiring.clock()()
    try:
        day = first_session(Period.SESSION, calendar.session_date(now, market), market)
    except calendar.OutOfCalendar:
        return {symbol: [] for symbol in symbols}
    start = midnight(day, Interval.MINUTE, market)
    found = {symbol: store.bars(symbol, Interval.FIVE_MINUTES, start, now, market, now=now) for symbol in symbols}
    return {symbol: thin(bars.close.tolist()) for symbol, bars in found.items()}


def thin(values: list[float]) -> list[float]:
    """At most POINTS of them, evenly chosen, first and last included."""
    if len(values) <= POINTS:
        return values
    return [values[i] for i in np.linspace(0, len(values) - 1, POINTS).round().astype(int)]
