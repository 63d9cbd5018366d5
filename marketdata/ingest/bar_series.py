"""Bars, from a vendor's answer to the store, the gap ledger and the sockets."""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from django.db import transaction

from marketdata import calendar, quality, store, wire, wiring
from marketdata.domain import Bars, Interval
from marketdata.ingest.showing import show
from marketdata.live.events import Event

log = logging.getLogger(__name__)
RECENT = timedelta(minutes=10)
"""Age up to which a closed bar is announced; what is older belongs to the history that a client asks for."""
FIRST_SESSION = datetime(calendar.FIRST_YEAR, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class IngestedBars:
    """How many rows a series changed, how many bars are complete since now, and why bars were left out."""

    written: int
    closed: int
    rejected: tuple[str, ...]


def bars(
    values: Bars,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    market: str | None = None,
    checkpoint: tuple[str, datetime] | None = None,
) -> IngestedBars:
    """Check and store 1m or 1d bars, note in the ledger what [start, end) lacks, and announce minutes that closed.

    Without `start` and `end` the ledger learns of the span of the bars only. `checkpoint` (name, time) is noted in the
    same transaction: what it says was done is done.
    """
    market = market or wiring.market()
    now = wiring.clock()()
    values, rejected = quality.check_bars(values, now)
    values = replace(values, last_is_partial=_last_is_partial(values, now))
    with transaction.atomic():
        # A vendor that adjusts for splits has adjusted for all until the day it answers.
        basis = calendar.session_date(now, market) if values.adjusted else None
        saved = store.write_bars(values, market, basis)
        expected = _expected(values, start, end, market)
        store.record_coverage(values.symbol, values.interval, market, expected, values, now)
        if checkpoint:
            store.save_cursor(*checkpoint)
        transaction.on_commit(partial(show, _closed(values, set(saved.closed.tolist()), now), market))
    if rejected:
        log.warning("%s %s bars of %s: %s", values.symbol, values.interval, values.vendor, "; ".join(rejected))
    return IngestedBars(saved.written, len(saved.closed), rejected)


def _last_is_partial(values: Bars, now: datetime) -> bool:
    if not len(values):
        return False
    return values.last_is_partial or int(values.start[-1]) + values.interval.length.total_seconds() > now.timestamp()


def _expected(values: Bars, start: datetime | None, end: datetime | None, market: str) -> list[datetime]:
    """A share has no days before its listing: daily bars are expected from the first one that a vendor gave."""
    if len(values):
        first = datetime.fromtimestamp(int(values.start[0]), UTC)
        start = first if start is None or values.interval is Interval.DAY else start
        end = end or datetime.fromtimestamp(int(values.start[-1]) + 1, UTC)
    if start is None or end is None:
        return []
    return calendar.expected_bars(values.interval, max(start, FIRST_SESSION), end, market)


def _closed(values: Bars, starts: set[int], now: datetime) -> list[Event]:
    if values.interval is not Interval.MINUTE:
        return []
    since = (now - RECENT).timestamp()
    recent = [one for one in values if one.start.timestamp() in starts and one.end.timestamp() > since]
    return [wire.closed_bar(one) for one in recent]
