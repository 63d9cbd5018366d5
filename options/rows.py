"""Which rows of a vendor's answer can be: each judged alone, the others kept."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from marketdata.chains import OptionQuote
from options.domain import Floats

HIGHEST_PRICE, HIGHEST_AMOUNT = 1e6, 1e9
"""Dollars per share and contracts beyond which a number is a mistake."""
LIMITS: tuple[tuple[str, Callable[[Any], Any], float, float], ...] = (
    ("strike", attrgetter("contract.strike"), 1e-3, HIGHEST_PRICE),
    ("multiplier", attrgetter("contract.multiplier"), 1, HIGHEST_PRICE),
    *((name, attrgetter(name), 0, HIGHEST_PRICE) for name in ("bid", "ask", "last", "mid")),
    *((name, attrgetter(name), 0, HIGHEST_AMOUNT) for name in ("volume", "open_interest")),
)
NEEDED = ("strike", "multiplier")


def sound(quotes: Sequence[OptionQuote], already: Iterable[str] = ()) -> tuple[list[OptionQuote], tuple[str, ...]]:
    """The quotes that can be, each contract once (as it was said last), and a reason for each of the others."""
    reasons = _out_of_limits(quotes)
    seen: dict[str, int] = {}
    for row, quote in enumerate(quotes):
        if reasons[row]:
            continue
        before = seen.get(quote.contract.symbol)
        if before is not None:
            reasons[before] = f"{quote.contract.symbol}: said twice"
        seen[quote.contract.symbol] = row
    kept = [quote for quote, reason in zip(quotes, reasons, strict=True) if not reason]
    return kept, (*already, *(reason for reason in reasons if reason))


def numbers(quotes: Sequence[OptionQuote], read: Callable[[Any], Any]) -> Floats:
    """A column of numbers, NaN where there is none."""
    return np.array([read(one) for one in quotes], np.float64)


def _out_of_limits(quotes: Sequence[OptionQuote]) -> list[str]:
    reasons = [""] * len(quotes)
    for name, read, least, highest in LIMITS:
        values = numbers(quotes, read)
        with np.errstate(invalid="ignore"):
            bad = ~((values >= least) & (values <= highest))
        bad &= ~np.isnan(values) | (name in NEEDED)
        for row in np.flatnonzero(bad).tolist():
            reasons[row] = reasons[row] or f"{quotes[row].contract.symbol}: {name} is {values[row]:g}"
    return reasons
