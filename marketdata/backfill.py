"""Filling the past on order: what the gap ledger lacks, part by part, each with its checkpoint in one transaction.

A run that was killed goes on behind its last checkpoint, and a run that was done once finds nothing more to do.
"""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime

from marketdata import asking, gaps, ingest, store, wiring
from marketdata.backfill_order import Order
from marketdata.domain import Bars
from marketdata.feed import Answer
from marketdata.sources.base import (
    NoData,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    Unsupported,
)

TRIES = 4
PAUSE, LONGEST_PAUSE = 5.0, 120.0
"""Seconds before a source that failed is asked again (doubling), and the most that it may ask for itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """One question: the bars of a symbol that start in [start, end)."""

    symbol: str
    start: datetime
    end: datetime


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
        parts += [Part(symbol, *span) for span in gaps.chunks(gaps.lacking(window, now), window)]
    return parts


def run(order: Order, parts: Sequence[Part], wait: Callable[[float], None] = time.sleep) -> Generator[Step, None, None]:
    """Fetch and store the parts one by one; raises Interrupted, after which the same order can be given again."""
    failed: set[str] = set()
    unknown: set[str] = set()
    for part in parts:
        if part.symbol in unknown:
            continue
        # Behind a part that failed there is no checkpoint, or a later run would pass it over.
        checkpoint = None if part.symbol in failed else (order.checkpoint(part.symbol), part.end)
        step, known = _part(order, part, checkpoint, wait)
        if step.failure:
            failed.add(part.symbol)
        if not known:
            unknown.add(part.symbol)
        yield step
    for symbol in set(order.symbols) - failed:
        store.drop_cursor(order.checkpoint(symbol))


def _part(
    order: Order, part: Part, checkpoint: tuple[str, datetime] | None, wait: Callable[[float], None]
) -> tuple[Step, bool]:
    """The step, and whether the symbol exists anywhere."""
    answer = _patiently(order, part, wait)
    bars, errors = answer.value, [failure.error for failure in answer.failures]
    if bars is None or not len(bars):
        if bars is None and all(isinstance(error, UnknownSymbol | Unsupported) for error in errors):
            return Step(part, failure=_words(answer) or "no source of this market has bars"), False
        if not all(isinstance(error, NoData | UnknownSymbol | Unsupported) for error in errors):
            return Step(part, failure=_words(answer)), True
        bars = Bars.of(part.symbol, order.interval, "", [])
    stored = ingest.bars(bars, start=part.start, end=part.end, market=order.market, checkpoint=checkpoint)
    if len(bars):
        store.note_symbol(part.symbol)
    return Step(part, stored.written, bars.vendor), True


def _patiently(order: Order, part: Part, wait: Callable[[float], None]) -> Answer[Bars | None]:
    """The answer, after some pauses where every source is busy or away."""
    for attempt in range(TRIES):
        answer = asking.ask(
            lambda feed: feed.bars(part.symbol, order.interval, part.start, part.end), only=order.source
        )
        passing = [failure.error for failure in answer.failures if isinstance(failure.error, RateLimited | Unavailable)]
        if (answer.value is not None and len(answer.value)) or not passing:
            return answer
        if attempt < TRIES - 1:
            wait(_pause(passing, attempt))
    raise Interrupted(
        f"{_words(answer)}. What came before is stored: give the same order again, and it goes on from there. "
        f"{passing[0].remedy}"
    )


def _pause(errors: Sequence[SourceError], attempt: int) -> float:
    """As long as the first of them asks for, or twice as long as the time before."""
    asked = [error.retry_after for error in errors if isinstance(error, RateLimited)]
    return min([LONGEST_PAUSE, *asked]) if len(asked) == len(errors) else PAUSE * 2**attempt


def _words(answer: Answer[Bars | None]) -> str:
    told = {f"{failure.source}: {failure.error}": None for failure in answer.failures}
    return "; ".join(told)
