"""Alpaca's spellings, clocks and feeds, and what follows from the kind of a symbol. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from msgpack import Timestamp

from marketdata import calendar, symbols
from marketdata.calendar import NEW_YORK
from marketdata.domain import Session
from marketdata.sources import spellings
from marketdata.sources.spellings import Answers
from marketdata.symbols import Kind

VENDOR = "alpaca"
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
SHARES_SINCE = datetime(2025, 11, 3, 5, tzinfo=UTC)
"""Until this session the sizes of share quotes counted round lots of 100."""
DELAYS = {"iex": 0, "sip": 0, "delayed_sip": 900, "us": 0, "opra": 0, "indicative": 900}
"""Seconds by which each feed runs behind: of shares, of crypto, of options."""
FEEDS = {"iex": "iex", "sip": "sip", "delayed_sip": "delayed_sip"}
LONGEST_DAY = timedelta(hours=25)



def instant(value: object) -> datetime | None:
    """The time of an RFC 3339 text or of the stream's timestamp, to the microsecond; None where none can be meant."""
    try:
        if isinstance(value, Timestamp):
            at = datetime.fromtimestamp(value.seconds, UTC) + timedelta(microseconds=value.nanoseconds // 1000)
        else:
            at = datetime.fromisoformat(value) if isinstance(value, str) else FIRST - LONGEST_DAY
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if FIRST <= at < LAST else None


def spelled(asked: Sequence[str]) -> tuple[dict[str, str], Answers]:
    """Alpaca's spelling of each symbol, and an error for each that it cannot have."""
    return spellings.spelled(asked, symbols.alpaca, "Alpaca")


def spelling(symbol: str) -> str:
    """Alpaca's spelling of one symbol; raises UnknownSymbol or Unsupported."""
    return spellings.one(symbol, symbols.alpaca, "Alpaca")


def session(symbol: str, at: datetime) -> Session:
    """The phase of the trading day in which something was traded, by the calendar."""
    if symbols.kind(symbol) is Kind.CRYPTO:
        return Session.ALWAYS
    try:
        return calendar.session(at, "live")
    except calendar.OutOfCalendar:
        return Session.CLOSED


def currency(symbol: str) -> str:
    """What its prices are told in: the second half of a pair, dollars for the rest."""
    return symbol.partition("-")[2] if symbols.kind(symbol) is Kind.CRYPTO else "USD"


def day(symbol: str, at: datetime) -> date:
    """The date to which an instant belongs, where the symbol trades."""
    return at.astimezone(UTC if symbols.kind(symbol) is Kind.CRYPTO else NEW_YORK).date()


def is_over(symbol: str, began: datetime, now: datetime) -> bool:
    """Whether the day that began at that time is an earlier one than today's: before the open Alpaca tells the last."""
    if symbols.kind(symbol) is Kind.CRYPTO:
        return now - began >= LONGEST_DAY
    try:
        return day(symbol, began) < calendar.session_date(now, "live")
    except calendar.OutOfCalendar:
        return False


def flags(feed: str) -> frozenset[str]:
    """What one must know of a feed: one exchange's small part of the volume, or prices that were changed."""
    return {"iex": frozenset({"iex_volume"}), "indicative": frozenset({"indicative"})}.get(feed, frozenset())
