"""What the stream of Alpaca takes: a connection for each kind of symbol, and snapshots beside them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from marketdata.domain import Quote
from marketdata.sources.alpaca_feeds import Feeds
from marketdata.sources.alpaca_snapshots import Snapshots
from marketdata.sources.alpaca_stream import Connection, Message
from marketdata.sources.alpaca_tape import Tape
from marketdata.sources.alpaca_values import spelled
from marketdata.sources.base import AuthFailed, NotEntitled, SourceError, Unsupported
from marketdata.sources.runs import until_one_ends
from marketdata.sources.spellings import Answers
from marketdata.symbols import Kind, kind

SEED_EVERY = 900.0
"""Seconds between snapshots beside the stream."""


@dataclass(frozen=True, slots=True)
class Listening:
    """One key's streams; `timeout` (seconds) bounds the time until a subscription is granted."""

    keys: tuple[str, str]
    url: str
    feeds: Mapping[Kind, Feeds]
    snapshots: Snapshots
    timeout: float
    clock: Callable[[], datetime]

    async def quotes(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[Quote]]:
        """Whole quotes as they change; raises as soon as one of the connections ends."""
        asked, errors = spelled(list(dict.fromkeys(symbols)))
        if not asked:
            raise next((one for one in errors.values() if isinstance(one, SourceError)), Unsupported("no symbols"))
        first = await asyncio.to_thread(self._days, list(asked))
        feeds = {what: feeds.now for what, feeds in self.feeds.items()}
        tape, changed = Tape(asked, feeds), asyncio.Event()
        tape.seed(first)

        def hear(message: Message) -> None:
            tape.hear(message, self.clock())
            changed.set()

        runs = [self._listen(what, feed, asked, hear) for what, feed in feeds.items() if _of(what, asked)]
        async with aclosing(until_one_ends([self._reseed(tape, asked), *runs], changed, tape.take)) as batches:
            async for batch in batches:
                yield batch

    async def _listen(
        self, what: Kind, feed: str, asked: Mapping[str, str], hear: Callable[[Message], None]
    ) -> None:  # fmt: skip
        try:
            await Connection(self.keys, self.url, what, feed, _of(what, asked), hear).run(self.timeout)
        except NotEntitled:
            # Whoever connects again asks for the feed that every plan has.
            self.feeds[what].lacks(feed)
            raise

    def _days(self, symbols: Sequence[str]) -> Answers:
        """Snapshots of all symbols; only a wrong key is told here, without the rest the stream goes on."""
        try:
            return self.snapshots.quotes(symbols)
        except AuthFailed:
            raise
        except SourceError:
            return {}

    async def _reseed(self, tape: Tape, asked: Mapping[str, str]) -> None:
        while True:
            await asyncio.sleep(SEED_EVERY)
            tape.seed(await asyncio.to_thread(self._days, list(asked)))


def _of(what: Kind, asked: Mapping[str, str]) -> list[str]:
    return [spelling for symbol, spelling in asked.items() if kind(symbol) is what]
