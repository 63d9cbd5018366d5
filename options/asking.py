"""Asking the vendors for a chain outside the polls, because somebody wants it now."""

from marketdata import wiring
from options import polling, reading, store
from options.domain import Analysis


def fresh(symbol: str) -> Analysis:
    """As `reading.chain`, but where none is held the vendors are asked, and what they say is stored."""
    market = wiring.market()
    found = store.latest(symbol, market)
    if found is None and reading.able(symbol) and polling.poll(symbol):
        found = store.latest(symbol, market)
    return reading.missing(symbol) if found is None else found
