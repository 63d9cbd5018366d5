"""The one way in: check, store, then show. What is shown was stored before; what was stored is shown once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import redis
from django.db import transaction

from marketdata import calendar, counters, quality, store, wire, wiring
from marketdata.cache import client
from marketdata.domain import Bars, Interval, Quote
from marketdata.live import topics
from marketdata.live.events import Event
from marketdata.live.publish import publish, retained

log = logging.getLogger(__name__)
RECENT = timedelta(minutes=10)
"""Age up to which a closed bar is announced; what is older belongs to the history that a client asks for."""
FIRST_SESSION = datetime(calendar.FIRST_YEAR, 1, 2, tzinfo=UTC)
_synced: set[str] = set()
"""The markets whose retained values this process has compared with its rows (again after a failed announcement)."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch: new rows, quotes that wait for a second tick, and rejected ones with the reason."""

    stored: list[Quote]
    held: list[Quote]
    rejected: list[tuple[Quote, str]]


@dataclass(frozen=True, slots=True)
class IngestedBars:
    """How many rows a series changed, how many bars are complete since now, and why bars were left out."""

    written: int
    closed: int
    rejected: tuple[str, ...]


@dataclass(slots=True)
class _Judged:
    last: dict[str, Quote]
    held: dict[str, Quote]
    passed: list[Quote] = field(default_factory=list)
    kept: list[Quote] = field(default_factory=list)
    released: dict[Quote, tuple[Quote, ...]] = field(default_factory=dict)
    rejected: list[tuple[Quote, str]] = field(default_factory=list)


def quotes(
    values: Sequence[Quote], *, cursor: tuple[str, datetime] | None = None, market: str | None = None
) -> Ingested:
    """Check quotes, store them (and the cursor of their playback) in one transaction, and show what is new."""
    market = market or wiring.market()
    _sync_once(market)
    judged = _judge(values, market)
    with transaction.atomic():
        saved = store.save(judged.passed, market, kept=judged.kept)
        store.quarantine(judged.rejected)
        if cursor:
            store.save_cursor(*cursor)
        shown = [one for quote in saved.newest for one in (*judged.released.get(quote, ()), quote)]
        transaction.on_commit(partial(_show, [wire.market_data(one) for one in shown], market))
        transaction.on_commit(partial(_hold, {quote.symbol for quote in values}, judged.held, market))
    counters.add(quotes_fetched=len(values), quotes_stored=len(saved.new), quotes_rejected=len(judged.rejected))
    return Ingested(saved.new, list(judged.held.values()), judged.rejected)


def bars(
    values: Bars, *, start: datetime | None = None, end: datetime | None = None, market: str | None = None
) -> IngestedBars:
    """Check and store 1m or 1d bars, note in the ledger what [start, end) lacks, and announce minutes that closed.

    Without `start` and `end` the ledger learns of the span of the bars only.
    """
    market = market or wiring.market()
    now = wiring.clock()()
    values, rejected = quality.check_bars(values, now)
    values = replace(values, last_is_partial=_last_is_partial(values, now))
    with transaction.atomic():
        saved = store.write_bars(values, market)
        expected = _expected(values, start, end, market)
        store.record_coverage(values.symbol, values.interval, market, expected, values, now)
        transaction.on_commit(partial(_show, _closed(values, set(saved.closed.tolist()), now), market))
    if rejected:
        log.warning("%s %s bars of %s: %s", values.symbol, values.interval, values.vendor, "; ".join(rejected))
    return IngestedBars(saved.written, len(saved.closed), rejected)


def resync(market: str) -> int:
    """Show again what a crash between commit and announcement left unseen; returns how many symbols it was."""
    rows = store.latest(None, market)
    there = retained(list(rows))
    unseen = [row for symbol, row in rows.items() if symbol not in there or _moment(there[symbol]) < _time(row)]
    publish([wire.market_data(row) for row in unseen])
    return len(unseen)


def _sync_once(market: str) -> None:
    if market not in _synced:
        resync(market)
        _synced.add(market)


def _judge(values: Sequence[Quote], market: str) -> _Judged:
    symbols = sorted({quote.symbol for quote in values})
    judged = _Judged(store.latest(symbols, market), _held(symbols, market))
    now = wiring.clock()()
    for quote in sorted(values, key=_time):
        # A recording is judged as it would have been: each row at its own time.
        verdict = quality.check(
            quote,
            judged.last.get(quote.symbol),
            judged.held.get(quote.symbol),
            quote.as_of if market == wiring.RECORDED else now,
        )
        _note(judged, quote.symbol, verdict)
    return judged


def _note(judged: _Judged, symbol: str, verdict: quality.Verdict) -> None:
    judged.kept += verdict.kept
    judged.rejected += verdict.rejected
    judged.passed += verdict.passed
    if verdict.passed:
        judged.last[symbol] = verdict.passed[-1]
        judged.released[verdict.passed[0]] = verdict.released
    if verdict.held is None:
        judged.held.pop(symbol, None)
    else:
        judged.held[symbol] = verdict.held


def _show(events: Sequence[Event], market: str) -> None:
    """The rows are stored whatever happens here: what cannot be announced now is found by the next resync."""
    try:
        publish(events)
    except (redis.RedisError, OSError) as error:
        _synced.discard(market)
        log.warning("%d values are stored but could not be announced: %s", len(events), type(error).__name__)


def _held(symbols: Sequence[str], market: str) -> dict[str, Quote]:
    if not symbols:
        return {}
    found: list[bytes | None] = client().hmget(topics.HELD + market, list(symbols))  # type: ignore[assignment]
    decoded = ((symbol, msgspec.json.decode(text)) for symbol, text in zip(symbols, found, strict=True) if text)
    return {symbol: wire.read_quote(data) for symbol, data in decoded}


def _hold(symbols: set[str], held: dict[str, Quote], market: str) -> None:
    pipe = client().pipeline(transaction=False)
    if free := sorted(symbols - held.keys()):
        pipe.hdel(topics.HELD + market, *free)
    for symbol, quote in held.items():
        pipe.hset(topics.HELD + market, symbol, msgspec.json.encode(wire.quote(quote)))
    pipe.execute()


def _time(quote: Quote) -> tuple[datetime, datetime]:
    return quote.as_of, quote.received_at


def _moment(message: bytes) -> tuple[datetime, datetime]:
    data = msgspec.json.decode(message)["data"]
    return datetime.fromisoformat(data["as_of"]), datetime.fromisoformat(data["received_at"])


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
