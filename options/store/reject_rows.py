"""What was left out of chains, and why: each reason once for an underlying, session and vendor."""

from datetime import date

from options.domain import Chain
from options.models import OptionReject as Row

MOST = 500
"""Reasons kept of one chain; a vendor that breaks down altogether must not fill the disk."""


def save_rejects(chain: Chain) -> None:
    """Keep why rows of the vendor's answer are not in the chain."""
    rows = [
        Row(underlying=chain.underlying, market=chain.market, session=chain.session, vendor=chain.vendor, reason=reason)
        for reason in dict.fromkeys(_writable(one[:500]) for one in chain.left_out[:MOST])
    ]
    Row.objects.bulk_create(rows, ignore_conflicts=True)


def rejects(underlying: str, market: str, session: date) -> list[str]:
    """Why rows were left out of the chains of a session."""
    rows = Row.objects.filter(underlying=underlying, market=market, session=session).order_by("id")
    return list(rows.values_list("reason", flat=True))


def drop_rejects(before: date) -> int:
    """Forget those of older sessions; returns how many rows went."""
    return int(Row.objects.filter(session__lt=before).delete()[0])


def _writable(reason: str) -> str:
    """As a text of Postgres can be: without NUL and without half of a surrogate pair, which broken rows may hold."""
    return reason.replace("\0", "?").encode("utf-8", "replace").decode()
