"""What the clock does. Every task may run twice, holds a lock while it runs, and expires before its next turn."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings

from marketdata import (
    asking,
    calendar,
    capture,
    corporate,
    ingest,
    pace,
    probing,
    repair,
    said,
    scores,
    store,
    wiring,
    witnesses,
)
from marketdata.cache import client
from marketdata.domain import Interval, Session
from marketdata.live import topics
from marketdata.lock import first, lock
from marketdata.sources.base import Capability

QUOTES_BATCH, BARS_BATCH = 250, 20
"""Symbols for one task; a longer watchlist is spread over the workers."""
CLOSED_EVERY = 60
"""Seconds between polls of a live vendor while its market is closed."""
AFTER_CLOSE = timedelta(minutes=10)
"""How long after the close the last bars of the session are still asked for."""
DAILY_SPAN = timedelta(days=10)
"""How far back the daily poll looks; longer histories are fetched when somebody asks for them."""
AHEAD_DAYS = 3
CORRECTED = timedelta(minutes=3)
"""How many of the last complete minutes are asked for again: vendors correct them."""


@shared_task(ignore_result=True)
def poll_quotes() -> None:
    """Fetch a quote of every symbol that somebody watches; a recorded market is played by the stream instead."""
    market = wiring.market()
    if market == wiring.RECORDED or not _may_ask(wiring.clock()(), market):
        return
    _spread(poll_quotes_of, _watched(), QUOTES_BATCH, settings.MARKETDATA_QUOTES_EVERY)


@shared_task(ignore_result=True)
def poll_quotes_of(symbols: Sequence[str]) -> None:
    """Fetch quotes of these symbols."""
    with lock(_name("quotes", symbols), _patience(settings.MARKETDATA_QUOTES_EVERY)) as mine:
        if not mine or not symbols:
            return
        every = wiring.every(Capability.QUOTES)
        resting = pace.resting(Capability.QUOTES, symbols, every)
        answer = asking.ask(lambda feed: feed.quotes(symbols, resting))
        pace.note(Capability.QUOTES, ((one.vendor, symbol) for symbol, one in answer.value.items()), every)
        said.note(answer.value.values(), said.Channel.ANSWER)
        corporate.suspect(ingest.quotes(list(answer.value.values())).held)


@shared_task(ignore_result=True)
def poll_bars() -> None:
    """Fetch the session's minutes of every watched symbol, and its days once before and once after the close."""
    if _has_new_bars(wiring.clock()(), wiring.market()):
        _spread(poll_bars_of, store.watchlist(), BARS_BATCH, settings.MARKETDATA_BARS_EVERY)


@shared_task(ignore_result=True)
def poll_bars_of(symbols: Sequence[str]) -> None:
    """Fetch minutes and days of these symbols."""
    with lock(_name("bars", symbols), _patience(settings.MARKETDATA_BARS_EVERY)) as mine:
        for symbol in symbols if mine else ():
            _minutes(symbol)
            _days(symbol)


@shared_task(ignore_result=True)
def probe_sources() -> None:
    """Ask the sources that are left alone, when their pause is over, whether they are well again."""
    with lock("probe_sources", 60) as mine:
        if mine:
            probing.run(store.watchlist())


@shared_task(ignore_result=True)
def compare_sources() -> None:
    """Ask the sources that nobody needs now what they would say, and see who disagrees."""
    with lock("compare_sources", 3 * witnesses.EVERY) as mine:
        if mine:
            witnesses.run(store.watchlist())


@shared_task(ignore_result=True)
def keep_scores() -> None:
    """Write what the sources did today and yesterday."""
    today = datetime.now(UTC).date()
    with lock("keep_scores", 60) as mine:
        if mine:
            for day in (today - timedelta(days=1), today):
                store.save_scores(scores.of(day).values())


@shared_task(ignore_result=True)
def make_partitions() -> None:
    """Make the partitions of today and the next days."""
    today = datetime.now(UTC).date()
    with lock("make_partitions", 60) as mine:
        if mine:
            store.ensure_partitions(today - timedelta(days=1), today + timedelta(days=AHEAD_DAYS))


