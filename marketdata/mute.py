"""Connected, but mute: how long a source may be silent is learned from how often it speaks. Pure.

The model: in `exposure` seconds a symbol was heard in `count` of them. With a gamma prior (PRIOR seconds, one message)
the chance of a silence of s seconds or more is ((exposure + PRIOR) / (exposure + PRIOR + s)) ** (count + 1): the
predictive distribution of a Poisson process whose rate is not quite known (Lomax). Trades come in bursts, so a silence
is improbable only where it is also longer than MARGIN times the longest one heard of late. Nothing is said of a symbol
that no witness saw move: it may be halted, or its market have a holiday. Of a connection that is not known yet the
witness alone tells: each move of one that we do not hear has a chance of one half, doubled doubts after each alarm.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import prod

from marketdata.domain import Quote, Session
from marketdata.quality import FUTURE
from marketdata.sources.base import Unavailable

PRIOR = 60.0
KNOWN = 30
"""Messages after which the model of a symbol is believed."""
IMPROBABLE = 0.001
MARGIN = 1.5
LEAST = 5.0
"""Seconds of silence that are never too many."""
STRANGE = 45.0
"""The same where it is not known how often a symbol is heard."""
MOVES = 2
"""Moves of the witness that prove that the market moves."""
SLACK = timedelta(seconds=1)
"""By how much the times of two vendors' same trade may differ."""
AHEAD = timedelta(seconds=FUTURE)
FADES = 0.999
"""What is left of the longest silence after each second in which something was heard."""
MOST_DOUBTS = 6
MEMORY = 5 * 6.5 * 3600
"""Seconds of exposure after which the older half of the counts is forgotten."""
Phase = Callable[[str, datetime], Session]
"""The phase of a symbol's trading day."""


class Mute(Unavailable):
    """The connection stands, others see the market move, and nothing comes."""

    remedy = "The connection is made anew by itself; if this comes back, look at the vendor's status page."


@dataclass(slots=True)
class Habit:
    """How often a symbol is heard in a phase: seconds with a message, seconds in all, the longest silence of late."""

    count: float = 0.0
    exposure: float = 0.0
    longest: float = 0.0

    def learn(self, silence: float) -> None:
        """One more message, so many seconds after the one before."""
        self.count += 1
        self.exposure += silence
        self.longest = max(silence, self.longest * FADES)
        if self.exposure > MEMORY:
            self.count, self.exposure = self.count / 2, self.exposure / 2

    @property
    def is_known(self) -> bool:
        """Whether enough was heard to tell what is usual."""
        return self.count >= KNOWN

    def chance(self, silence: float) -> float:
        """The chance of so long a silence (seconds)."""
        if silence < max(LEAST, MARGIN * self.longest):
            return 1.0
        known = self.exposure + PRIOR
        return float((known / (known + silence)) ** (self.count + 1))


@dataclass(slots=True)
class _Ear:
    since: datetime
    phase: Session
    price_at: datetime | None = None
    witnessed: datetime | None = None
    moves: int = 0
    delay: timedelta = timedelta(0)

    def witness(self, shown: Quote | None, now: datetime) -> None:
        """A move is a price made during our silence, newer than what we heard and than the move before.

        What a delayed feed may not tell yet is none: beside a witness without delay it is not missed.
        """
        since = self.since - self.delay
        if shown is None or not max(since, self.price_at or since) + SLACK < shown.as_of <= now - self.delay + SLACK:
            return
        if self.witnessed is None or shown.as_of > self.witnessed:
            self.witnessed = shown.as_of
            self.moves += 1


@dataclass(slots=True)
class Hearing:
    """What the connections to one source hear. `habits` are by symbol and phase.

    A symbol that alone was mute is no reason to end the connection once more before it was heard (`grievances`).
    """

    phase: Phase
    habits: dict[tuple[str, Session], Habit] = field(default_factory=dict)
    grievances: set[str] = field(default_factory=set)
    doubts: int = 0
    _ears: dict[str, _Ear] = field(default_factory=dict)

    def open(self, symbols: Iterable[str], now: datetime) -> None:
        """A new connection: its silence begins now."""
        self._ears = {symbol: _Ear(now, self.phase(symbol, now)) for symbol in symbols}

    def hear(self, quotes: Iterable[Quote], now: datetime) -> None:
        """Something came."""
        for quote in quotes:
            ear = self._ears.get(quote.symbol)
            if ear is None:
                continue
            self.doubts = 0
            self.grievances.discard(quote.symbol)
            self._turn(quote.symbol, ear, now)
            silence = (now - ear.since).total_seconds()
            if silence >= 1.0:  # a burst is one message
                self.habits.setdefault((quote.symbol, ear.phase), Habit()).learn(silence)
                ear.since = now
            # What is told of the future says nothing of what will be heard until then.
            newest = min(max(at for at in (quote.as_of, quote.quote_as_of) if at), now + AHEAD)
            ear.price_at = max(newest, ear.price_at or newest)
            ear.witnessed, ear.moves, ear.delay = None, 0, timedelta(seconds=quote.delayed_by or 0)

    def judge(self, shown: Mapping[str, Quote], now: datetime) -> Mute | None:
        """Whether the silence is no longer to be believed; `shown`: the last quotes that anybody gave."""
        for symbol, ear in self._ears.items():
            self._turn(symbol, ear, now)
            ear.witness(shown.get(symbol), now)
        moving = {one: ear for one, ear in self._ears.items() if ear.moves >= MOVES and ear.phase is not Session.CLOSED}
        known = {one: self._chance(one, ear, now) for one, ear in moving.items() if self._habit(one, ear).is_known}
        silence = min(((now - ear.since).total_seconds() for ear in self._ears.values()), default=0.0)
        if silence >= LEAST:
            unknown = (ear.moves for one, ear in moving.items() if one not in known)
            unheard = max(unknown, default=0) if silence >= STRANGE else 0
            if prod(known.values()) * 0.5 ** (unheard / 2**self.doubts) < IMPROBABLE:
                self.doubts = min(self.doubts + 1, MOST_DOUBTS)
                return Mute(f"connected but mute, while {_some(list(moving))} moved elsewhere")
        alone = [one for one, chance in known.items() if chance < IMPROBABLE and one not in self.grievances]
        self.grievances.update(alone)
        return Mute(f"mute about {_some(alone)}, which moved elsewhere") if alone else None

    def _habit(self, symbol: str, ear: _Ear) -> Habit:
        return self.habits.get((symbol, ear.phase)) or Habit()

    def _chance(self, symbol: str, ear: _Ear, now: datetime) -> float:
        return self._habit(symbol, ear).chance((now - ear.since).total_seconds())

    def _turn(self, symbol: str, ear: _Ear, now: datetime) -> None:
        """Another phase is another silence."""
        phase = self.phase(symbol, now)
        if phase is not ear.phase:
            ear.phase, ear.since, ear.moves, ear.witnessed = phase, now, 0, None


def _some(symbols: list[str]) -> str:
    return ", ".join(symbols[:5]) + (f" and {len(symbols) - 5} more" if len(symbols) > 5 else "")
