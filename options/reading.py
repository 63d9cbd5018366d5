"""What the doors read: chains, summaries and alerts as they are stored, and why there is none."""

import time
from contextlib import suppress
from datetime import date
from typing import NoReturn

import numpy as np
import redis
from django.conf import settings

from marketdata import wiring
from marketdata.cache import client
from marketdata.live import topics
from marketdata.reading import unknown
from marketdata.sources.base import Capability, NoData, Unsupported
from marketdata.symbols import Kind, kind
from options import store
from options.domain import Analysis, ChainSummary
from options.expecting import before_trading
from options.unusual import scored

WANTED_FOR = 120
"""Seconds for which a chain is polled because somebody asked for it: two turns."""
WANTED_MOST = 50
WITH_OPTIONS = (Kind.SHARE, Kind.INDEX)


class NoChain(NoData):
    """The underlying is known, but none of its chains is here yet."""

    remedy = (
        f"It is asked for with the next poll, within {settings.OPTIONS_EVERY:g} s while the market is open: ask again"
        " then. /api/v1/sources says how the sources do."
    )


class NoOptions(Unsupported):
    """Nobody has options of this underlying here."""

    remedy = "Options are of shares, funds and indices, from a source that offers chains (README, feature matrix)."


def chain(symbol: str, expiry: date | None = None) -> Analysis:
    """The newest chain of a canonical symbol (or one expiry of it); raises UnknownSymbol, NoOptions or NoChain.

    Asks no vendor: the chain of a known symbol is polled from now on for two minutes.
    """
    found = store.latest(symbol, wiring.market(), expiry)
    return missing(symbol) if found is None else found


def summary(symbol: str) -> ChainSummary:
    """The newest summary of a canonical symbol; raises as `chain` does."""
    found = store.summary(symbol, wiring.market())
    return missing(symbol) if found is None else found


def scores(analysis: Analysis) -> dict[str, float]:
    """How unusual the trading of each contract is, 0 to 100, by its symbol; only those of which it can be told."""
    expected = store.expected(analysis.chain)
    found = scored(before_trading(analysis, expected), expected).score
    known = np.flatnonzero(~np.isnan(found))
    return dict(zip(analysis.chain.symbol[known].tolist(), found[known].tolist(), strict=True))


def missing(symbol: str) -> NoReturn:
    """Say why there is no chain: UnknownSymbol, NoOptions or NoChain; have it polled where that may help."""
    if not wiring.knows(symbol):
        raise unknown(symbol)
    if kind(symbol) not in WITH_OPTIONS:
        raise NoOptions(f"{symbol} has no listed options here")
    sources = able(symbol)
    if not sources:
        raise NoOptions(f"No source of the {wiring.market()} market that is switched on has option chains")
    _want(symbol)
    raise NoChain(f"No option chain of {symbol} has come from {' or '.join(sources)} yet")


def able(symbol: str) -> list[str]:
    """The sources that may have its chain, in the order of failover."""
    if kind(symbol) not in WITH_OPTIONS:
        return []
    return [source.name for source in wiring.sources() if Capability.OPTIONS in source.capabilities]


def _want(symbol: str) -> None:
    """Bounded: chains are large, and whoever asks for hundreds does not get them all polled."""
    with suppress(redis.RedisError):
        if client().zcard(topics.WANTED_CHAINS) < WANTED_MOST:
            client().zadd(topics.WANTED_CHAINS, {symbol: time.time() + WANTED_FOR})