@shared_task(ignore_result=True)
def retention() -> None:
    """Drop quotes and quarantined quotes older than MARKETDATA_RETENTION_DAYS; recorded quotes have no age.

    What was announced can be resumed for a week. Of the capture, pack what is finished and drop what is older than
    CAPTURE_DAYS.
    """
    before = datetime.now(UTC) - timedelta(days=settings.MARKETDATA_RETENTION_DAYS)
    with lock("retention", 600) as mine:
        if mine:
            store.drop_partitions(before.date())
            store.drop_quarantine(before)
            store.drop_announced(datetime.now(UTC) - store.ANNOUNCED_KEPT)
            if settings.CAPTURE_DIR:
                capture.tidy(settings.CAPTURE_DIR, datetime.now(UTC).date(), settings.CAPTURE_DAYS)


@shared_task(ignore_result=True)
def learn_actions() -> None:
    """Learn of the splits and dividends of watched symbols, each once a day."""
    with lock("learn_actions", 300) as mine:
        if mine:
            corporate.learn(store.watchlist())


@shared_task(ignore_result=True)
def repair_gaps() -> None:
    """Ask again for what an outage left out of the watchlist's recent bars; a recording has none but its own."""
    with lock("repair_gaps", 300) as mine:
        if mine and wiring.market() != wiring.RECORDED:
            repair.repair(store.watchlist())


def _spread(task: Any, symbols: Sequence[str], size: int, period: float) -> None:
    """One batch is done here; more than one goes to whichever worker is free."""
    batches = [list(symbols[i : i + size]) for i in range(0, len(symbols), size)]
    if len(batches) == 1:
        task(batches[0])
        return
    for batch in batches:
        task.apply_async([batch], expires=0.9 * period)


def _watched() -> list[str]:
    """The watchlist, and what somebody looks at although it is on no list."""
    now = time.time()
    client().zremrangebyscore(topics.WANTED, "-inf", f"({now}")
    wanted: list[bytes] = client().zrange(topics.WANTED, 0, -1)  # type: ignore[assignment]
    return list(dict.fromkeys([*store.watchlist(), *(symbol.decode() for symbol in wanted)]))


def _may_ask(now: datetime, market: str) -> bool:
    """A closed market does not move: its vendor is asked now and then, not every few seconds."""
    return calendar.session(now, market) is not Session.CLOSED or first("quotes:closed", CLOSED_EVERY - 1)


def _has_new_bars(now: datetime, market: str) -> bool:
    """While the session runs and just after it; a recording that has not begun to play has no time yet."""
    try:
        return calendar.is_open(now, market) or calendar.is_open(now - AFTER_CLOSE, market)
    except (calendar.OutOfCalendar, OverflowError):
        return False


def _minutes(symbol: str) -> None:
    market, now = wiring.market(), wiring.clock()()
    opened, _ = calendar.hours(calendar.session_date(now, market), market) or (now, now)
    known = store.coverage(symbol, Interval.MINUTE, opened, now, market).complete
    start = max(opened, known[0][1] - CORRECTED) if known and known[0][0] == opened else opened
    _fetch(symbol, Interval.MINUTE, start, now)


def _days(symbol: str) -> None:
    market, now = wiring.market(), wiring.clock()()
    today = calendar.session_date(now, market)
    turn = f"days:{market}:{symbol}:{today}:{calendar.is_open(now, market)}"
    if first(turn, 86_400):
        end = datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=1)
        _fetch(symbol, Interval.DAY, end - DAILY_SPAN, end)


def _fetch(symbol: str, interval: Interval, start: datetime, end: datetime) -> None:
    if start >= end:
        return
    every = wiring.every(Capability.BARS) if interval is Interval.MINUTE else {}
    resting = pace.resting(Capability.BARS, [symbol], every)
    answer = asking.ask(lambda feed: feed.bars(symbol, interval, start, end, resting))
    if answer.value is not None:
        pace.note(Capability.BARS, [(answer.value.vendor, symbol)], every)
        ingest.bars(answer.value, start=start, end=end)


def _name(what: str, symbols: Sequence[str]) -> str:
    return f"poll:{what}:{symbols[0] if symbols else ''}:{len(symbols)}"


def _patience(period: float) -> float:
    """Longer than a slow cycle, short enough that the next one after a killed worker comes soon."""
    return max(3 * period, 15.0)
