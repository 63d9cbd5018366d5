"""The holes that an outage left in the recent past: found in the gap ledger and asked for again, a few at a time."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketdata import calendar, gaps, wiring
from marketdata.cache import client
from marketdata.domain import Interval
from marketdata.fetching import Outcome, Part, fetch
from marketdata.gaps import Window
from marketdata.live import topics
from marketdata.periods import midnight

BACK = {Interval.MINUTE: timedelta(days=6), Interval.DAY: timedelta(days=366)}
"""How far back holes are looked for; vendors keep 1-minute bars for about a month; strict ones give a week at once."""
AGAIN = {Interval.MINUTE: 6 * 3600, Interval.DAY: 24 * 3600}
"""Seconds before a hole that no vendor could fill is asked for again: a quiet share has minutes without a trade."""
SPENT = 30.0
"""Seconds for one turn; what is left waits for the next one."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """Questions asked and rows gained in one turn; `busy`: it ended early because no source could answer."""

    asked: int = 0
    written: int = 0
    busy: bool = False


def repair(symbols: Sequence[str], spend: float = SPENT) -> Repaired:
    """Fetch what the recent past of these symbols lacks, and was not asked for lately."""
    end = time.monotonic() + spend
    asked = written = 0
    for part in _parts(symbols):
        if time.monotonic() > end:
            break
        fetched = fetch(part)
        asked, written = asked + 1, written + fetched.written
        if fetched.outcome is Outcome.BUSY:
            return Repaired(asked, written, busy=True)
        client().set(_mark(part), b"", ex=AGAIN[part.interval])
    return Repaired(asked, written)


def _parts(symbols: Sequence[str]) -> Iterator[Part]:
    market, now = wiring.market(), wiring.clock()()
    for interval, back in BACK.items():
        window_start = midnight(calendar.session_date(now - back, market), interval, market)
        for symbol in symbols:
            yield from _holes(Window(symbol, interval, market, window_start, _settled(now, interval)), now)


def _holes(window: Window, now: datetime) -> Iterator[Part]:
    for start, end in gaps.chunks(gaps.lacking(window, now), window):
        part = Part(window.symbol, window.stored, window.market, start, end)
        if not client().exists(_mark(part)):
            yield part


def _settled(now: datetime, interval: Interval) -> datetime:
    """The polls bring the running day and the latest minutes themselves."""
    if interval is Interval.MINUTE:
        return now.replace(second=0, microsecond=0) - timedelta(minutes=10)
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _mark(part: Part) -> str:
    """A hole goes by where it begins: filled in part, it is another one."""
    return f"{topics.ASKED}repair:{part.market}:{part.symbol}:{part.interval}:{part.start:%Y%m%d%H%M}"
