"""Quotes, from a vendor's answer to the sockets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import msgspec
from django.conf import settings
from django.db import transaction

from marketdata import counters, quality, store, wire, wiring
from marketdata.cache import client
from marketdata.capture import capture
from marketdata.domain import Quote
from marketdata.ingest.shares import Shares
from marketdata.ingest.showing import moment, show, sync
from marketdata.live import topics


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch: new rows, quotes that wait for a second tick, and rejected ones with the reason."""

    stored: list[Quote]
    held: list[Quote]
    rejected: list[tuple[Quote, str]]


@dataclass(slots=True)
class _Judged:
    last: dict[str, Quote]
    held: dict[str, Quote]
    before: dict[str, Quote]
    passed: list[Quote] = field(default_factory=list)
    kept: list[Quote] = field(default_factory=list)
    released: dict[Quote, tuple[Quote, ...]] = field(default_factory=dict)
    rejected: list[tuple[Quote, str]] = field(default_factory=list)


def quotes(
    values: Sequence[Quote], *, cursor: tuple[str, datetime] | None = None, market: str | None = None
) -> Ingested:
    """Check quotes, store them (and the cursor of their playback) in one transaction, and show what is new."""
    market = market or wiring.market()
    sync(market)
    judged = _judge(values, market)
    with transaction.atomic():
        saved = store.save(judged.passed, market, kept=judged.kept)
        store.quarantine(judged.rejected)
        if cursor:
            store.save_cursor(*cursor)
        shown = [one for quote in saved.newest for one in (*judged.released.get(quote, ()), quote)]
        transaction.on_commit(partial(show, [wire.market_data(one) for one in shown], market))
        transaction.on_commit(partial(_hold, {quote.symbol for quote in values}, judged.held, market))
        transaction.on_commit(partial(_capture, values, saved.new, judged.before, market))
    counters.add(quotes_fetched=len(values), quotes_stored=len(saved.new), quotes_rejected=len(judged.rejected))
    return Ingested(saved.new, list(judged.held.values()), judged.rejected)


def _judge(values: Sequence[Quote], market: str) -> _Judged:
    symbols = sorted({quote.symbol for quote in values})
    before = store.latest(symbols, market)
    judged = _Judged(dict(before), _held(symbols, market), before)
    now, recorded = wiring.clock()(), market == wiring.RECORDED
    shares = Shares(market, [*values, *judged.last.values()])
    for quote in map(shares.mended, sorted(values, key=moment)):
        last, held = (shares.before(quote, one.get(quote.symbol)) for one in (judged.last, judged.held))
        # A recording is judged as it would have been: each row at its own time.
        at = quote.as_of if recorded else now
        _note(judged, quote.symbol, quality.check(quote, last, held, at, faithful=recorded))
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


def _capture(values: Sequence[Quote], new: Sequence[Quote], before: dict[str, Quote], market: str) -> None:
    """Keep what was new as it came, before anything was mended."""
    if settings.CAPTURE_DIR and market == wiring.LIVE:
        keys = {(one.symbol, one.as_of, one.vendor) for one in new}
        chosen = [one for one in values if (one.symbol, one.as_of, one.vendor) in keys]
        capture(settings.CAPTURE_DIR, chosen, before, wiring.clock()())


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
