"""Splits and dividends out of Yahoo's table of days, whose prices and dividends are in the shares of today."""

from collections.abc import Iterator
from datetime import date
from math import prod
from typing import Any, NamedTuple

from marketdata.actions import Action, Kind, split

RATIOS, AMOUNTS = (1e-4, 1e4), (1e-6, 1e6)
"""Beyond these bounds it is a mistake: nobody splits a share into more, or pays less."""


class _Day(NamedTuple):
    """One row: what the company did that day, and the last close before it (None: not in the table)."""

    date: date
    close_before: float | None
    dividend: float
    ratio: float


def read(frame: Any, symbol: str) -> tuple[Action, ...]:
    """The actions of a history table, by date; a dividend comes as it was paid, in the shares of its own day."""
    days = list(_days(frame))
    found = []
    for i, day in enumerate(days):
        if day.ratio not in (0.0, 1.0):
            found.append(split(symbol, day.date, day.ratio, "yahoo"))
        if day.dividend:
            later = prod((other.ratio for other in days[i + 1 :] if other.ratio), start=1.0)
            found.append(_dividend(symbol, day, later))
    return tuple(found)


def _dividend(symbol: str, day: _Day, shares: float) -> Action:
    """Its factor takes it off the close before it; a dividend as large as the price is none that can be taken off."""
    before = day.close_before
    factor = 1 - day.dividend / before if before and day.dividend < before else None
    return Action(
        symbol=symbol, kind=Kind.DIVIDEND, ex_date=day.date, value=day.dividend * shares, factor=factor, vendor="yahoo"
    )


def _days(frame: Any) -> Iterator[_Day]:
    before: float | None = None
    columns = (frame[name].tolist() if name in frame else [0.0] * len(frame) for name in ("Dividends", "Stock Splits"))
    closes = frame["Close"].tolist() if "Close" in frame else [None] * len(frame)
    for at, close, dividend, ratio in zip(frame.index, closes, *columns, strict=True):
        day = _Day(at.date(), before, _within(dividend, *AMOUNTS), _within(ratio, *RATIOS))
        if day.dividend or day.ratio:
            yield day
        before = _within(close, *AMOUNTS) or before


def _within(value: object, least: float, most: float) -> float:
    """The number; 0 for none, NaN and what is out of bounds."""
    return float(value) if isinstance(value, int | float) and least < value < most else 0.0
