"""What Interactive Brokers' lines say, handed on as it changes."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from marketdata.domain import Quote
from marketdata.sources.base import SourceError, Unsupported
from marketdata.sources.ib_desk import MARGIN, SETTLING, Desk, deadline
from marketdata.sources.ib_lines import Line
from marketdata.symbols import IbName

COALESCED = 0.02
"""Seconds."""


class Following:
    """The streams of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._clock = asyncio.get_running_loop().time

    async def follow(
        self, names: Mapping[str, IbName], seconds: float, put: Callable[[list[Quote]], None]
    ) -> None:  # fmt: skip
        """Hand on what changes, as it changes; never returns. Raises what ended the data, or why there are none."""
        async with deadline(seconds):
            ib = await self._desk.connection.ib(seconds - MARGIN)
            lines = await self._desk.opened(ib, names, self._clock() + seconds - MARGIN)
        mine = {symbol: one for symbol, one in lines.items() if isinstance(one, Line)}
        if not mine:
            raise next((one for one in lines.values() if isinstance(one, SourceError)), Unsupported("no symbols"))
        with (
            self._desk.changes.watched() as (changed, fresh),
            self._until_lost(changed) as losses,
            _held(mine.values()),
        ):
            while not losses:
                if all(one.refusal for one in mine.values()):
                    raise next(one.refusal for one in mine.values() if one.refusal)
                if batch := [one for symbol in fresh & mine.keys() if (one := self._ready(mine[symbol])) is not None]:
                    put(batch)
                fresh.clear()
                changed.clear()
                # Packets come one by one: a moment's news is one batch.
                await asyncio.sleep(COALESCED)
                await changed.wait()
            raise losses[0]

    def _ready(self, line: Line) -> Quote | None:
        """The quote of a line that has had time enough to become whole."""
        if not line.is_complete() and self._clock() < line.opened_at + SETTLING:
            return None
        found = self._desk.read(line)
        return found if isinstance(found, Quote) else None

    @contextmanager
    def _until_lost(self, changed: asyncio.Event) -> Iterator[list[SourceError]]:
        """A list that the error is put into when the data end."""
        losses: list[SourceError] = []

        def end(error: SourceError) -> None:
            losses.append(error)
            changed.set()

        self._desk.ends.add(end)
        try:
            yield losses
        finally:
            self._desk.ends.discard(end)


@contextmanager
def _held(lines: Iterable[Line]) -> Iterator[None]:
    """Lines that do not give way meanwhile."""
    held = list(lines)
    for line in held:
        line.streams += 1
    try:
        yield
    finally:
        for line in held:
            line.streams -= 1
