"""Symbols into a vendor's spelling before it is asked, and by name those that it cannot have. Pure."""

from collections.abc import Callable, Sequence

from marketdata import symbols
from marketdata.domain import Quote
from marketdata.sources.base import SourceError, UnknownSymbol, Unsupported

Answers = dict[str, Quote | SourceError]
Spell = Callable[[str], str | None]


def spelled(asked: Sequence[str], spell: Spell, vendor: str) -> tuple[dict[str, str], Answers]:
    """The vendor's spelling of each symbol, and an error for each that it cannot have."""
    known: dict[str, str] = {}
    errors: Answers = {}
    for symbol in asked:
        if not symbols.PATTERN.fullmatch(symbol):
            errors[symbol] = UnknownSymbol("this is not a symbol")
        elif (spelling := spell(symbol)) is None:
            errors[symbol] = Unsupported(f"{vendor} has no {symbols.kind(symbol)}")
        else:
            known[symbol] = spelling
    return known, errors


def one(symbol: str, spell: Spell, vendor: str) -> str:
    """The vendor's spelling of one symbol; raises UnknownSymbol or Unsupported."""
    known, errors = spelled([symbol], spell, vendor)
    for error in errors.values():
        if isinstance(error, SourceError):
            raise error
    return known[symbol]
