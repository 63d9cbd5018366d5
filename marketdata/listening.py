"""What a pushing source is heard to say: kept as evidence, learned from, and missed when it stops."""

import time
from collections.abc import Sequence
from datetime import datetime
from threading import Lock

import msgspec

from marketdata import calendar, said, scores, symbols, wire, wiring
from marketdata.cache import client
from marketdata.domain import Quote, Session
from marketdata.live import retained, topics
from marketdata.mute import Habit, Hearing, Mute
from marketdata.symbols import Kind

SAVED_EVERY = 30.0
"""Seconds."""
KEPT = 30 * 86_400
"""Seconds after which the habits of a source that is not heard any more are forgotten."""


class Listener:
    """Listens to one source, over all its connections."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._hearing = Hearing(phase)
        self._saved = time.monotonic()
        self._symbols: list[str] = []
        self._turn = Lock()

    def open(self, asked: Sequence[str]) -> None:
        """A new connection begins; what other processes learned is learned."""
        self._symbols = list(asked)
        if not self._hearing.habits:
            self._hearing.habits = _habits(self._source)
        self._hearing.open(asked, wiring.clock()())

    def hear(self, quotes: Sequence[Quote]) -> float:
        """A batch came; the seconds that its newest quote was on the way."""
        with self._turn:
            self._hearing.hear(quotes, wiring.clock()())
        said.note(quotes, said.Channel.PUSH)
        lags = [_lag(one) for one in quotes]
        scores.pushed(self._source, lags)
        if time.monotonic() - self._saved > SAVED_EVERY:
            self.save()
        return min(lags, default=0.0)

    def missed(self) -> Mute | None:
        """Whether there should have been more by now: judged by what is shown, whoever gave it."""
        kept = retained.retained(self._symbols)
        shown = {symbol: wire.read_quote(msgspec.json.decode(message)["data"]) for symbol, message in kept.items()}
        with self._turn:
            return self._hearing.judge(shown, wiring.clock()())

    def save(self) -> None:
        """Keep what was learned for whoever listens next."""
        self._saved = time.monotonic()
        with self._turn:
            habits = {f"{symbol} {of}": msgspec.json.encode(one) for (symbol, of), one in self._hearing.habits.items()}
        if habits:
            client().hset(topics.SILENCE + self._source, mapping=habits)  # type: ignore[arg-type]
            client().expire(topics.SILENCE + self._source, KEPT)


def phase(symbol: str, at: datetime) -> Session:
    """The phase of a symbol's day. Of foreign shares and futures the hours are not known: they are not missed."""
    match symbols.kind(symbol):
        case Kind.CRYPTO | Kind.CURRENCY:
            return Session.ALWAYS
        case Kind.FOREIGN | Kind.FUTURE:
            return Session.CLOSED
    try:
        return calendar.session(at, wiring.LIVE)
    except calendar.OutOfCalendar:
        return Session.CLOSED


def _habits(source: str) -> dict[tuple[str, Session], Habit]:
    found: dict[bytes, bytes] = client().hgetall(topics.SILENCE + source)  # type: ignore[assignment]
    parted = ((field.decode().rpartition(" "), habit) for field, habit in found.items())
    return {(name, Session(of)): msgspec.json.decode(habit, type=Habit) for (name, _, of), habit in parted}


def _lag(quote: Quote) -> float:
    """Seconds on the way from the vendor's time to us, beyond the feed's own delay."""
    newest = max(at for at in (quote.as_of, quote.quote_as_of) if at)
    return max(0.0, (quote.received_at - newest).total_seconds() - (quote.delayed_by or 0))
