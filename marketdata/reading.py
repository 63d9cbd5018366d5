"""What the doors read: the latest quotes, wherever they are quickest found."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import redis

from marketdata import asking, calendar, counters, ingest, quality, store, wire, wiring
from marketdata.cache import client
from marketdata.domain import Quote
from marketdata.feed import unknown_everywhere
from marketdata.live import retained, topics
from marketdata.sources.base import NoData, Unavailable, UnknownSymbol

WANTED_FOR = 60
"""Seconds for which a symbol is polled because somebody asked for it."""
WANTED_MOST = 1000


@dataclass(frozen=True, slots=True)
class Reading:
    """A quote and how old it is: `age` in seconds of the market's clock; `stale` when that is too old."""

    quote: Quote
    age: float
    stale: bool


def quote(symbol: str) -> Reading:
    """The latest quote of a canonical symbol; raises UnknownSymbol, or NoData where none has come yet.

    Asks no vendor: a known symbol without a quote is polled from now on for a minute.
    """
    found = quotes([symbol]).get(symbol)
    if found is not None:
        return found
    if not wiring.knows(symbol):
        raise unknown(symbol)
    _want(symbol)
    raise NoData(f"No quote of {symbol} has come yet; it is asked for with the next poll")


def quotes(symbols: Sequence[str]) -> dict[str, Reading]:
    """The latest quotes of those symbols that have one: from Redis, and what is missing there from Postgres."""
    found = _from_redis(symbols)
    missing = [symbol for symbol in symbols if symbol not in found]
    _count(len(found), len(missing))
    if missing:
        found |= store.latest(missing, wiring.market())
    now, market = wiring.clock()(), wiring.market()
    return {symbol: judge(one, now, market) for symbol, one in found.items()}


def fresh(symbol: str) -> Reading:
    """As `quote`, but where none is held the vendors are asked, and what they say is stored; raises SourceError."""
    found = quotes([symbol]).get(symbol) or ask([symbol]).get(symbol)
    if found is None:
        raise NoData(f"What the vendors say about {symbol} did not pass the quality checks")
    return found


def ask(symbols: Sequence[str]) -> dict[str, Reading]:
    """Ask the vendors once and store what they say; raises UnknownSymbol naming those that exist nowhere."""
    answer = asking.ask(lambda feed: feed.quotes(symbols))
    unknown = [one for one in symbols if one not in answer.value and unknown_everywhere(one, answer.failures)]
    if unknown:
        raise UnknownSymbol(f"No vendor knows {', '.join(unknown)}")
    if missing := [one for one in symbols if one not in answer.value]:
        said = (failure.error for failure in answer.failures if failure.symbol in (missing[0], None))
        raise next(said, Unavailable(f"No source has {missing[0]}"))
    ingest.quotes(list(answer.value.values()))
    return quotes(symbols)


def unknown(symbol: str) -> UnknownSymbol:
    """The error for a symbol that is not in our table, whose vendors were not asked."""
    return UnknownSymbol(f"{symbol} is not known here. Add it to the watchlist: that asks the vendors for it")


def judge(quote: Quote, now: datetime, market: str) -> Reading:
    """Flag a quote `stale` that an open market has outlived (quality.OLD beyond the feed's own delay)."""
    age = max(0.0, (now - quote.as_of).total_seconds())
    stale = age > quality.OLD + (quote.delayed_by or 0) and calendar.is_open(now, market)
    flags = quote.flags - {"stale"} | ({"stale"} if stale else set())
    return Reading(replace(quote, flags=frozenset(flags)), round(age, 3), stale)


def _from_redis(symbols: Sequence[str]) -> dict[str, Quote]:
    """Without Redis: nothing, and Postgres answers."""
    try:
        kept = retained.retained(symbols)
    except redis.RedisError:
        return {}
    return {symbol: wire.read_quote(msgspec.json.decode(message)["data"]) for symbol, message in kept.items()}


def _count(hits: int, misses: int) -> None:
    with suppress(redis.RedisError):
        counters.add(cache_hits=hits, cache_misses=misses)


def _want(symbol: str) -> None:
    """Bounded: whoever asks for thousands of symbols does not get them all polled."""
    with suppress(redis.RedisError):
        if client().zcard(topics.WANTED) < WANTED_MOST:
            client().zadd(topics.WANTED, {symbol: time.time() + WANTED_FOR})
