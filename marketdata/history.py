"""Bars of the past: from the store, which first gets from the vendors what it lacks. Empty stays empty."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import redis
from redis.exceptions import LockError

from marketdata import asking, calendar, ingest, reading, store, wiring
from marketdata.actions import Adjust
from marketdata.cache import client
from marketdata.domain import Bars, Interval
from marketdata.gaps import RUNNING, Window, chunks, expected, lacking
from marketdata.live import topics
from marketdata.periods import Period, first_session, midnight
from marketdata.sources.base import NoData, Unavailable, UnknownSymbol, Unsupported

ASKED_FOR, ASKED_FOR_OLD = 60, 900
"""Seconds for which a vendor is not asked again for bars it did not have: of the running session, and of older ones."""
PATIENCE = 8.0
"""Seconds that a reader waits for another's fetch of the same bars."""


@dataclass(frozen=True, slots=True)
class History:
    """Bars, and what became of the stored bars (1m or 1d) that they are made of."""

    bars: Bars
    period: Period
    market: str
    start: datetime
    end: datetime
    expected: int
    coverage: store.Coverage
    adjust: Adjust = Adjust.SPLITS


def history(symbol: str, period: Period, interval: Interval, adjust: Adjust = Adjust.SPLITS) -> History:
    """The bars of a canonical symbol that is known, in today's shares or as `adjust` says; raises UnknownSymbol."""
    found = _history(symbol, period, interval)
    if adjust is Adjust.SPLITS:
        return found
    bars = store.bars(symbol, interval, found.start, found.end, found.market, wiring.clock()(), adjust)
    return replace(found, bars=bars, adjust=adjust)


def _history(symbol: str, period: Period, interval: Interval) -> History:
    if not wiring.knows(symbol):
        raise reading.unknown(symbol)
    now, market = wiring.clock()(), wiring.market()
    try:
        today = calendar.session_date(now, market)
    except calendar.OutOfCalendar:
        # A recording that has not begun to play has no time yet.
        return _read(symbol, period, interval, Window(symbol, interval.stored, market, now, now), now)
    found = _sessions(symbol, period, interval, today, now)
    if len(found.bars) or period is not Period.SESSION or not _before_the_first_bar(today, now, market):
        return found
    # With nothing traded yet, the latest session that says anything is the one before.
    before = calendar.sessions(today - timedelta(days=10), today, market)[-2]
    return _sessions(symbol, period, interval, before, min(now, midnight(today, interval, market)))


def _sessions(symbol: str, period: Period, interval: Interval, last: date, now: datetime) -> History:
    market = wiring.market()
    start = midnight(first_session(period, last, market), interval, market)
    window = Window(symbol, interval.stored, market, start, now)
    failure = _complete(window, now)
    found = _read(symbol, period, interval, window, now)
    if failure and not len(found.bars):
        raise Unavailable(f"No bars of {symbol} are stored, and {failure}")
    return found


def _before_the_first_bar(today: date, now: datetime, market: str) -> bool:
    hours = calendar.hours(today, market)
    return hours is not None and now < hours[0] + RUNNING


def _read(symbol: str, period: Period, interval: Interval, window: Window, now: datetime) -> History:
    bars = store.bars(symbol, interval, window.start, window.end, window.market, now=now)
    if period is Period.MAX and len(bars):
        # Nothing was to be expected before the symbol was listed.
        window = replace(window, start=_instant(bars.start[0]))
    # The running bar counts too, although it ends beyond the window.
    known = store.coverage(symbol, interval, window.start, window.end + interval.stored.length, window.market)
    return History(bars, period, window.market, window.start, window.end, len(expected(window)), known)


def _complete(window: Window, now: datetime) -> str:
    """Fetch what the ledger lacks; whoever comes second waits for the first and finds it done.

    Returns why a vendor did not give it; empty where one did, or has no more.
    """
    if not len(lacking(window, now)):
        return ""
    failure = ""
    turn = client().lock(f"{topics.LEASE}history:{window.key}", timeout=60, blocking_timeout=PATIENCE)
    with suppress(LockError, redis.RedisError), turn:
        for start, end in chunks(lacking(window, now), window):
            failure = _fetch_once(window, start, end, now) or failure
    return failure


def _fetch_once(window: Window, start: datetime, end: datetime, now: datetime) -> str:
    """Remember what was asked and how it failed: a page that asks each second asks no vendor each second.

    A question about a longer span until the same day has asked about this one too.
    """
    key = f"{topics.ASKED}{window.key}:{end:%Y%m%d}"
    since, _, said = _text(client().get(key)).partition(" ")
    if since and float(since) <= start.timestamp():
        return said
    failure = _fetch(window, start, end)
    recent = now - end < timedelta(days=1)
    client().set(key, f"{start.timestamp()} {failure}", ex=ASKED_FOR if failure or recent else ASKED_FOR_OLD)
    return failure


def _text(found: object) -> str:
    return found.decode() if isinstance(found, bytes) else ""


def _fetch(window: Window, start: datetime, end: datetime) -> str:
    answer = asking.ask(lambda feed: feed.bars(window.symbol, window.stored, start, end))
    if answer.value is not None:
        ingest.bars(answer.value, start=start, end=end)
        return ""
    failed = [f for f in answer.failures if not isinstance(f.error, UnknownSymbol | NoData | Unsupported)]
    return "; ".join(f"{failure.source}: {failure.error}" for failure in failed)


def _instant(second: np.int64) -> datetime:
    return datetime.fromtimestamp(int(second), UTC)
