"""Announcing what is stored, and catching up on what a crash left unseen."""

import logging
from collections.abc import Sequence
from datetime import datetime

import msgspec
import redis

from marketdata import store, wire
from marketdata.cache import client
from marketdata.domain import Quote
from marketdata.live import topics
from marketdata.live.events import Event
from marketdata.live.publish import publish, retained

log = logging.getLogger(__name__)
_synced: dict[str, bytes] = {}
"""The numbering (epoch) of each market in which this process has compared what Redis retains with the rows."""


def show(events: Sequence[Event], market: str) -> None:
    """Announce; the rows are stored whatever happens here: what cannot be announced now is found by the next resync."""
    try:
        publish(events)
    except (redis.RedisError, OSError) as error:
        _synced.pop(market, None)
        log.warning("%d values are stored but could not be announced: %s", len(events), type(error).__name__)


def resync(market: str) -> int:
    """Show again what a crash between commit and announcement left unseen; returns how many symbols it was."""
    rows = store.latest(None, market)
    there = retained(list(rows))
    unseen = [row for symbol, row in rows.items() if symbol not in there or _shown(there[symbol]) < moment(row)]
    publish([wire.market_data(row) for row in unseen])
    return len(unseen)


def sync(market: str) -> None:
    """Catch up at the first batch, after a failed announcement, and when Redis has lost its memory."""
    epoch = _epoch()
    if not epoch or _synced.get(market) != epoch:
        resync(market)
        _synced[market] = _epoch()


def _epoch() -> bytes:
    found = client().get(topics.EPOCH)
    return found if isinstance(found, bytes) else b""


def moment(quote: Quote) -> tuple[datetime, datetime]:
    """What orders the quotes of a symbol."""
    return quote.as_of, quote.received_at


def _shown(message: bytes) -> tuple[datetime, datetime]:
    data = msgspec.json.decode(message)["data"]
    return datetime.fromisoformat(data["as_of"]), datetime.fromisoformat(data["received_at"])
