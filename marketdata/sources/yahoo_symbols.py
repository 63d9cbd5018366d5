"""Which symbols may be put into a request to Yahoo, and how they are spelled there."""

import re

from yfinance.utils import is_isin

from marketdata import symbols as spelling
from marketdata.sources.base import UnknownSymbol

ASKABLE = re.compile(r"[A-Z0-9^][A-Z0-9.^=&-]{0,31}")


def can_be_asked(symbol: str) -> bool:
    """A comma or a slash would change the request itself; an ISIN yfinance would swap for some other symbol."""
    return ASKABLE.fullmatch(symbol) is not None and not is_isin(symbol)


def spelled(symbol: str) -> str:
    """Yahoo's spelling; what our own table of forms does not cover is asked as it is."""
    try:
        return spelling.yahoo(symbol)
    except ValueError:
        return symbol


def unknown(text: str) -> UnknownSymbol:
    """The error for what cannot be asked."""
    return UnknownSymbol(f"{text[:32]!r} is not a symbol")


def never_closes(symbol: str) -> bool:
    """Without before- and after-hours yfinance drops the last minute of each day of what never closes."""
    return symbol.endswith("=X") or bool(re.fullmatch(r"[A-Z0-9]+-[A-Z]{3,5}", symbol))
