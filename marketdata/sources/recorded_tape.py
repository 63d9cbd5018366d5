"""One symbol of a recording: what was known of it at each of its lines, and its bars."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import NamedTuple

import numpy as np

from marketdata import calendar
from marketdata.domain import Bars, Interval, Quote, Session
from marketdata.sources.recorded_folder import Files, QuoteLine, TradeLine, quote_lines, trade_lines

MARKET = "recorded"


class Known(NamedTuple):
    """What the trades up to one line tell: last price, and volume and range of its session date."""

    day: date
    price: float
    volume: float
    open: float | None
    high: float | None
    low: float | None


class Tape:
    """All lines of one symbol in memory. `problems` names the lines that were left out; raises BadRecording."""

    def __init__(self, symbol: str, files: Files) -> None:
        quotes, bad_quotes = quote_lines(files.quotes)
        self.trades, bad_trades = trade_lines(files.trades)
        self.symbol = symbol
        self.problems = (*bad_quotes, *bad_trades)
        self._quotes = quotes if files.quotes else None
        self._regular = [_is_regular(line.at) for line in self.trades]
        self._known = list(_known(self.trades, self._regular))
        self._traded_at = [line.at for line in self.trades]
        self.times = [line.at for line in quotes] if files.quotes else self._traded_at
        closes = {
            known.day: line.close for known, line, regular in zip(self._known, self.trades, self._regular, strict=True)
            if regular
        }  # fmt: skip
        self._closing_days, self._closes = list(closes), list(closes.values())

    def after(self, moment: datetime | None) -> Iterator[tuple[datetime, str, int]]:
        """Time, symbol and index of each line later than `moment` (None: of all)."""
        first = bisect_right(self.times, moment) if moment else 0
        return ((self.times[i], self.symbol, i) for i in range(first, len(self.times)))

    def at(self, moment: datetime) -> int | None:
        """The index of the last line at or before a moment; None before the first."""
        i = bisect_right(self.times, moment) - 1
        return i if i >= 0 else None

    def quote(self, index: int) -> Quote:
        """The quote of one line: its own bid and ask, and what the trades up to its time tell."""
        at = self.times[index]
        line = self._quotes[index] if self._quotes is not None else QuoteLine(at, None, None, None, None)
        day = calendar.session_date(at, MARKET)
        i = bisect_right(self._traded_at, at) - 1
        known = self._known[i] if i >= 0 else None
        today = known if known and known.day == day else None
        return Quote(
            symbol=self.symbol, vendor=MARKET, feed=MARKET, currency="USD", delayed_by=0,
            as_of=at, quote_as_of=at if self._quotes is not None else None, received_at=datetime.now(UTC),
            bid=line.bid or None, bid_size=line.bid_size, ask=line.ask or None, ask_size=line.ask_size,
            price=known.price if known else None, volume=today.volume if today else (0.0 if self.trades else None),
            open=today.open if today else None, high=today.high if today else None, low=today.low if today else None,
            previous_close=self._previous_close(day), session=calendar.session(at, MARKET),
        )  # fmt: skip

    def bars(self, interval: Interval, start: datetime, end: datetime, now: datetime) -> Bars:
        """The bars that start in [start, end) and at or before `now`, from the trade lines; days: regular session."""
        first = bisect_left(self._traded_at, start)
        last = min(bisect_right(self._traded_at, now), bisect_left(self._traded_at, end + interval.length))
        chosen = [i for i in range(first, last) if interval is not Interval.DAY or self._regular[i]]
        lines = [self.trades[i] for i in chosen]
        days = [self._known[i].day for i in chosen]
        groups = np.array([_bin(line.at, day, interval) for line, day in zip(lines, days, strict=True)], np.int64)
        columns = np.array([line[1:] for line in lines], np.float64).reshape(-1, 5)
        starts, heads = np.unique(groups, return_index=True)
        wanted = (starts >= start.timestamp()) & (starts < end.timestamp())
        folded = [np.empty(0)] * 5 if not len(starts) else [
            columns[heads, 0], np.maximum.reduceat(columns[:, 1], heads), np.minimum.reduceat(columns[:, 2], heads),
            columns[np.append(heads[1:], len(lines)) - 1, 3], np.add.reduceat(columns[:, 4], heads),
        ]  # fmt: skip
        opened, high, low, close, volume = (column[wanted] for column in folded)
        starts = starts[wanted]
        return Bars(
            symbol=self.symbol, interval=interval, vendor=MARKET, start=starts, open=opened, high=high, low=low,
            close=close, volume=volume, last_is_partial=bool(len(starts)) and _ends(int(starts[-1]), interval) > now,
        )  # fmt: skip

    def _previous_close(self, day: date) -> float | None:
        i = bisect_left(self._closing_days, day) - 1
        return self._closes[i] if i >= 0 else None


def _is_regular(at: datetime) -> bool:
    return calendar.session(at, MARKET) is Session.REGULAR


def _known(trades: list[TradeLine], regular: list[bool]) -> Iterator[Known]:
    last: Known | None = None
    for line, counts in zip(trades, regular, strict=True):
        day = calendar.session_date(line.at, MARKET)
        before = last if last and last.day == day else Known(day, line.close, 0.0, None, None, None)
        opened, high, low = before.open, before.high, before.low
        if counts:
            opened = line.open if opened is None else opened
            high = line.high if high is None else max(high, line.high)
            low = line.low if low is None else min(low, line.low)
        last = Known(day, line.close, before.volume + line.volume, opened, high, low)
        yield last


def _bin(at: datetime, day: date, interval: Interval) -> int:
    if interval is Interval.DAY:
        return int(datetime.combine(day, time(), UTC).timestamp())
    length = int(interval.length.total_seconds())
    return int(at.timestamp()) // length * length


def _ends(start: int, interval: Interval) -> datetime:
    """When a bar is complete; a day with its regular session."""
    began = datetime.fromtimestamp(start, UTC)
    hours = calendar.hours(began.date(), MARKET) if interval is Interval.DAY else None
    return hours[1] if hours else began + interval.length
