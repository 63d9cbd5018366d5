"""What the clock does on this floor. Every task may run twice, holds a lock while it runs, and expires before its next
turn."""

import time
from datetime import UTC, datetime

from celery import shared_task
from django.conf import settings

from marketdata import calendar
from marketdata import wiring as market_wiring
from marketdata.domain import Interval
from marketdata.lock import first, lock
from signals import issue, letting_go, outcomes, proving, recalling, standing, turns, warming, wiring

GATHERS = 20.0
"""Seconds in which one turn fetches history."""
LETS_GO = 20.0
"""Seconds after which a turn begins no other transaction of what is let go."""


@shared_task(ignore_result=True)
def judge() -> None:
    """Judge what closed since the last turn, days and minutes."""
    market, now = market_wiring.market(), market_wiring.clock()()
    with lock("judge", 30) as mine:
        for interval in (Interval.DAY, Interval.MINUTE) if mine else ():
            began = time.perf_counter()
            judged = turns.run(interval, market, now) if _has_begun(now) else 0
            standing.note_turn(interval, judged, time.perf_counter() - began)


@shared_task(ignore_result=True)
def announce() -> None:
    """Tell what a crash left untold."""
    issue.announce(market_wiring.market())


@shared_task(ignore_result=True)
def score() -> None:
    """Tell what became of signals whose horizon has ended, and learn from it."""
    market, now = market_wiring.market(), market_wiring.clock()()
    with lock("score", 120) as mine:
        for horizon in wiring.horizons() if mine and _has_begun(now) else ():
            outcomes.resolve(horizon, market, now)
            outcomes.learn(horizon, market, now)


@shared_task(ignore_result=True)
def warm() -> None:
    """Fetch the universe's days, and walk through them before the first judgement; then through the last minutes."""
    market, now = market_wiring.market(), market_wiring.clock()()
    with lock("warm", 120) as mine:
        if mine and _has_begun(now):
            is_complete = warming.gather(market, now, GATHERS)
            for horizon in wiring.horizons():
                if horizon.interval is Interval.DAY:
                    warming.warm(horizon, market, now, is_complete)
                elif all(wiring.is_ready(one, market) for one in wiring.horizons()):
                    recalling.recall(horizon, market, now)


@shared_task(ignore_result=True)
def prove() -> None:
    """Once a day: yesterday's decisions again, from what was stored; and no agent that looks ahead."""
    market, now = market_wiring.market(), market_wiring.clock()()
    with lock("prove", 3000) as mine:
        if mine and _has_begun(now) and first(f"proved:{market}:{now:%Y%m%d}", 86_400):
            proving.run(market, now)


@shared_task(ignore_result=True)
def let_go() -> None:
    """Let go of what SIGNALS_MINUTE_DAYS no longer keeps: a day's worth once a day, a backlog piece by piece."""
    with lock("let_go", 300) as mine:
        for market in letting_go.MARKETS if mine and settings.SIGNALS_MINUTE_DAYS else ():
            letting_go.run(market, datetime.now(UTC), settings.SIGNALS_MINUTE_DAYS, LETS_GO)


def _has_begun(now: datetime) -> bool:
    """A recording that has not begun to play has no time yet."""
    return now.year >= calendar.FIRST_YEAR
