"""The opening gap and the distance from the session's average price, during the day: strength goes on.

C. Zarattini and A. Aziz, Volume Weighted Average Price: The Holy Grail for Day Trading Systems (2023): above the
average is long, below it short. L. Gao, Y. Han, S. Zhengzi Li and G. Zhou, Market Intraday Momentum (Journal of
Financial Economics 129, 2018): the first move, overnight gap included, goes on later in the day. Both in moves of a
usual hour.
"""

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Bars, Interval
from signals.agents.base import INTRADAY, Floats, limit, limited, opine
from signals.domain import Evidence, MarketView, Opinion
from signals.indicators import before, deviation, flat, plain, ratio
from signals.sessions import NONE, Ints, session_numbers


class _Columns(NamedTuple):
    session: Ints
    open: Floats
    close: Floats
    typical: Floats
    volume: Floats
    """An absent volume is 0 here: it weighs nothing in the average."""


class _Measures(NamedTuple):
    gap: Floats
    distance: Floats
    hour: Floats


@dataclass(frozen=True, slots=True)
class OpeningGapVwap:
    """Score: half gap / `full_gap`, half distance / `full_distance`, both in moves of a usual hour.

    NaN outside of the session, and until the columns hold the end of the session before and 60 bars of any.
    """

    id: ClassVar[str] = "opening_gap_vwap"
    version: ClassVar[int] = 1
    intervals: ClassVar[frozenset[Interval]] = INTRADAY
    hour_bars: int = 60
    full_gap: float = 3.0
    full_distance: float = 2.0

    def scores(self, bars: Bars) -> Floats:
        """The score after each bar."""
        return self._scores(self._measures(bars))

    def opinion(self, view: MarketView) -> Opinion:
        """The session's gap, and where the last close stands against its average price."""
        measures = self._measures(view.bars)
        return opine(self, self._scores(measures), lambda _: self._evidence(*(float(one[-1]) for one in measures)))

    def _measures(self, bars: Bars) -> _Measures:
        sessions = session_numbers(bars)
        inside = sessions != NONE
        found = _of_sessions(_Columns(*(one[inside] for one in _columns(bars, sessions))), self.hour_bars)
        return _Measures(*(_spread(one, inside) for one in found))

    def _scores(self, measures: _Measures) -> Floats:
        gap = limited(ratio(measures.gap, measures.hour) / self.full_gap)
        distance = limited(ratio(measures.distance, measures.hour) / self.full_distance)
        return (gap + distance) / 2.0

    def _evidence(self, gap: float, distance: float, hour: float) -> tuple[Evidence, ...]:
        return (
            _one("opening_gap", gap, hour, self.full_gap, "The session opened {value} % from the close before"),
            _one("vwap_distance", distance, hour, self.full_distance, "The price is {value} % from its average"),
        )


def _one(name: str, value: float, hour: float, full: float, words: str) -> Evidence:
    return Evidence(
        name=name,
        value=100.0 * value,
        threshold=100.0 * full * hour,
        contribution=limit(value / hour / full) / 2.0,
        words=f"{words}; {{threshold}} % counts full.",
        unit="%",
    )


def _columns(bars: Bars, sessions: Ints) -> tuple[Ints | Floats, ...]:
    return sessions, bars.open, bars.close, (bars.high + bars.low + bars.close) / 3.0, np.nan_to_num(bars.volume)


def _of_sessions(bars: _Columns, hour_bars: int) -> _Measures:
    """Of bars that all belong to a session; NaN in the first one, whose beginning nobody has seen."""
    opens = np.diff(bars.session, prepend=bars.session[:1]) != 0
    first = np.maximum.accumulate(np.where(opens, np.arange(len(opens)), 0))
    unknown = first == 0
    gap = ratio(bars.open[first], bars.close[first - 1]) - 1.0
    distance = ratio(bars.close, ratio(_since(bars.typical * bars.volume, first), _since(bars.volume, first))) - 1.0
    gap[unknown], distance[unknown] = np.nan, np.nan
    # The move over night is the gap, and none of a usual hour.
    moves = np.where(opens, ratio(bars.close, bars.open), ratio(bars.close, before(bars.close))) - 1.0
    hour = deviation(moves, hour_bars) * sqrt(hour_bars)
    hour[flat(plain(bars.close), hour_bars + 1)] = np.nan
    return _Measures(gap, distance, hour)


def _since(values: Floats, first: Ints) -> Floats:
    """Sum from the session's first bar on; only where one is known."""
    sums = np.cumsum(values)
    return sums - sums[first - 1]


def _spread(values: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Back to the length of the bars."""
    out = np.full(len(inside), np.nan)
    out[inside] = values
    return out
