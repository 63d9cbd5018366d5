"""What `manage.py doctor` finds about option chains."""

from collections.abc import Iterator
from datetime import timedelta

from marketdata import calendar, wiring
from marketdata import store as market_store
from marketdata.checkup import Finding, Level
from marketdata.sources.base import Capability
from marketdata.symbols import Kind, kind
from options import store

LATE = timedelta(minutes=30)
"""The age of a chain, beyond its feed's own delay, that is late while the market is open."""


def chains() -> Iterator[Finding]:
    """Whether the watched underlyings have chains, and how old they are; nothing before the market is chosen."""
    if not wiring.decided():
        return
    able = [one.name for one in wiring.sources() if Capability.OPTIONS in one.capabilities]
    if not able:
        step = "Switch on a source with options (README, feature matrix)"
        yield Finding(Level.NOTE, "option chains", f"no source of the {wiring.market()} market has them", step)
        return
    found = [_of(one, " or ".join(able)) for one in market_store.watchlist() if kind(one) in (Kind.SHARE, Kind.INDEX)]
    yield from (one for one in found if one.level is not Level.FINE)
    fine = [one.what for one in found if one.level is Level.FINE]
    if fine:
        yield Finding(Level.FINE, "option chains", f"of {len(fine)} of {len(found)} watched underlyings")


def _of(symbol: str, able: str) -> Finding:
    market, now = wiring.market(), wiring.clock()()
    found = store.summary(symbol, market)
    if found is None:
        step = f"Is the worker running, and has {able} options of it? /api/v1/sources names each failure"
        return Finding(Level.NOTE, f"options of {symbol}", "no chain has come yet", step)
    since_open = calendar.is_open(now, market) and calendar.is_open(now - LATE, market)
    late = since_open and now - found.taken_at > LATE + timedelta(seconds=found.delayed_by or 0)
    said = f"{found.contracts:,} contracts as of {found.taken_at:%Y-%m-%d %H:%M} UTC ({found.vendor})"
    if late:
        step = "Do the vendor's limits allow for it? `quota` lines above; then /api/v1/sources"
        return Finding(Level.NOTE, f"options of {symbol}", f"late: {said}", step)
    return Finding(Level.FINE, f"options of {symbol}", said)
