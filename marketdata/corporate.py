"""Learning of splits and dividends: all of a symbol's once a month, its latest once a day, and at once on suspicion."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from marketdata import asking, store, wiring
from marketdata.actions import Kind
from marketdata.cache import client
from marketdata.domain import Interval, Quote
from marketdata.fetching import Part, fetch
from marketdata.live import topics
from marketdata.lock import first
from marketdata.periods import FIRST
from marketdata.sources.base import RateLimited, Unavailable

DAILY, MONTHLY = 20 * 3600, 30 * 86_400
"""Seconds for which what was learned is enough: of the latest actions, and of all that ever were."""
LATEST, RENEWED = timedelta(days=60), timedelta(days=30)
"""How far back the latest actions reach, and how long before a new split's earliest day bars are fetched again."""
SUSPECT_EVERY = 300
"""Seconds between two questions about the same suspicion."""
SPENT = 30.0


def learn(symbols: Iterable[str], spend: float = SPENT) -> int:
    """Ask about those symbols that were not asked about today, for so many seconds; returns how many actions are new.

    It stops where no source can answer for now: the next turn goes on.
    """
    end = time.monotonic() + spend
    found = 0
    for symbol in symbols:
        if not client().exists(_mark(symbol, "latest")):
            learned = _learn(symbol)
            found += learned or 0
            if learned is None or time.monotonic() > end:
                break
    return found


def suspect(held: Iterable[Quote]) -> None:
    """Quotes that wait because they look like a split: ask now whether there is one."""
    for quote in held:
        if "split?" in quote.flags and first(f"split:{quote.symbol}", SUSPECT_EVERY):
            _learn(quote.symbol)


def _learn(symbol: str) -> int | None:
    """How many actions of the symbol are new; None where nobody can answer for now."""
    market = wiring.market()
    whole = not client().exists(_mark(symbol, "all"))
    now = wiring.clock()()
    since = FIRST if whole else now.date() - LATEST
    answer = asking.ask(lambda feed: feed.actions(symbol, since))
    if answer.value is None and any(isinstance(one.error, RateLimited | Unavailable) for one in answer.failures):
        return None
    changed = store.save_actions(answer.value or (), market)
    if changed and any(one.kind is Kind.SPLIT and one.ex_date >= now.date() - LATEST for one in answer.value or ()):
        _renew(symbol, now)
    client().set(_mark(symbol, "latest"), b"", ex=DAILY)
    if whole and answer.value is not None:
        client().set(_mark(symbol, "all"), b"", ex=MONTHLY)
    return changed


def _renew(symbol: str, now: datetime) -> None:
    """Around its day a vendor adjusts its bars for a split sooner or later: those of before it are fetched again."""
    start = (now - LATEST - RENEWED).replace(hour=0, minute=0, second=0, microsecond=0)
    fetch(Part(symbol, Interval.DAY, wiring.market(), start, now))


def _mark(symbol: str, what: str) -> str:
    return f"{topics.ASKED}actions:{what}:{wiring.market()}:{symbol}"
