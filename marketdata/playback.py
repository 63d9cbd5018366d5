"""From a pushing source into the house: each batch through `ingest`, a recording's place stored beside its rows."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from marketdata import ingest, store, wiring
from marketdata.cache import client
from marketdata.domain import Bars, Quote
from marketdata.live import retained, topics
from marketdata.sources.base import StreamingSource

log = logging.getLogger(__name__)
MINUTE = timedelta(minutes=1)
SHOWN = 20
"""Bad lines that are logged one by one."""


@runtime_checkable
class Recording(StreamingSource, Protocol):
    """A source that is played from a place and can name it."""

    position: datetime | None
    present: datetime | None

    def symbols(self) -> list[str]:
        """What it holds."""

    def fingerprint(self, symbols: Sequence[str]) -> str:
        """The name of this playback."""

    def minutes(self, symbols: Sequence[str], after: datetime, until: datetime) -> list[Bars]:
        """The one-minute bars that close in (after, until]."""

    def problems(self, symbols: Sequence[str]) -> list[str]:
        """What was left out and why."""


class Live:
    """A vendor's push: nothing to resume."""

    def __init__(self, source: StreamingSource) -> None:
        self.source = source

    def open(self, symbols: Sequence[str]) -> datetime | None:
        """Nothing to prepare: a vendor's push begins now."""
        return None

    def take(self, batch: Sequence[Quote]) -> None:
        """Store and show a batch."""
        ingest.quotes(batch)

    def finish(self) -> None:
        """Nothing is left over."""


class Played:
    """A recording: its rows and the place it has come to are written in one transaction, so none is lost or doubled."""

    def __init__(self, source: Recording) -> None:
        self.source = source
        self._symbols: list[str] = []
        self._key = ""
        self._place: datetime | None = None

    def open(self, symbols: Sequence[str]) -> datetime | None:
        """Go to the place where this playback was left, and return it; rows up to the present come at once."""
        self._symbols = list(symbols)
        self._key = f"recorded:{self.source.fingerprint(symbols)}"
        self._place = self.source.position = store.cursor(self._key)
        if self._place is None and self.source.present is None:
            self._start_over()
        self._tell_present()
        problems = self.source.problems(symbols)
        for problem in problems[:SHOWN]:
            log.warning("left out: %s", problem)
        if len(problems) > SHOWN:
            log.warning("left out: %d more lines", len(problems) - SHOWN)
        return self._place

    def take(self, batch: Sequence[Quote]) -> None:
        """Move the recorded present on, then store minutes that closed, then the batch with its place."""
        at = batch[-1].as_of
        self._tell_present(at)
        self._close_minutes(self._place or batch[0].as_of - MINUTE, at)
        ingest.quotes(batch, cursor=(self._key, at))
        self._place = at

    def finish(self) -> None:
        """The recording ends with its last minute closed."""
        if self._place:
            self._tell_present(self._place + MINUTE)
            self._close_minutes(self._place, self._place + MINUTE)

    def _start_over(self) -> None:
        """Rows that another playback left would hide this one's: they are the newest, and none here would be new."""
        if store.forget(self._symbols, wiring.RECORDED):
            retained.forget()

    def _close_minutes(self, after: datetime, until: datetime) -> None:
        for bars in self.source.minutes(self._symbols, after, until):
            ingest.bars(bars, start=after, end=until)

    def _tell_present(self, at: datetime | None = None) -> None:
        """Let every process know how far the recording has come; it never goes back while it plays."""
        known = [one for one in (at, self._place, self.source.present) if one]
        self.source.present = max(known, default=None)
        if self.source.present:
            client().set(topics.POSITION, self.source.present.isoformat())
        else:
            client().delete(topics.POSITION)
