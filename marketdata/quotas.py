"""The planner asked about this house: its watchlist, its cadences, and the vendors it has keys for."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from limits import parse_many

from marketdata import store, wiring
from marketdata.planner import Limit, Load, Plan, plan
from marketdata.sources.base import Capability


def plans(symbols: Sequence[str] | None = None) -> list[Plan]:
    """For each live source with limits and a key: what it would take to serve the whole watchlist (or `symbols`)."""
    watched = store.watchlist() if symbols is None else symbols
    return [
        plan(name, watched, _loads(entry), _limits(entry), entry.get("LINES"))
        for name, entry in settings.MARKETDATA_SOURCES.items()
        if wiring.is_complete(entry) and (entry.get("LIMITS") or entry.get("LINES"))
    ]


def _loads(entry: dict[str, Any]) -> list[Load]:
    """While the session runs; a source that pushes its quotes (it has LINES) is not asked for them.

    A chain is counted as one request, which is right of a source that is asked for one expiry at a time.
    """
    every, cost = entry.get("EVERY", {}), entry.get("COST", 1)
    bars = Load("bars", max(settings.MARKETDATA_BARS_EVERY, every.get(Capability.BARS, 0)), 1, cost)
    chains = Load("options", max(settings.OPTIONS_EVERY, every.get(Capability.OPTIONS, 0)), 1, cost)
    rest = [bars, chains] if entry.get("CHAINS", True) else [bars]
    rest = [one for one in rest if one.what in entry.get("LIMITED", (one.what,))]
    if entry.get("LINES"):
        return rest
    seconds = max(settings.MARKETDATA_QUOTES_EVERY, every.get(Capability.QUOTES, 0))
    return [Load("quotes", seconds, entry.get("PER_REQUEST", 1), cost), *rest]


def _limits(entry: dict[str, Any]) -> list[Limit]:
    text = entry.get("LIMITS") or ""
    return [Limit(item.amount, item.get_expiry(), str(item)) for item in parse_many(text)] if text else []
