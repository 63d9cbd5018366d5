"""The values that flow from vendor to browser. Frozen; aware UTC times; what is absent is `None`, never 0 or NaN."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Session(StrEnum):
    """The phase of the trading day in which a quote was made."""

    PRE = "pre"
    REGULAR = "regular"
    POST = "post"
    CLOSED = "closed"
    ALWAYS = "24h"


class Interval(StrEnum):
    """The length of a bar. 1m and 1d are stored; the others are folded from them on read."""

    MINUTE = "1m"
    TWO_MINUTES = "2m"
    FIVE_MINUTES = "5m"
    FIFTEEN_MINUTES = "15m"
    HALF_HOUR = "30m"
    HOUR = "1h"
    DAY = "1d"

    @property
    def length(self) -> timedelta:
        """The time from a bar's start to its end (a daily bar: 24 hours, from midnight of its session date)."""
        return _LENGTHS[self]

    @property
    def stored(self) -> "Interval":
        """The stored interval from which this one is folded."""
        return Interval.DAY if self is Interval.DAY else Interval.MINUTE


_LENGTHS = {
    one: int(one[:-1]) * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[one[-1]]
    for one in Interval
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The last price of a symbol and the best bid and ask, as one vendor gave them.

    Prices are per share in `currency`; sizes and volume in shares (coins for crypto); `as_of` is the vendor's time of
    the price (of the bid and ask where there is no price); `delayed_by` in seconds, 0 for live, None for unknown.
    """

    symbol: str
    vendor: str
    as_of: datetime
    received_at: datetime
    price: float | None = None
    bid: float | None = None
    ask: float | None = None
    bid_size: float | None = None
    ask_size: float | None = None
    quote_as_of: datetime | None = None
    open: float | None = None
    high: float | None = None
    low: float | None = None
    previous_close: float | None = None
    volume: float | None = None
    currency: str | None = None
    session: Session = Session.CLOSED
    ext_price: float | None = None
    ext_as_of: datetime | None = None
    feed: str | None = None
    delayed_by: int | None = None
    simulated: bool = False
    flags: frozenset[str] = frozenset()

    @property
    def change(self) -> float | None:
        """Price less the previous session's close; None where either is absent."""
        if self.price is None or self.previous_close is None:
            return None
        return self.price - self.previous_close

    @property
    def change_percent(self) -> float | None:
        """The change in per cent of the previous close; None where either is absent."""
        change = self.change
        if change is None or not self.previous_close:
            return None
        return 100.0 * change / self.previous_close


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What traded in [start, end): open, high, low and close prices and the volume in shares.

    `start` is aware UTC. A daily bar's start is 00:00 UTC of its `session_date`: a date in disguise, not an hour.
    `partial` is true while the interval still runs; `adjusted` says that prices before a split are divided by its
    factor (never by dividends).
    """

    symbol: str
    interval: Interval
    start: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float | None
    vendor: str
    vwap: float | None = None
    trades: int | None = None
    adjusted: bool = False
    partial: bool = False
    simulated: bool = False

    @property
    def end(self) -> datetime:
        """The instant at which the bar is complete."""
        return self.start + self.interval.length

    @property
    def session_date(self) -> date:
        """The date of a daily bar (for shorter bars: the UTC date of the start)."""
        return self.start.date()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bars:
    """Many bars of one symbol as columns of equal length, rising in `start` (int64, epoch seconds UTC).

    Prices and volume are float64; an absent volume is NaN here and only here, because a column has no None.
    """

    symbol: str
    interval: Interval
    vendor: str
    start: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    adjusted: bool = False
    simulated: bool = False
    last_is_partial: bool = False

    def __len__(self) -> int:
        return len(self.start)

    def __iter__(self) -> Iterator[Bar]:
        last = len(self) - 1
        for i in range(len(self)):
            volume = float(self.volume[i])
            yield Bar(
                symbol=self.symbol, interval=self.interval, vendor=self.vendor,
                start=datetime.fromtimestamp(int(self.start[i]), UTC),
                open=float(self.open[i]), high=float(self.high[i]), low=float(self.low[i]),
                close=float(self.close[i]), volume=None if np.isnan(volume) else volume,
                adjusted=self.adjusted, simulated=self.simulated, partial=self.last_is_partial and i == last,
            )

    @classmethod
    def of(cls, symbol: str, interval: Interval, vendor: str, bars: Sequence[Bar]) -> "Bars":
        """Columns from single bars (in any order)."""
        rows = sorted(bars, key=lambda bar: bar.start)

        def column(name: str) -> NDArray[np.float64]:
            return np.array([np.nan if getattr(b, name) is None else getattr(b, name) for b in rows], np.float64)

        return cls(
            symbol=symbol, interval=interval, vendor=vendor,
            start=np.array([int(b.start.timestamp()) for b in rows], np.int64),
            open=column("open"), high=column("high"), low=column("low"), close=column("close"),
            volume=column("volume"), adjusted=any(b.adjusted for b in rows),
            simulated=any(b.simulated for b in rows), last_is_partial=bool(rows) and rows[-1].partial,
        )
