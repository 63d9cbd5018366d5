"""The one way out: a signal is stored with its exact inputs before anybody hears of it."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import redis
from django.db import transaction

from marketdata import counters
from marketdata.live.publish import publish
from marketdata.lock import lock
from signals import hashing, store, wire
from signals.domain import Decision, LetGo, Outcome

log = logging.getLogger(__name__)
SIGNAL, OUTCOME, LET_GO = "signal", "outcome", "let_go"
"""The kinds of the ledger's entries."""
PATIENCE = 10.0
"""Seconds after which the turn of an announcer that died passes on."""


def decisions(values: Sequence[Decision], market: str) -> list[Decision]:
    """Store decisions and their entries in the ledger in one transaction, and announce on its commit.

    Call it inside the transaction that wrote their views. Returns those that were not known before.
    """
    if not values:
        return []
    with transaction.atomic():
        fresh = store.write(values)
        vouch(SIGNAL, [(one.signal.id, one) for one in fresh], _latest(fresh))
        if any(one.announces for one in fresh):
            transaction.on_commit(partial(announce, market))
    return fresh


def outcomes(values: Sequence[Outcome], now: datetime) -> list[Outcome]:
    """Store outcomes and their entries in the ledger in one transaction, and announce on its commit those of signals
    that were; returns those that are new."""
    if not values:
        return []
    with transaction.atomic():
        # Outcomes are numbered in the order in which everybody can see them.
        store.lock()
        fresh = store.write_outcomes(values, now)
        vouch(OUTCOME, [(one.signal, one) for one in fresh], now)
        if fresh and store.note_outcomes([one.signal for one in fresh]):
            transaction.on_commit(partial(announce, fresh[0].market))
    counters_later(signals_scored=len(fresh))
    return fresh


def vouch(kind: str, values: Sequence[tuple[str, Decision | Outcome | LetGo]], now: datetime) -> None:
    """Enter the hash of each value into the ledger; call it in the transaction that wrote them."""
    store.append([(kind, ref, hashing.digest(value)) for ref, value in values], now)


def announce(market: str) -> int:
    """Tell everybody what was stored to be told and was not yet, signals and then outcomes; returns how many.

    Who is killed between telling and noting it leaves it to the next to tell again: the same signal, the same id.
    """
    try:
        with lock(f"announce:{market}", PATIENCE) as mine:
            return _tell_signals(market) + _tell_outcomes(market) if mine else 0
    except (redis.RedisError, OSError) as error:
        log.warning("Signals are stored but could not be announced yet: %s", type(error).__name__)
        return 0


def _tell_signals(market: str) -> int:
    told = 0
    while waiting := store.unannounced(market):
        publish([wire.event(one) for one in waiting])
        store.mark_announced([one.signal.id for one in waiting], datetime.now(UTC))
        counters.add(signals_announced=len(waiting))
        told += len(waiting)
    return told


def _tell_outcomes(market: str) -> int:
    told = 0
    while waiting := store.untold_outcomes(market):
        publish([wire.outcome_event(one) for one in waiting])
        store.mark_outcomes_told([one.signal for one in waiting])
        told += len(waiting)
    return told


def counters_later(**increments: float) -> None:
    """Raise counters when the transaction is over; without Redis they stay as they are."""
    transaction.on_commit(partial(_count, increments))


def _count(increments: dict[str, float]) -> None:
    try:
        counters.add(**increments)
    except (redis.RedisError, OSError):
        log.warning("Counters could not be raised")


def _latest(values: Sequence[Decision]) -> datetime:
    return max((one.judged_at for one in values), default=datetime.now(UTC))
