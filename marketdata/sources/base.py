"""What a source of market data is, what it can do, and how it may fail.

SourceError
├── AuthFailed      the key is missing or wrong
├── NotEntitled     the key is valid, the plan lacks this
├── RateLimited     too many requests (retry_after, seconds)
│   └── BudgetSpent     by our own count: the vendor was not asked
├── Unavailable     5xx, refused, reset, DNS, TLS
│   └── VendorTimeout   our deadline passed
├── BadPayload      not JSON, keys missing, wrong shape, a silent empty answer
├── UnknownSymbol   the vendor does not know this symbol
├── NoData          known, but nothing now
└── Unsupported     the source has no such capability
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from marketdata.actions import Action
from marketdata.chains import OptionChain
from marketdata.domain import Bars, Interval, Quote
from marketdata.headlines import Book, Headline


class SourceError(Exception):
    """A source could not answer; the message names the cause, `remedy` what the operator can do."""

    remedy = "Look at the source's status page and at the log of this source."
    of_one_symbol = False
    """Whether the fault is in what this one symbol has, so that the source is well all the same."""


class AuthFailed(SourceError):
    """The key is missing or wrong."""

    remedy = "Check the vendor's key in the environment (README, settings)."


class NotEntitled(SourceError):
    """The key is valid, but its plan does not include what was asked."""

    remedy = "Choose another feed or plan at the vendor, or leave this data to another source."


class RateLimited(SourceError):
    """The vendor asks us to slow down."""

    remedy = "Poll less often, watch fewer symbols, or add a second source."

    def __init__(self, message: str = "too many requests", retry_after: float = 60.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BudgetSpent(RateLimited):
    """Our own budget for this vendor holds no more requests for now."""

    remedy = "Wait, watch fewer symbols or poll less often: `manage.py doctor` says what fits the vendor's limits."


class Unavailable(SourceError):
    """The vendor cannot be reached, or answered that it is out of order."""

    remedy = "Usually passes by itself; check the network and the vendor's status page."


class VendorTimeout(Unavailable):
    """Our deadline passed before the vendor answered."""


class BadPayload(SourceError):
    """The vendor answered something that is not what its interface promises."""

    remedy = "The vendor may have changed its interface: see if a newer version of its client library is out."


class UnknownSymbol(SourceError):
    """The vendor does not know this symbol."""

    remedy = "Check the spelling of the symbol."


class NoData(SourceError):
    """The symbol is known, but there is nothing to give now."""

    remedy = "Nothing to do: the market may be closed."


class Unsupported(SourceError):
    """The source has no such capability."""

    remedy = "Ask a source that offers it (README, feature matrix)."


class Capability(StrEnum):
    """What a source can be asked for."""

    QUOTES = "quotes"
    BARS = "bars"
    STREAM = "stream"
    OPTIONS = "options"
    NEWS = "news"
    BOOK = "book"


@runtime_checkable
class Source(Protocol):
    """A vendor, seen from inside. Calls block; every call either answers in domain values or raises a SourceError.

    One that has few kinds of symbols may name them in `kinds`: it is not asked about others.
    """

    name: str
    capabilities: frozenset[Capability]
    simulated: bool

    def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote | SourceError]:
        """A quote or the reason for its absence for each symbol asked; raises only when the whole batch failed."""

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> Bars:
        """The bars that start in [start, end). May be empty; raises UnknownSymbol or another SourceError."""

    def knows(self, symbol: str) -> bool | None:
        """Whether the symbol exists here, as far as can be told without asking the vendor (None: cannot be told)."""

    def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class StreamingSource(Source, Protocol):
    """A source that pushes."""

    def stream(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[Quote]]:
        """Quotes as they come, in batches; runs until it is closed or raises a SourceError."""


@runtime_checkable
class ActionSource(Source, Protocol):
    """A source that knows splits and dividends."""

    def actions(self, symbol: str, since: date) -> tuple[Action, ...]:
        """The splits and dividends with an ex-date from `since` on, by date."""


@runtime_checkable
class OptionSource(Source, Protocol):
    """A source that has option chains."""

    def option_expiries(self, symbol: str) -> tuple[date, ...]:
        """The expiries that the vendor lists for an underlying, rising."""

    def option_chain(self, symbol: str, first: date, last: date) -> OptionChain:
        """All contracts that expire from `first` to `last`, every page of them; a bad row never loses the others."""


@runtime_checkable
class NewsSource(Source, Protocol):
    """A source that has news."""

    def news(self, symbols: Sequence[str], limit: int) -> tuple[Headline, ...]:
        """The latest headlines about any of the symbols, newest first."""


@runtime_checkable
class BookSource(Source, Protocol):
    """A source that has order books (Level 2)."""

    def book(self, symbol: str, depth: int) -> Book:
        """The best `depth` prices on each side."""
