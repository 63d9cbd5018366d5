"""Evidence of minutes that nobody was told of is let go when it is old: after it was compared with the ledger once
more, and with an entry of its own there, so that the chain stays whole and says what is missing.

What teaches and what is told stays: outcomes, calibrations, signals that were announced, and all days.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock

from django.db import transaction

from marketdata import alarms
from signals import hashing, issue, spans, store, verifying, viewing
from signals.domain import LetGo

log = logging.getLogger(__name__)
MARKETS = ("live", "simulated")
"""Those that have an age. A recording has none: it is as long as the operator's files."""
BATCH = 2000
"""Decisions that go by one transaction."""
REMEDY = "See manage.py verify_ledger, and restore these rows from a backup: until then they are kept."


def run(market: str, now: datetime, days: int, seconds: float) -> int:
    """Let go of what is older than `days` whole days (UTC), for about so many seconds; how many decisions went."""
    before = datetime.combine(now.astimezone(UTC).date(), clock(), UTC) - timedelta(days=days)
    until, went = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        one, is_last = _batch(market, now, before, days)
        went += one.count if one else 0
        if is_last:
            bars = store.delete_bars(one, viewing.WINDOW) if one else 0
            if went:
                log.info("Let go of %d decisions on minutes (%s), and %d bars seen for them", went, market, bars)
            break
    return went


def _batch(market: str, now: datetime, before: datetime, days: int) -> tuple[LetGo | None, bool]:
    """What went, and whether there is no more that can."""
    with transaction.atomic():
        due = dict(store.due(market, before, BATCH))
        sound = _sound([*due])
        if len(sound) < len(due):
            alarms.sound("ledger", f"{len(due) - len(sound)} old decisions are not what they were", REMEDY)
        if not sound:
            return None, True
        one = _record(market, now, before, days, [due[id_] for id_ in sound], [*sound.values()])
        store.write_let_go(one)
        issue.vouch(issue.LET_GO, [(one.id, one)], now)
        store.delete_decisions(one, [*sound])
    return one, len(due) < BATCH


def _sound(ids: list[str]) -> dict[str, int]:
    """Those of them that are what the ledger says they were, with the number of the entry."""
    entries = store.entries_of(issue.SIGNAL, ids)
    faults, _ = verifying.changed(entries)
    wrong = {seq for seq, _ in faults}
    return {one.ref: one.seq for one in entries if one.seq not in wrong}


def _record(market: str, now: datetime, before: datetime, days: int, ats: list[datetime], numbers: list[int]) -> LetGo:
    entries = spans.spans(numbers)
    return LetGo(
        id=hashing.name(f"let go:{market}:{entries[0][0]}:{now.isoformat()}"), market=market, at=now, before=before,
        days=days, first=min(ats), last=max(ats), count=len(ats), entries=entries,
    )  # fmt: skip
