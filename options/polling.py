"""Chains from the vendors: whose turn it is, how much of it may be asked for, and who is asked."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
from django.conf import settings

from marketdata import asking, calendar, pace, wiring
from marketdata.cache import client
from marketdata.chains import OptionChain
from marketdata.live import topics
from marketdata.sources.base import Capability
from options import ingest, rotation
from options.ingest import Ingested

EXPIRIES = 12
"""Expiries that one poll asks a source for which its entry in MARKETDATA_SOURCES sets no number."""
AFTER_CLOSE = timedelta(minutes=35)
"""How long after the close chains are still polled: options of some funds close later, and feeds run behind."""
LISTED_FOR = 86_400
REMEMBERED = timedelta(days=3)


def poll(symbol: str) -> Ingested | None:
    """Ask for the expiries of an underlying that are due, of the first source that answers, and take them in.

    Each source is asked for as many as it may be: what is one page at the first may be a request for each at the next.
    """
    now, market = wiring.clock()(), wiring.market()
    every, today, closed = wiring.every(Capability.OPTIONS), _session(now, market), not has_new(now, market)
    if today is None:
        return None
    resting = pace.resting(Capability.OPTIONS, [symbol], every)
    for source in wiring.feed().line(Capability.OPTIONS, symbol):
        if symbol in resting(source):
            return None
        listed = expiries(symbol, source, today)
        ranges = _due(market, symbol, source, listed, now, closed)
        found = [one for first, last in ranges if (one := _fetch(symbol, source, first, last)) is not None]
        if found:
            pace.note(Capability.OPTIONS, [(source, symbol)], every)
            _note(market, symbol, [one for one in listed if any(first <= one <= last for first, last in ranges)], now)
            return ingest.chain(_joined(found))
        if listed and not ranges:
            return None
    return None


def has_begun(now: datetime, market: str) -> bool:
    """Whether the market has a time: a recording that has not begun to play has none yet."""
    try:
        calendar.session_date(now, market)
    except (calendar.OutOfCalendar, OverflowError):
        return False
    return True


def has_new(now: datetime, market: str) -> bool:
    """While the session runs and a while after it; a recording that has not begun to play has no time yet."""
    if not has_begun(now, market):
        return False
    return calendar.is_open(now, market) or calendar.is_open(now - AFTER_CLOSE, market)


def _session(now: datetime, market: str) -> date | None:
    """None: a recording that has not begun to play has no time yet."""
    try:
        return calendar.session_date(now, market)
    except (calendar.OutOfCalendar, OverflowError):
        return None


def expiries(symbol: str, source: str, today: date) -> tuple[date, ...]:
    """The expiries that a source lists, asked for once a day; none where it does not answer.

    A recording is asked each time: it costs nothing, and at the close another file is open.
    """
    market = wiring.market()
    key = f"{topics.EXPIRIES}{market}:{source}:{symbol}:{today}"
    kept = client().get(key)
    if isinstance(kept, bytes):
        return tuple(msgspec.json.decode(kept, type=list[date]))
    found = asking.ask(lambda feed: feed.option_expiries(symbol), source).value or ()
    if found and market != wiring.RECORDED:
        client().set(key, msgspec.json.encode(list(found)), ex=LISTED_FOR)
    return tuple(found)


def _fetch(symbol: str, source: str, first: date, last: date) -> OptionChain | None:
    return asking.ask(lambda feed: feed.option_chain(symbol, first, last), source).value


def _joined(found: Sequence[OptionChain]) -> OptionChain:
    """One answer of a source's several, which are of one moment."""
    return replace(
        found[-1], quotes=tuple(quote for one in found for quote in one.quotes),
        left_out=tuple(reason for one in found for reason in one.left_out),
    )  # fmt: skip


def _due(
    market: str, symbol: str, source: str, listed: Sequence[date], now: datetime, closed: bool
) -> tuple[tuple[date, date], ...]:  # fmt: skip
    """The ranges to ask for; of a recording the whole chain, which may be of an earlier session than another's."""
    asked = _asked(market, symbol)
    if market == wiring.RECORDED and listed:
        return rotation.due(listed, asked, now, min(listed), len(listed))
    return rotation.due(listed, asked, now, calendar.session_date(now, market), _most(source), closed)


def _most(source: str) -> int:
    return int(settings.MARKETDATA_SOURCES.get(source, {}).get("EXPIRIES", EXPIRIES))


def _asked(market: str, symbol: str) -> dict[date, datetime]:
    """When each expiry was asked for last."""
    found: dict[bytes, bytes] = client().hgetall(f"{topics.ROTATION}{market}:{symbol}")  # type: ignore[assignment]
    return {date.fromisoformat(day.decode()): datetime.fromtimestamp(float(at), UTC) for day, at in found.items()}


def _note(market: str, symbol: str, asked: Sequence[date], now: datetime) -> None:
    if asked:
        key = f"{topics.ROTATION}{market}:{symbol}"
        client().hset(key, mapping={day.isoformat(): repr(now.timestamp()) for day in asked})
        client().expire(key, REMEMBERED)


def wanted() -> list[str]:
    """The underlyings that somebody looks at although they may be on no list."""
    now = time.time()
    client().zremrangebyscore(topics.WANTED_CHAINS, "-inf", f"({now}")
    found: list[bytes] = client().zrange(topics.WANTED_CHAINS, 0, -1)  # type: ignore[assignment]
    return [symbol.decode() for symbol in found]
