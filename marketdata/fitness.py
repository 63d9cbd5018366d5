"""Whether what a source gave will do, or the next source had better be asked."""

from collections.abc import Callable
from datetime import datetime

from marketdata import quality
from marketdata.domain import Bars, Quote, Session
from marketdata.headlines import Book
from marketdata.sources.base import BadPayload, NoData, SourceError

RUNNING = (Session.REGULAR, Session.ALWAYS)


class Fitness:
    """Judges by the market's clock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def quote(self, quote: Quote) -> SourceError | None:
        """BadPayload for what nobody may see; NoData for a quote that a running session has left behind."""
        now = self._clock()
        verdict = quality.check(quote, None, None, now)
        if verdict.rejected:
            return BadPayload(f"{quote.vendor}'s quote of {quote.symbol} is of no use: {verdict.rejected[0][1]}")
        (sound,) = (*verdict.passed, *verdict.kept)
        newest = max(at for at in (sound.as_of, sound.quote_as_of, sound.ext_as_of) if at)
        age = (now - newest).total_seconds() - (quote.delayed_by or 0)
        if quote.session in RUNNING and age > quality.OLD:
            return NoData(f"{quote.vendor}'s quote of {quote.symbol} is {age:.0f} s old")
        return None

    def bars(self, bars: Bars) -> SourceError | None:
        """BadPayload where there are bars and not one of them is sound."""
        if not len(bars):
            return None
        sound, reasons = quality.check_bars(bars, self._clock())
        return None if len(sound) else BadPayload(f"{bars.vendor}'s bars of {bars.symbol}: {'; '.join(reasons)}")

    def book(self, book: Book) -> SourceError | None:
        """BadPayload for a book whose best bid is above its best ask."""
        if book.bids and book.asks and book.bids[0].price > book.asks[0].price:
            return BadPayload(f"{book.vendor}'s order book of {book.symbol} is crossed")
        return None
