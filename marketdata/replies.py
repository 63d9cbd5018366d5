"""What the feed says: an answer, and every failure on the way to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from marketdata.gate import Entry
from marketdata.sources.base import BudgetSpent, SourceError, UnknownSymbol, Unsupported

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """One source's failure, for one symbol or (None) for the whole call; `asked`: whether its vendor was asked."""

    source: str
    symbol: str | None
    error: SourceError
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What the feed found, every failure on the way to it, and how long each source took that answered (seconds)."""

    value: T
    failures: tuple[Failure, ...] = ()
    took: Mapping[str, float] = field(default_factory=dict)


def unknown_everywhere(symbol: str, failures: Iterable[Failure]) -> bool:
    """Whether at least one source was asked for the symbol and all that were said that it does not exist."""
    said = [failure.error for failure in failures if failure.symbol in (symbol, None)]
    said = [error for error in said if not isinstance(error, Unsupported)]
    return bool(said) and all(isinstance(error, UnknownSymbol) for error in said)


def failed(name: str, symbol: str | None, error: SourceError) -> Failure:
    """The failure of a call; one that our own budget refused never reached its vendor."""
    return Failure(name, symbol, error, asked=not isinstance(error, BudgetSpent))


def admitted(name: str, symbols: Sequence[str], entry: Entry) -> tuple[list[str], list[Failure]]:
    """The symbols that the source may be asked for, and why it may not be asked for the others."""
    if entry.error is not None and symbols:
        return [], [Failure(name, None, entry.error, asked=False)]
    refused = [Failure(name, one, entry.refused[one], asked=False) for one in symbols if one in entry.refused]
    return [one for one in symbols if one not in entry.refused], refused
