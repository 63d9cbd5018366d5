"""One question about the past, from the feed to the store and the ledger, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from marketdata import asking, ingest
from marketdata.domain import Bars, Interval
from marketdata.feed import Failure
from marketdata.sources.base import NoData, RateLimited, Unavailable, UnknownSymbol, Unsupported


class Outcome(Enum):
    """STORED; NOTHING: no vendor has it, which the ledger knows now; UNKNOWN: no vendor knows the symbol;
    BUSY: ask again later; FAILED: an error that does not pass by itself."""

    STORED = auto()
    NOTHING = auto()
    UNKNOWN = auto()
    BUSY = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Part:
    """One question: the stored bars (1m or 1d) of a symbol that start in [start, end)."""

    symbol: str
    interval: Interval
    market: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a part: rows changed, by whom they were given, and every failure on the way."""

    outcome: Outcome
    written: int = 0
    vendor: str = ""
    failures: tuple[Failure, ...] = ()

    @property
    def words(self) -> str:
        """The failures, for a person."""
        return "; ".join(dict.fromkeys(f"{failure.source}: {failure.error}" for failure in self.failures))


def fetch(part: Part, only: str = "", checkpoint: tuple[str, datetime] | None = None) -> Fetched:
    """Ask the feed (or the one source named) and store what it says, with the checkpoint if it is an answer."""
    answer = asking.ask(lambda feed: feed.bars(part.symbol, part.interval, part.start, part.end), only)
    outcome = _outcome(answer.value, answer.failures)
    if outcome not in (Outcome.STORED, Outcome.NOTHING):
        return Fetched(outcome, failures=answer.failures)
    bars = answer.value if answer.value is not None else Bars.of(part.symbol, part.interval, "", [])
    stored = ingest.bars(bars, start=part.start, end=part.end, market=part.market, checkpoint=checkpoint)
    return Fetched(outcome, stored.written, bars.vendor, answer.failures)


def _outcome(bars: Bars | None, failures: Sequence[Failure]) -> Outcome:
    if bars is not None and len(bars):
        return Outcome.STORED
    errors = [failure.error for failure in failures]
    if any(isinstance(error, RateLimited | Unavailable) for error in errors):
        return Outcome.BUSY
    if not all(isinstance(error, NoData | UnknownSymbol | Unsupported) for error in errors):
        return Outcome.FAILED
    said_no = bars is not None or any(isinstance(error, NoData) for error in errors)
    return Outcome.NOTHING if said_no else Outcome.UNKNOWN
