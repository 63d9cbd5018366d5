"""Playing a recording as if live: rows of all symbols in time order, at a multiple of the recorded speed."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import merge
from itertools import groupby

from marketdata.domain import Quote
from marketdata.sources.recorded_chain_shelf import Shelf
from marketdata.sources.recorded_tape import Tape

GAP = timedelta(minutes=5)
"""A longer time without any row is skipped."""
TICK = 0.25
"""Seconds between two batches when many rows fall due."""
BATCH = 2000
"""Quotes after which a batch is handed over; rows of one instant stay together."""

Row = tuple[datetime, list[Quote]]


def rows(tapes: Iterable[Tape | Shelf], after: datetime | None) -> Iterator[Row]:
    """Each recorded instant later than `after` with the quotes of all symbols that have a line at it."""
    known = {tape.symbol: tape for tape in tapes}
    lines = merge(*(tape.after(after) for tape in known.values()))
    for at, group in groupby(lines, key=lambda line: line[0]):
        yield at, [known[symbol].quote(index) for _, symbol, index in group]


class Pace:
    """The recorded present: it runs `speed` times as fast as the clock on the wall."""

    def __init__(self, speed: float, present: datetime) -> None:
        self._speed = speed
        self.jump(present)

    def jump(self, present: datetime) -> None:
        """Make this instant the present."""
        self._present, self._wall = present, time.monotonic()

    def until(self, at: datetime) -> float:
        """Seconds on the wall until a recorded instant; not positive when it is due."""
        return (at - self._present).total_seconds() / self._speed - (time.monotonic() - self._wall)


async def play(recorded: Iterator[Row], speed: float, present: datetime | None) -> AsyncIterator[list[Quote]]:
    """Rows when they fall due, many in one batch at high speed; those up to `present` at once."""
    pace: Pace | None = None
    batch: list[Quote] = []
    for at, quotes in recorded:
        pace = pace or Pace(speed, max(at, present) if present else at)
        if pace.until(at) > 0:
            if batch:
                yield batch
                batch = []
            await _due(pace, at, speed)
        batch += quotes
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def _due(pace: Pace, at: datetime, speed: float) -> None:
    """Wait for a row, at least one tick so that rows come together; a long gap is no wait at all."""
    if pace.until(at) * speed > GAP.total_seconds():
        pace.jump(at)
        await asyncio.sleep(0)
    else:
        await asyncio.sleep(max(pace.until(at), TICK))
