"""A chain with all that belongs to it: written in one transaction, read back as it was computed."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from django.db import connection, transaction

from options.domain import Alert, Analysis, ChainSummary
from options.expecting import Expected, nothing
from options.store import packing
from options.store.alert_rows import save_alerts
from options.store.contract_rows import save_contracts
from options.store.memory import newest, save_turnover
from options.store.packing import Key
from options.store.reject_rows import save_rejects
from options.store.slice_rows import rows, write
from options.store.summary_rows import save_summary, summary


@dataclass(frozen=True, slots=True)
class Saved:
    """What a chain changed: parts that were newer, whether its summary was new, and the ids of new alerts."""

    parts: int
    summary: bool
    alerts: tuple[str, ...]


@contextmanager
def locked(underlying: str, market: str) -> Iterator[None]:
    """A transaction in which nobody else writes chains of this underlying."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"chain:{market}:{underlying}"])
        yield


def save(
    analysis: Analysis,
    alerts: Iterable[Alert] = (),
    *,
    expected: Expected | None = None,
    told: Iterable[Alert] = (),
    fresh: Collection[Key] | None = None,
) -> Saved:
    """Write a chain, its summary and its alerts; doing it twice changes nothing.

    `expected`: what was expected before the session; `told`: the alerts that the world is to hear of; `fresh`: the
    parts (root, expiry) that the vendor gave just now (None: all), the others stay as they were written.
    """
    memory = expected or nothing(len(analysis.chain))
    with transaction.atomic():
        save_contracts(analysis.chain)
        written = write(analysis, memory.own, fresh)
        save_turnover(analysis.chain, memory.turnover)
        save_rejects(analysis.chain)
        return Saved(written, save_summary(analysis.summary), tuple(save_alerts(alerts, told)))


def latest(underlying: str, market: str, expiry: date | None = None) -> Analysis | None:
    """The newest chain of an underlying (or its contracts of one expiry) with its last summary, if there is any."""
    session = newest(underlying, market)
    found = rows(underlying, market, session, expiry) if session else []
    if session is None or not found:
        return None
    return packing.analysis(found, session, summary(underlying, market) or _bare(underlying, market, found[-1]))


def fingerprint(underlying: str, market: str) -> str:
    """A SHA-256 over everything that is stored of an underlying's chains, for two runs to be compared."""
    digest = sha256()
    with connection.cursor() as cursor:
        for table, left_out in (
            ("option_snapshot", ""), ("option_session", ""), ("option_turnover", ""), ("chain_summary", " - 'id'"),
            ("option_alert", " - 'announced_at' - 'verdict_waits'"), ("option_reject", " - 'id' - 'at'"),
        ):  # fmt: skip
            cursor.execute(
                f"SELECT (to_jsonb(t){left_out})::text FROM {table} t WHERE underlying = %s AND market = %s ORDER BY 1",
                [underlying, market],
            )
            for (text,) in cursor:
                digest.update(text.encode() + b"\n")
    return digest.hexdigest()


def _bare(underlying: str, market: str, row: dict[str, object]) -> ChainSummary:
    """For the moment in which a chain has no summary: it says nothing."""
    chain = packing.chain([row], row["session"])  # type: ignore[arg-type]
    empty = ChainSummary(
        underlying=underlying, vendor=chain.vendor, market=market, taken_at=chain.taken_at, session=chain.session,
        spot=chain.spot,
    )  # fmt: skip
    return replace(empty, reasons={"iv30": "the chain has not been summarised"})
