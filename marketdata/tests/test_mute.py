"""Connected, but mute: judged on a clock of the test's own."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marketdata.domain import Quote
from marketdata.listening import phase
from marketdata.mute import IMPROBABLE, Habit, Hearing, Mute

NOON = datetime(2026, 3, 11, 16, tzinfo=UTC)
"""A Wednesday, noon in New York."""
HOLIDAY = datetime(2026, 7, 3, 16, tzinfo=UTC)
HALF_DAY_CLOSE = datetime(2026, 11, 27, 18, tzinfo=UTC)
NAMES = ["AAPL", "MSFT", "SPY"]


def after(seconds: float, start: datetime = NOON) -> datetime:
    return start + timedelta(seconds=seconds)


def quote(symbol: str, at: datetime, price: float = 1.0, vendor: str = "polygon") -> Quote:
    return Quote(symbol=symbol, vendor=vendor, as_of=at, received_at=at, price=price)


class Room:
    """A hearing, and a witness that has said what it has said."""

    def __init__(self, names: Iterable[str] = NAMES, start: datetime = NOON) -> None:
        self.hearing, self.now, self.shown = Hearing(phase), start, dict[str, Quote]()
        self.names = list(names)
        self.hearing.open(self.names, start)

    def speaks(self, seconds: float, every: float = 1.0, names: Iterable[str] = ()) -> None:
        """The source speaks of the names for so long."""
        for _ in range(int(seconds / every)):
            self.now += timedelta(seconds=every)
            batch = [quote(name, self.now) for name in names or self.names]
            self.hearing.hear(batch, self.now)
            self.shown |= {one.symbol: one for one in batch}
            assert self.judged() is None

    def silent(self, seconds: float, moving: Iterable[str] = (), every: float = 5.0) -> Mute | None:
        """The source is silent for so long while a witness moves; the first judgement that is not patience."""
        for _ in range(int(seconds / every)):
            self.now += timedelta(seconds=every)
            self.shown |= {name: quote(name, self.now, vendor="another") for name in moving}
            if mute := self.judged():
                return mute
        return None

    def judged(self) -> Mute | None:
        return self.hearing.judge(self.shown, self.now)


def test_a_mute_connection_is_found_within_seconds_once_its_habits_are_known() -> None:
    room = Room()
    room.speaks(300)
    since = room.now
    assert "mute" in str(room.silent(120, NAMES))
    assert (room.now - since).total_seconds() <= 20


def test_a_price_of_the_future_does_not_hide_the_silence_that_follows() -> None:
    room = Room()
    room.speaks(300)
    room.hearing.hear([quote(name, after(86_400, room.now)) for name in NAMES], room.now)
    assert "mute" in str(room.silent(120, NAMES))


def test_without_a_witness_there_is_no_alarm() -> None:
    room = Room()
    room.speaks(300)
    assert room.silent(6 * 3600) is None


def test_a_witness_that_moves_once_proves_nothing() -> None:
    room = Room()
    room.speaks(300)
    room.shown |= {name: quote(name, after(3, room.now), vendor="another") for name in NAMES}
    assert room.silent(600) is None


def test_two_spellings_of_the_same_trade_are_no_move() -> None:
    room = Room()
    room.speaks(300)
    heard = room.now
    room.shown |= {name: quote(name, heard + timedelta(microseconds=999), vendor="another") for name in NAMES}
    assert room.silent(60) is None


def test_a_halted_symbol_is_not_missed() -> None:
    room = Room()
    room.speaks(300)
    room.speaks(900, names=["MSFT", "SPY"])
    room.shown["AAPL"] = quote("AAPL", after(299), vendor="another")
    room.speaks(900, names=["MSFT", "SPY"])


def test_a_symbol_that_alone_is_mute_is_found_and_told_once() -> None:
    room = Room()
    room.speaks(300)
    found = None
    for _ in range(60):
        room.now += timedelta(seconds=1)
        for name in ("MSFT", "SPY"):
            room.hearing.hear([quote(name, room.now)], room.now)
        room.shown["AAPL"] = quote("AAPL", room.now, vendor="another")
        found = found or room.judged()
    assert "mute about AAPL" in str(found)
    room.hearing.open(NAMES, room.now)
    for _ in range(60):
        room.now += timedelta(seconds=1)
        for name in ("MSFT", "SPY"):
            room.hearing.hear([quote(name, room.now)], room.now)
        room.shown["AAPL"] = quote("AAPL", room.now, vendor="another")
        assert room.judged() is None


@pytest.mark.parametrize("start", [HOLIDAY, datetime(2026, 3, 14, 16, tzinfo=UTC)])
def test_a_holiday_and_a_weekend_are_silent(start: datetime) -> None:
    room = Room(start=start)
    for name in NAMES:
        for of in {room.hearing.phase(name, at) for at in (NOON, start)}:
            room.hearing.habits[name, of] = Habit(10_000, 10_000, 2)
    assert room.silent(3600, NAMES) is None


def test_after_a_half_day_the_silence_is_that_of_the_evening() -> None:
    start = HALF_DAY_CLOSE - timedelta(minutes=10)
    room = Room(start=start)
    room.speaks(600)
    # At 13:00 the session is over; what little is traded until 17:00 has habits of its own, not known yet.
    for name in NAMES:
        room.hearing.habits[name, phase(name, after(1, HALF_DAY_CLOSE))] = Habit(40, 40 * 300, 1200)
    assert room.silent(1500, NAMES, every=60) is None


@pytest.mark.parametrize(("witness_delay", "is_found"), [(900, True), (0, False)])
def test_a_delayed_feed_is_judged_by_what_it_may_tell_already(witness_delay: int, is_found: bool) -> None:
    room = Room(["AAPL"])
    for _ in range(300):
        room.now += timedelta(seconds=1)
        room.hearing.hear([replace(quote("AAPL", after(-900, room.now)), delayed_by=900)], room.now)
    found = None
    for _ in range(60):
        room.now += timedelta(seconds=1)
        room.shown["AAPL"] = quote("AAPL", after(-witness_delay, room.now), vendor="another")
        found = found or room.judged()
    assert (found is not None) == is_found


def test_a_quiet_symbol_may_be_silent_for_long() -> None:
    room = Room(["QUIET"])
    room.speaks(3600 * 5, every=120)
    assert room.silent(600, ["QUIET"], every=60) is None
    assert room.silent(1200, ["QUIET"], every=60) is not None


def test_bursts_make_patient() -> None:
    """Trades that come in bursts, with silences of two minutes between them."""
    room = Room(["AAPL"])
    room.speaks(20)
    room.silent(120)
    for _ in range(20):
        room.speaks(20)
        assert room.silent(120, ["AAPL"]) is None
    assert room.silent(600, ["AAPL"]) is not None


def test_a_connection_that_never_spoke_is_judged_by_its_witness_later_each_time() -> None:
    room = Room()
    waits = []
    for _ in range(4):
        since = room.now
        assert room.silent(3600, NAMES) is not None
        waits.append((room.now - since).total_seconds())
        room.hearing.open(NAMES, room.now)
    assert 45 <= waits[0] <= 60
    assert waits == sorted(set(waits))


def test_poisson_sources_are_not_blamed() -> None:
    """A source at a twentieth of a message a second, heard through 200 000 seconds, beside a witness that is faster."""
    drawn, room, false = random.Random(3), Room(["AAPL"]), list[int]()
    for number in range(10_000):
        if room.silent(drawn.expovariate(1 / 20), ["AAPL"], every=1.0):
            false.append(number)
        room.now += timedelta(seconds=1)
        room.hearing.hear([quote("AAPL", room.now)], room.now)
    assert len([number for number in false if number > 100]) <= 10
    assert len(false) <= 15


@pytest.mark.parametrize(("silence", "is_improbable"), [(5, False), (20, False), (60, False), (200, True)])
def test_the_chance_falls_with_the_silence(silence: float, is_improbable: bool) -> None:
    habit = Habit(count=100, exposure=2000, longest=30)
    assert (habit.chance(silence) < IMPROBABLE) == is_improbable


def test_old_counts_fade() -> None:
    habit: Any = Habit()
    for _ in range(100_000):
        habit.learn(10)
    assert habit.exposure < 120_000
    assert habit.count / habit.exposure == pytest.approx(0.1, rel=0.01)
