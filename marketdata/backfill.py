"""Filling the past on order: what the gap ledger lacks, part by part, each with its checkpoint in one transaction.

A run that was killed goes on behind its last checkpoint, and a run that was done once finds nothing more to do.
"""

import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime

from marketdata import corporate, gaps, store, wiring
from marketdata.backfill_order import Order
from marketdata.fetching import Fetched, Outcome, Part, fetch
from marketdata.sources.base import RateLimited, Unavailable

TRIES = 4
PAUSE, LONGEST_PAUSE = 5.0, 120.0
"""Seconds before a source that failed is asked again (doubling), and the most that it may ask for itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a part: rows written, by whom they were given, or `failure` in words."""

    part: Part
    written: int = 0
    vendor: str = ""
    failure: str = ""


class Interrupted(Exception):
    """No source can answer for now; what was fetched so far is stored, and the next run goes on from there."""


def plan(order: Order) -> list[Part]:
    """The questions that are left: what the ledger lacks, behind the checkpoint of a run that was cut off."""
    now = wiring.clock()()
    parts = []
    for symbol in order.symbols:
        window = order.window(symbol, now, store.cursor(order.checkpoint(symbol)))
        spans = gaps.chunks(gaps.lacking(window, now), window)
        parts += [Part(symbol, order.interval, order.market, *span) for span in spans]
    return parts


def run(order: Order, parts: Sequence[Part], wait: Callable[[float], None] = time.sleep) -> Generator[Step, None, None]:
    """Fetch and store the parts one by one; raises Interrupted, after which the same order can be given again."""
    failed: set[str] = set()
    unknown: set[str] = set()
    corporate.learn(dict.fromkeys(part.symbol for part in parts), spend=float("inf"))
    for part in parts:
        if part.symbol in unknown:
            continue
        # Behind a part that failed there is no checkpoint, or a later run would pass it over.
        checkpoint = None if part.symbol in failed else (order.checkpoint(part.symbol), part.end)
        fetched = _patiently(part, order.source, checkpoint, wait)
        if fetched.outcome is Outcome.STORED:
            store.note_symbol(part.symbol)
        failure = "" if fetched.outcome in (Outcome.STORED, Outcome.NOTHING) else fetched.words
        failed |= {part.symbol} if failure else set()
        unknown |= {part.symbol} if fetched.outcome is Outcome.UNKNOWN else set()
        yield Step(part, fetched.written, fetched.vendor, failure)
    for symbol in set(order.symbols) - failed:
        store.drop_cursor(order.checkpoint(symbol))


def tally(order: Order) -> Counter[str]:
    """How many bars of the order the calendar expects, and how many the ledger calls complete, partial and missing."""
    now, counts = wiring.clock()(), Counter[str]()
    for symbol in order.symbols:
        window = order.window(symbol, now)
        known = store.coverage(symbol, order.interval, window.start, window.end, order.market)
        counts["expected"] += len(gaps.expected(window))
        counts.update({state: known.count(state) for state in ("complete", "partial", "missing")})
    return counts


def _patiently(
    part: Part, source: str, checkpoint: tuple[str, datetime] | None, wait: Callable[[float], None]
) -> Fetched:
    """What came of the part, after some pauses where every source is busy or away."""
    for attempt in range(TRIES):
        fetched = fetch(part, source, checkpoint)
        if fetched.outcome is not Outcome.BUSY:
            return fetched
        if attempt < TRIES - 1:
            wait(_pause(fetched, attempt))
    raise Interrupted(
        f"{fetched.words}. What came before is stored: give the same order again, and it goes on from there. "
        f"{fetched.failures[0].error.remedy}"
    )


def _pause(fetched: Fetched, attempt: int) -> float:
    """As long as the first of them asks for, or twice as long as the time before."""
    busy = [one.error for one in fetched.failures if isinstance(one.error, RateLimited | Unavailable)]
    asked = [error.retry_after for error in busy if isinstance(error, RateLimited)]
    return min([LONGEST_PAUSE, *asked]) if len(asked) == len(busy) else PAUSE * 2**attempt
