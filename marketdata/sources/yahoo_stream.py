"""Yahoo with its stream of prices, which only some want: it is as unofficial as the rest of Yahoo."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime

from marketdata.domain import Quote
from marketdata.sources import yahoo_symbols
from marketdata.sources.base import Capability, SourceError, Unsupported
from marketdata.sources.fields import Row
from marketdata.sources.runs import until_one_ends
from marketdata.sources.yahoo import Yahoo
from marketdata.sources.yahoo_socket import URL, Socket
from marketdata.sources.yahoo_tape import Tape

SEED_EVERY = 900.0
"""Seconds between requests of quotes beside the stream."""


class YahooStream(Yahoo):
    """All that Yahoo has, and its stream at `stream_url`."""

    capabilities = Yahoo.capabilities | {Capability.STREAM}

    def __init__(
        self,
        proxy: str | None = None,
        ca_file: str | None = None,
        stream_url: str = URL,
        timeout: float = 4.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(proxy, ca_file, timeout, clock)
        self._stream_url, self._through = stream_url, (proxy, ca_file)

    async def stream(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[Quote]]:
        """Quotes as they change; raises as soon as the connection ends: connecting again is up to you."""
        asked = {one: yahoo_symbols.spelled(one) for one in symbols if yahoo_symbols.can_be_asked(one)}
        if not asked:
            raise yahoo_symbols.unknown(symbols[0]) if symbols else Unsupported("no symbols")
        tape, changed = Tape(asked), asyncio.Event()

        def hear(message: Row) -> None:
            tape.hear(message, self._clock())
            changed.set()

        socket = Socket(self._stream_url, hear, *self._through)
        runs = [socket.run(tuple(asked.values()), self._line.timeout), self._seeding(tape, asked)]
        async with aclosing(until_one_ends(runs, changed, tape.take)) as batches:
            async for batch in batches:
                yield batch

    async def _seeding(self, tape: Tape, asked: Mapping[str, str]) -> None:
        """Tell the tape the previous closes, now and then; without them the stream goes on."""
        while True:
            with suppress(SourceError):
                tape.seed(await asyncio.to_thread(self.quotes, list(asked)))
            await asyncio.sleep(SEED_EVERY)
