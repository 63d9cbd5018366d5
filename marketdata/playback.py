"""From a pushing source into the house: each batch through `ingest`, a recording's place stored beside its rows."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from marketdata import ingest, said, store, wiring
from marketdata.cache import client
from marketdata.domain import Bars, Quote
from marketdata.listening import Listener
from marketdata.live import retained, topics
from marketdata.mute import Mute
from marketdata.sources.base import StreamingSource

log = logging.getLogger(__name__)
MINUTE = timedelta(minutes=1)
ANSWER_LASTS = timedelta(minutes=2)
"""Age up to which a vendor's answer completes its push."""
OF_THE_DAY = ("open", "high", "low", "previous_close", "volume")
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
    """A vendor's push: nothing to resume, but something to miss."""

    def __init__(self, source: StreamingSource) -> None:
        self.source = source
        self._listener = Listener(source.name)

    def open(self, symbols: Sequence[str]) -> datetime | None:
        """Listen from now on: a vendor's push has no place to go back to."""
        self._listener.open(symbols)
        return None

    def take(self, batch: Sequence[Quote]) -> float:
        """Store and show a batch; the seconds that its newest quote was on the way."""
        ingest.quotes(whole(batch))
        return self._listener.hear(batch)

    def missed(self) -> Mute | None:
        """Whether the silence is no longer to be believed."""
        return self._listener.missed()

    def finish(self) -> None:
        """Keep what was learned."""
        self._listener.save()


def whole(batch: Sequence[Quote]) -> list[Quote]:
    """A push tells prices; what it lacks of the day comes from its own vendor's last answer.

    A high below the price (or a low above it) is older than the price: it stays absent until the next answer.
    """
    found: list[Quote] = []
    for vendor in {quote.vendor for quote in batch}:
        of_vendor = [quote for quote in batch if quote.vendor == vendor]
        answers = said.answered(vendor, sorted({quote.symbol for quote in of_vendor}))
        found += [_filled(quote, answers.get(quote.symbol)) for quote in of_vendor]
    return found


def _filled(quote: Quote, answer: Quote | None) -> Quote:
    if answer is None or answer.session is not quote.session or quote.as_of - answer.as_of > ANSWER_LASTS:
        return quote
    lacking = {name: getattr(answer, name) for name in OF_THE_DAY if getattr(quote, name) is None}
    if quote.price is not None:
        if (high := lacking.get("high")) is not None and high < quote.price:
            del lacking["high"]
        if (low := lacking.get("low")) is not None and low > quote.price:
            del lacking["low"]
    return replace(quote, **lacking) if lacking else quote


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

    def take(self, batch: Sequence[Quote]) -> float:
        """Move the recorded present on, store minutes that closed, then the batch with its place; how long it took."""
        began = time.monotonic()
        at = batch[-1].as_of
        self._tell_present(at)
        self._close_minutes(self._place or batch[0].as_of - MINUTE, at)
        ingest.quotes(batch, cursor=(self._key, at))
        self._place = at
        return time.monotonic() - began

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
