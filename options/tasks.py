"""What the clock does for options. Each task may run twice, holds a lock while it runs, and expires before its turn."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings

from marketdata import calendar, wiring
from marketdata import store as market_store
from marketdata.lock import first, lock
from marketdata.symbols import Kind, kind
from options import ingest, polling, store, verdicts

BATCH = 3
"""Underlyings for one task; more are spread over the workers."""
PATIENCE = 300
"""Seconds after which the poll of a batch is taken for dead: a vendor may take many pages for each chain."""
CLOSED_EVERY = 600
"""Seconds between polls of one underlying while its market is closed."""
AHEAD_DAYS = 3
WITH_OPTIONS = (Kind.SHARE, Kind.INDEX)


@shared_task(ignore_result=True)
def poll_chains() -> None:
    """Fetch the chains of every underlying that somebody watches, as much of each as is due."""
    ingest.show_forgotten([one for one in _watched() if kind(one) in WITH_OPTIONS], wiring.market())
    _spread(due())


def due() -> list[str]:
    """The underlyings whose turn it is: of a closed market each every ten minutes."""
    market, now = wiring.market(), wiring.clock()()
    if not polling.has_begun(now, market):
        return []
    chosen = [one for one in _watched() if kind(one) in WITH_OPTIONS]
    if polling.has_new(now, market):
        return chosen
    return [one for one in chosen if first(f"chains:closed:{market}:{one}", CLOSED_EVERY)]


@shared_task(ignore_result=True)
def poll_chains_of(symbols: Sequence[str]) -> None:
    """Fetch the chains of these underlyings."""
    for symbol in symbols:
        with lock(f"poll:chains:{symbol}", PATIENCE) as mine:
            if mine:
                polling.poll(symbol)


@shared_task(ignore_result=True)
def confirm_alerts() -> None:
    """Put the new open interest to yesterday's alerts, and announce the verdicts and what an outage kept back."""
    with lock("confirm_alerts", 240) as mine:
        if not mine:
            return
        market = wiring.market()
        # A recording that has not begun to play has no time yet.
        with suppress(calendar.OutOfCalendar, OverflowError):
            today = calendar.session_date(wiring.clock()(), market)
            verdicts.confirm(market, today, settled=market == wiring.RECORDED)
        ingest.tell(market)


@shared_task(ignore_result=True)
def keep_chains() -> None:
    """Make the partitions of the next days, and drop what is older than OPTIONS_RETENTION_DAYS."""
    today = datetime.now(UTC).date()
    with lock("keep_chains", 600) as mine:
        if mine:
            store.make_partitions(today - timedelta(days=1), today + timedelta(days=AHEAD_DAYS))
            store.retain(
                today - timedelta(days=settings.OPTIONS_RETENTION_DAYS),
                today - timedelta(days=settings.OPTIONS_SESSIONS_DAYS),
            )


def _watched() -> list[str]:
    return list(dict.fromkeys([*market_store.watchlist(), *polling.wanted()]))


def _spread(symbols: Sequence[str]) -> None:
    """One batch is done here; more than one goes to whichever worker is free."""
    batches = [list(symbols[i : i + BATCH]) for i in range(0, len(symbols), BATCH)]
    if len(batches) == 1:
        poll_chains_of(batches[0])
        return
    task: Any = poll_chains_of
    for batch in batches:
        task.apply_async([batch], expires=0.9 * settings.OPTIONS_EVERY)
