"""How each source of this market stands: what the page, the admin and the metrics say about it."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from marketdata import calendar, counters, scores, wiring
from marketdata.domain import Session
from marketdata.scoring import Score
from marketdata.sources.base import Capability

OPEN, CLOSED = 20.0, 150.0
"""Seconds without an answer after which a source counts as idle (or three polls, if longer): a closed market is asked
only now and then."""
COUNTED = ("answers", "pushes", "errors", "gaps", "disagreements", "outages")


def sources(switches: Mapping[str, bool]) -> list[dict[str, Any]]:
    """In failover order: name, enabled, order, status, last success and failure, latencies.

    Status is ok, failing, idle, off (by the admin) or unset (its key or address is not in the settings). Times are
    epoch seconds. `switches` are the admin's (a source without one is on). Raises redis.RedisError.
    """
    notes, market, today = counters.sources(), wiring.market(), scores.of(datetime.now(UTC).date())
    every, order = wiring.every(Capability.QUOTES), settings.MARKETDATA_ORDER[Capability.QUOTES]
    names = [name for name, entry in settings.MARKETDATA_SOURCES.items() if entry.get("MARKET", wiring.LIVE) == market]
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    since = {name: time.time() - _patience(market, every.get(name, 0.0)) for name in names}
    return [
        _source(name, place, switches.get(name, True), notes.get(name, {}), since[name]) | _day(today.get(name))
        for place, name in enumerate(names, start=1)
    ]


def _source(name: str, order: int, enabled: bool, note: Mapping[str, Any], since: float) -> dict[str, Any]:
    success, failure = note.get("last_success"), note.get("last_failure")
    status = _status(success or 0.0, failure["at"] if failure else 0.0, since)
    set_up = wiring.is_complete(settings.MARKETDATA_SOURCES.get(name, {}))
    return {
        "name": name,
        "enabled": enabled,
        "order": order,
        "status": (status if enabled else "off") if set_up else "unset",
        "last_success": success,
        "last_failure": failure,
        "latency_ms": note.get("latency_ms"),
    }


def _day(today: Score | None) -> dict[str, Any]:
    """Half and 95 in a hundred of today's answers came faster (of a source that only pushes: of its pushes); counts."""
    p50, p95 = (today.latency_p50_ms, today.latency_p95_ms) if today else (None, None)
    if today and p50 is None:
        p50, p95 = today.push_p50_ms, today.push_p95_ms
    counts = {name: getattr(today, name) for name in COUNTED} if today else None
    return {"latency_p50_ms": p50, "latency_p95_ms": p95, "today": counts}


def _status(success: float, failure: float, since: float) -> str:
    if failure > success:
        return "failing"
    return "ok" if success >= since else "idle"


def _patience(market: str, every: float) -> float:
    try:
        closed = calendar.session(wiring.clock()(), market) is Session.CLOSED
    except calendar.OutOfCalendar:
        closed = True
    return CLOSED if closed else max(OPEN, 3 * settings.MARKETDATA_QUOTES_EVERY, 3 * every)
