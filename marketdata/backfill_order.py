"""What is asked of a backfill, from words to values; whatever cannot be done is refused before anybody is asked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from marketdata import calendar, store, wiring
from marketdata.domain import Interval
from marketdata.gaps import Window
from marketdata.periods import FIRST, midnight
from marketdata.sources.base import Capability
from marketdata.symbols import InvalidSymbol, canonical


class Refused(ValueError):
    """The order cannot be carried out; the message says why, and what can be."""


@dataclass(frozen=True, slots=True)
class Order:
    """Bars of these symbols from the session of `first` to that of `last`, by one source or (empty) by any."""

    symbols: tuple[str, ...]
    interval: Interval
    first: date
    last: date
    source: str
    market: str

    @property
    def start(self) -> datetime:
        """Where the first session's bars may begin."""
        return midnight(self.first, self.interval, self.market)

    @property
    def end(self) -> datetime:
        """Where the bars of the day after the last session may begin."""
        return midnight(self.last + timedelta(days=1), self.interval, self.market)

    def window(self, symbol: str, now: datetime, done: datetime | None = None) -> Window:
        """The series that is wanted, without what an earlier run has done; nothing of it lies in the future."""
        start, end = max(self.start, done or self.start), min(self.end, now)
        return Window(symbol, self.interval, self.market, min(start, end), end)

    def checkpoint(self, symbol: str) -> str:
        """The name under which a run of this order notes how far it has come."""
        return f"backfill:{self.market}:{self.source}:{symbol}:{self.interval}:{self.first}:{self.last}"


def read(symbols: str, first: str, last: str, interval: str, source: str) -> Order:
    """An order from the words of a command line (empty: the watchlist, until today, 1d, any source); raises Refused."""
    market = wiring.market()
    begins, today = _date(first, "--from"), _today(market)
    ends = min(_date(last, "--to"), today) if last else today
    if not FIRST <= begins <= ends:
        raise Refused(
            f"--from {begins} does not lie between {FIRST}, where the calendar begins, and {ends}, the last day asked "
            "for that has begun."
        )
    chosen = _symbols(symbols)
    return Order(chosen, _interval(interval), begins, ends, _source(source, market), market)


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{option} {text!r} is not a date like 2026-01-31.") from None


def _today(market: str) -> date:
    try:
        return calendar.session_date(wiring.clock()(), market)
    except calendar.OutOfCalendar:
        raise Refused("The recording has not begun to play, so it has no past yet: run manage.py stream.") from None


def _symbols(text: str) -> tuple[str, ...]:
    try:
        chosen = [canonical(part) for part in text.split(",") if part.strip()] or store.watchlist()
    except InvalidSymbol as error:
        raise Refused(f"--symbols: {error}") from None
    if not chosen:
        raise Refused("The watchlist is empty: name symbols, such as --symbols SPY,BRK.B,BTC-USD.")
    return tuple(dict.fromkeys(chosen))


def _interval(text: str) -> Interval:
    try:
        interval = Interval(text.lower() or Interval.DAY)
    except ValueError:
        raise Refused(f"--interval {text!r}: choose 1m or 1d.") from None
    if interval is not interval.stored:
        raise Refused(f"--interval {interval}: only 1m and 1d are stored. Order 1m; {interval} folds from it on read.")
    return interval


def _source(name: str, market: str) -> str:
    offered = [source.name for source in wiring.sources() if Capability.BARS in source.capabilities]
    if name and name not in offered:
        raise Refused(
            f"--source {name}: the {market} market has no such source of bars that is switched on and has its key. "
            f"Choose {' or '.join(offered) or 'another market by MARKET'}."
        )
    if not offered:
        raise Refused(f"No source of the {market} market has bars. Switch one on in the admin, or set its key.")
    return name
