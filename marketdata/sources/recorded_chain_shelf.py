"""The recorded chains of one symbol, read when they are asked for, and the prices of the underlying that they tell."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from marketdata import calendar
from marketdata.domain import Bars, Interval, Quote
from marketdata.sources.recorded_chain import ChainFile, RecordedChain, read
from marketdata.sources.recorded_chain_spot import implied
from marketdata.sources.recorded_folder import BadRecording

MARKET = "recorded"
IMPLIED = frozenset({"implied"})
"""The flag of a price that the file does not give and its options tell."""


class Moment(NamedTuple):
    """When a chain held, where it is, and the underlying's price beside it."""

    taken_at: datetime
    session: date
    file: ChainFile
    spot: float | None
    spot_as_of: datetime
    told: bool
    """Whether the file gives the price."""


class Shelf:
    """All chains of one symbol, by time. `problems` names what was left out; raises BadRecording where all is."""

    def __init__(self, symbol: str, files: Sequence[ChainFile]) -> None:
        self.symbol = symbol
        self._problems: list[str] = []
        self._last: tuple[Moment, RecordedChain] | None = None
        self.moments = sorted((one for file in files for one in self._moments(file)), key=lambda one: one.taken_at)
        if not self.moments:
            raise BadRecording("; ".join(self._problems) or f"there is no chain of {symbol}")
        self._quoted = sorted((one for one in self.moments if one.spot), key=lambda one: one.spot_as_of)
        self.times = [one.spot_as_of for one in self._quoted]
        self.trades: Sequence[object] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with files and lines that were left out."""
        return tuple(self._problems)

    def chain(self, moment: datetime) -> RecordedChain | None:
        """The last chain that held at a moment or before; None before the first."""
        i = bisect_right(self.moments, moment, key=lambda one: one.taken_at) - 1
        if i < 0:
            return None
        wanted = self.moments[i]
        if self._last is None or self._last[0] != wanted:
            found = next(one for one in read(wanted.file) if one.taken_at == wanted.taken_at)
            self._last = (wanted, found)
        return self._last[1]

    def after(self, moment: datetime | None) -> Iterator[tuple[datetime, str, int]]:
        """Time, symbol and index of each price later than `moment` (None: of all)."""
        first = bisect_right(self.times, moment) if moment else 0
        return ((self.times[i], self.symbol, i) for i in range(first, len(self.times)))

    def at(self, moment: datetime) -> int | None:
        """The index of the last price at or before a moment; None before the first."""
        i = bisect_right(self.times, moment) - 1
        return i if i >= 0 else None

    def quote(self, index: int) -> Quote:
        """The underlying's price beside one chain; flagged `implied` where the options tell it and not the file."""
        one = self._quoted[index]
        return Quote(
            symbol=self.symbol, vendor=MARKET, feed=one.file.kind, currency="USD", delayed_by=0, price=one.spot,
            as_of=one.spot_as_of, received_at=datetime.now(UTC), session=calendar.session(one.spot_as_of, MARKET),
            flags=frozenset() if one.told else IMPLIED,
        )  # fmt: skip

    def bars(self, interval: Interval, start: datetime, end: datetime, now: datetime) -> Bars:
        """None: chains tell no bars."""
        return Bars.of(self.symbol, interval, MARKET, [])

    def _moments(self, file: ChainFile) -> Iterator[Moment]:
        try:
            for one in read(file):
                self._problems += one.chain.left_out
                spot = one.spot or implied(one.chain, one.session)
                yield Moment(one.taken_at, one.session, file, spot, one.spot_as_of or one.taken_at, bool(one.spot))
        except BadRecording as error:
            self._problems.append(f"{error}. {error.remedy}")
