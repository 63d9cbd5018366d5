"""A recording of one-minute quotes and trades, played as if live with its own times.

The folder holds SYMBOL_1min_quotes.csv[.gz] and SYMBOL_1min_trades.csv[.gz] (times: New York, without zone), or such
folders called by their dates: a capture. A line of quotes becomes one quote; price, volume and range come from the
trade lines up to it. It may also hold files of option chains, like yahoo_NVDA_2025-11-25.csv (recorded_chain); a symbol
that has only those has the prices that stand beside its chains.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock

from marketdata.chains import OptionChain
from marketdata.domain import Bars, Interval, Quote
from marketdata.sources.base import Capability, NoData, SourceError, UnknownSymbol
from marketdata.sources.recorded_chain import ChainFile, RecordedChain
from marketdata.sources.recorded_chain import files as files_of
from marketdata.sources.recorded_chain_shelf import Shelf
from marketdata.sources.recorded_folder import BadRecording, Files, NoRecording, find, fingerprint, folders
from marketdata.sources.recorded_play import Row, play, rows
from marketdata.sources.recorded_tape import Tape

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def chain_files(folder: str) -> dict[str, list[ChainFile]]:
    """The files of option chains of each symbol, in the folder or in folders called by their dates."""
    found: dict[str, list[ChainFile]] = {}
    for path in folders(folder):
        for one in files_of(path):
            found.setdefault(one.underlying, []).append(one)
    return found


class Recorded:
    """A source that plays a folder.

    `speed` multiplies time; `clock` is the recorded present, up to which `quotes` and `bars` look. Before `stream`,
    set `position` (rows after it are played) and `present` (rows up to it come at once).
    """

    name = "recorded"
    capabilities = frozenset({Capability.QUOTES, Capability.BARS, Capability.STREAM, Capability.OPTIONS})
    simulated = False

    def __init__(self, folder: str, speed: float = 1.0, clock: Callable[[], datetime] | None = None) -> None:
        self._folder = str(folder)
        self._chain_files = chain_files(self._folder)
        if not self._chain_files:
            self.capabilities = self.capabilities - {Capability.OPTIONS}
        self._speed = speed
        self._clock = clock or (lambda: datetime.now(UTC))
        self._tapes: dict[str, Tape] = {}
        self._shelves: dict[str, Shelf] = {}
        self._broken: dict[str, SourceError] = {}
        self._lock = Lock()
        self.position: datetime | None = None
        self.present: datetime | None = None

    def symbols(self) -> list[str]:
        """The symbols of the folder; raises NoRecording."""
        return self._symbols

    def knows(self, symbol: str) -> bool:
        """Whether the folder has a file of the symbol."""
        try:
            return symbol in self._symbols
        except NoRecording:
            return False

    def fingerprint(self, symbols: Sequence[str]) -> str:
        """The name under which the playback of these symbols notes how far it has come; raises NoRecording."""
        return fingerprint({symbol: self._paths(symbol) for symbol in symbols if symbol in self._symbols})

    def problems(self, symbols: Sequence[str]) -> list[str]:
        """What is wrong with the files of these symbols and with their lines that are left out."""
        tapes = [tape for symbol in symbols if (tape := self._playable(symbol))]
        broken = [f"{symbol}: {self._broken[symbol]}" for symbol in symbols if symbol in self._broken]
        return broken + [problem for tape in tapes for problem in tape.problems]

    def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote | SourceError]:
        """The last line of each symbol at or before the recorded present; raises NoRecording."""
        now = self._clock()
        _ = self._symbols
        return {symbol: self._quote(symbol, now) for symbol in symbols}

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        """Bars folded from the trade lines up to the present; raises UnknownSymbol, BadRecording or NoRecording."""
        return self._tape(symbol).bars(interval, start, end, self._clock())

    def rows(self, symbols: Sequence[str], after: datetime | None = None) -> Iterator[Row]:
        """Each recorded instant after `after` with its quotes; a file that cannot be read leaves out its symbol.

        Raises BadRecording where no symbol is left, NoRecording where none was asked for.
        """
        tapes = [tape for symbol in symbols if (tape := self._playable(symbol))]
        if not tapes:
            raise next(iter(self._broken.values()), NoRecording("none of the chosen symbols is in the recording"))
        return rows(tapes, after)

    def minutes(self, symbols: Sequence[str], after: datetime, until: datetime) -> list[Bars]:
        """The one-minute bars of each symbol that close in (after, until]; none for a symbol without trades."""
        first, last = after - MINUTE + SECOND, until - MINUTE + SECOND
        tapes = [tape for symbol in symbols if (tape := self._playable(symbol)) and tape.trades]
        return [tape.bars(Interval.MINUTE, first, last, until) for tape in tapes]

    async def stream(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[Quote]]:
        """Batches as they fall due, from `position` to the end of the recording."""
        recorded = await asyncio.to_thread(self.rows, symbols, self.position)
        async for batch in play(recorded, self._speed, self.present):
            yield batch

    def option_expiries(self, symbol: str) -> tuple[date, ...]:
        """The expiries of the chain at the recorded present; raises UnknownSymbol, NoData or BadRecording."""
        return self._chain(symbol).chain.expiries

    def option_chain(self, symbol: str, first: date, last: date) -> OptionChain:
        """The chain at the recorded present, `received_at` when it held; raises as `option_expiries` does."""
        found = self._chain(symbol)
        quotes = tuple(
            replace(one, vendor=self.name, feed=one.vendor)
            for one in found.chain.quotes if first <= one.contract.expiry <= last
        )  # fmt: skip
        if not quotes:
            raise NoData(f"the recorded chain of {symbol} has no expiry from {first} to {last}")
        return replace(found.chain, vendor=self.name, quotes=quotes)

    def close(self) -> None:
        """Forget the files that were read."""
        self._tapes.clear()
        self._shelves.clear()

    @cached_property
    def _files(self) -> dict[str, Files]:
        return find(self._folder, alone=not self._chain_files)

    @cached_property
    def _symbols(self) -> list[str]:
        return sorted({*self._files, *self._chain_files})

    def _paths(self, symbol: str) -> list[Path]:
        files = self._files.get(symbol, Files())
        return [*files.quotes, *files.trades, *(one.path for one in self._chain_files.get(symbol, ()))]

    def _chain(self, symbol: str) -> RecordedChain:
        if symbol not in self._chain_files:
            raise UnknownSymbol(f"the recording has no option chain of {symbol}")
        now = self._clock()
        found = self._shelf(symbol).chain(now)
        if found is None:
            raise NoData(f"{symbol} has no option chain up to {now:%Y-%m-%d %H:%M}")
        return found

    def _shelf(self, symbol: str) -> Shelf:
        with self._lock:
            if symbol not in self._shelves:
                self._shelves[symbol] = Shelf(symbol, self._chain_files[symbol])
            return self._shelves[symbol]

    def _tape(self, symbol: str) -> Tape | Shelf:
        if symbol not in self._symbols:
            raise UnknownSymbol(f"the recording has no file of {symbol}")
        if symbol not in self._files:
            return self._shelf(symbol)
        with self._lock:
            if symbol not in self._tapes:
                self._tapes[symbol] = Tape(symbol, self._files[symbol])
            return self._tapes[symbol]

    def _playable(self, symbol: str) -> Tape | Shelf | None:
        try:
            return self._tape(symbol)
        except (BadRecording, UnknownSymbol) as error:
            self._broken[symbol] = error
            return None

    def _quote(self, symbol: str, now: datetime) -> Quote | SourceError:
        try:
            tape = self._tape(symbol)
        except SourceError as error:
            return error
        index = tape.at(now)
        return NoData(f"{symbol} has no line up to {now:%Y-%m-%d %H:%M}") if index is None else tape.quote(index)
