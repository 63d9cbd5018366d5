"""Quotes that nobody was shown, with the reason."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marketdata import wire
from marketdata.domain import Quote
from marketdata.models import Quarantine


def quarantine(rows: Iterable[tuple[Quote, str]]) -> None:
    """Keep rejected quotes for the operator to look at."""
    Quarantine.objects.bulk_create(
        Quarantine(symbol=quote.symbol, vendor=quote.vendor, reason=reason, quote=_json(quote))
        for quote, reason in rows
    )


def drop_quarantine(before: datetime) -> int:
    """Forget what was put away before then; returns how many rows."""
    return int(Quarantine.objects.filter(at__lt=before).delete()[0])


def _json(quote: Quote) -> dict[str, Any]:
    """JSON has no NaN; what a vendor sent is kept as text."""
    return {
        name: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in wire.quote(quote).items()
    }
