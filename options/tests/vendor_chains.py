"""Answers of a vendor, as its reader hands them on."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from marketdata.chains import OptionChain, OptionQuote, contract
from options.tests.chains import NOON

NEAR, FAR = date(2024, 1, 19), date(2024, 6, 21)
SPOT = 100.0


def quote(symbol: str, at: datetime, **fields: Any) -> OptionQuote:
    """A contract with a sound quote and a trade of that moment."""
    values: dict[str, Any] = {
        "bid": 4.9, "ask": 5.1, "last": 5.0, "last_as_of": at, "volume": 10.0, "open_interest": 500.0,
        "underlying_price": SPOT,
    }  # fmt: skip
    named = contract(symbol, "TEST")
    return OptionQuote(contract=named, vendor="yahoo", received_at=at, **(values | fields))


def symbol(strike: float, expiry: date = FAR, side: str = "C") -> str:
    """A contract of TEST."""
    return f"TEST{expiry:%y%m%d}{side}{round(strike * 1000):08d}"


def answer(
    at: datetime = NOON, expiries: Sequence[date] = (NEAR, FAR), strikes: Sequence[float] = (90.0, 95.0, 100.0, 105.0),
    changed: dict[str, dict[str, Any]] | None = None, **fields: Any,
) -> OptionChain:  # fmt: skip
    """Both sides of every strike, with values by put-call parity around SPOT, some of them changed by symbol."""
    quotes = []
    for expiry in expiries:
        for strike in strikes:
            for side in ("C", "P"):
                middle = 4.0 + max(0.0, SPOT - strike if side == "C" else strike - SPOT)
                name = symbol(strike, expiry, side)
                given = {"bid": middle - 0.1, "ask": middle + 0.1, **fields, **(changed or {}).get(name, {})}
                quotes.append(quote(name, at, **given))
    return OptionChain(underlying="TEST", vendor="yahoo", received_at=at, quotes=tuple(quotes))


def next_day(days: int = 1, minutes: float = 0) -> datetime:
    """So many days after the Tuesday at noon."""
    return NOON + timedelta(days=days, minutes=minutes)
