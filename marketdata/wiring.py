"""From settings and the admin's switches to a feed: which market, which sources, in which order."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Any

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from marketdata import counters, plugging, store
from marketdata.budget import Budget
from marketdata.cache import client
from marketdata.feed import Feed
from marketdata.fitness import Fitness
from marketdata.gatekeeper import Gatekeeper
from marketdata.live import retained, topics
from marketdata.plugins import PLUGIN
from marketdata.sources.base import Capability, Source

LIVE, SIMULATED, RECORDED = "live", "simulated", "recorded"
_building = Lock()
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decision:
    """The market that is shown from now on, and why."""

    market: str
    reason: str


def decide_market() -> Decision:
    """Choose the market once, at the start; `auto` asks the live vendors one question and falls back to simulated.

    Raises ImproperlyConfigured for limits that cannot be kept, before any process starts.
    """
    gatekeeper()
    chosen = settings.MARKET
    decision = Decision(chosen, f"MARKET={chosen}") if chosen != "auto" else _ask_vendors()
    if _mode() != decision.market:
        # Prices of one market must never pass for those of another.
        retained.forget()
        client().set(topics.MODE, decision.market)
    return decision


def decided() -> bool:
    """Whether the market has been chosen."""
    return settings.MARKET != "auto" or bool(_mode())


def market() -> str:
    """The market that was chosen: live, simulated or recorded."""
    return str(settings.MARKET) if settings.MARKET != "auto" else _mode() or decide_market().market


def clock() -> Callable[[], datetime]:
    """The market's own clock: the real one, or the position of the recording that is being played."""
    return _position if market() == RECORDED else _now


def sources() -> tuple[Source, ...]:
    """The sources of this market that are switched on, in the order of failover."""
    switches = store.enabled_sources()
    return tuple(source for source in _of(market()) if switches.get(source.name, True))


def all_sources() -> tuple[Source, ...]:
    """The sources of this market, switched on or not."""
    return _of(market())


def feed(only: str = "") -> Feed:
    """The feed over the sources that are switched on, or over the one of that name."""
    return _feed(tuple(source for source in sources() if only in ("", source.name)))


def gatekeeper() -> Gatekeeper:
    """The gate before all sources of the settings."""
    entries = settings.MARKETDATA_SOURCES
    keys = {name: f"{name}:{_fingerprint(entry.get('OPTIONS', {}))}" for name, entry in entries.items()}
    return Gatekeeper(keys, {name: _budget(name, entry) for name, entry in entries.items() if entry.get("LIMITS")})


def every(what: Capability) -> dict[str, float]:
    """The least seconds between two polls of the same, of the sources that have such."""
    found = {name: entry.get("EVERY", {}).get(what) for name, entry in settings.MARKETDATA_SOURCES.items()}
    return {name: seconds for name, seconds in found.items() if seconds}


def is_complete(entry: dict[str, Any]) -> bool:
    """A vendor without its key is left out: asking it would only fail, every cycle."""
    return all(entry.get("OPTIONS", {}).get(name) for name in entry.get("NEEDS", ()))


def knows(symbol: str) -> bool:
    """Whether the symbol exists, as far as can be told without asking a vendor."""
    return store.knows(symbol) or any(plugging.knows(source, symbol) for source in all_sources())


def _ask_vendors() -> Decision:
    sources = _of(LIVE)
    if not sources:
        return Decision(SIMULATED, "no live source is configured")
    probe = (settings.MARKETDATA_SYMBOLS or settings.DEFAULT_SYMBOLS)[:1]
    answer = _new_feed(sources, _now).quotes(probe)
    if answer.value:
        return Decision(LIVE, f"{next(iter(answer.value.values())).vendor} answered for {probe[0]}")
    said = "; ".join(f"{failure.source}: {type(failure.error).__name__}" for failure in answer.failures)
    return Decision(SIMULATED, f"no live vendor answered ({said})")


def _of(market: str) -> tuple[Source, ...]:
    # A vendor's client must not be built twice because two threads ask at once.
    with _building:
        return _built(market)


@cache
def _built(market: str) -> tuple[Source, ...]:
    entries = [(name, entry) for name, entry in settings.MARKETDATA_SOURCES.items() if _belongs(entry, market)]
    built = [(_plug if PLUGIN in entry else _build)(name, entry, market) for name, entry in entries]
    return tuple(source for source in built if source is not None)


def _belongs(entry: dict[str, Any], market: str) -> bool:
    return entry.get("MARKET", LIVE) == market and is_complete(entry)


def _plug(name: str, entry: dict[str, Any], market: str) -> Source | None:
    """A package's source; a broken one is told and left out, so that the others go on."""
    try:
        return plugging.plug(name, entry, _options(entry, market))
    except plugging.BrokenPlugin as error:
        logger.error("Source %s is left out: %s. %s", name, error, error.remedy)
        with suppress(redis.RedisError):
            counters.source_failed(name, error)
        return None


def _build(name: str, entry: dict[str, Any], market: str) -> Source:
    try:
        return import_string(entry["BACKEND"])(**_options(entry, market))
    except Exception as error:
        raise ImproperlyConfigured(f"MARKETDATA_SOURCES[{name!r}]: {type(error).__name__}: {error}") from error


@lru_cache(maxsize=16)
def _feed(sources: tuple[Source, ...]) -> Feed:
    return _new_feed(sources, lambda: clock()())


def _new_feed(sources: tuple[Source, ...], clock: Callable[[], datetime]) -> Feed:
    order = {Capability(what): names for what, names in settings.MARKETDATA_ORDER.items()}
    deadline, patience = settings.MARKETDATA_DEADLINE, settings.MARKETDATA_BARS_DEADLINE
    return Feed(sources, deadline, patience, gate=gatekeeper(), fitness=Fitness(clock), order=order)


def _options(entry: dict[str, Any], market: str) -> dict[str, Any]:
    clock = {} if market == LIVE else {"clock": _position if market == RECORDED else _now}
    return {**entry.get("OPTIONS", {}), **clock}


def _budget(name: str, entry: dict[str, Any]) -> Budget:
    """By vendor and key: another proxy or address is the same budget."""
    keys = {key: entry.get("OPTIONS", {}).get(key) for key in entry.get("NEEDS", ())}
    try:
        return Budget(f"{name}:{_fingerprint(keys)}", entry["LIMITS"], entry.get("LIMITED", ()))
    except ValueError:
        raise ImproperlyConfigured(
            f"{name.upper()}_LIMITS is {entry['LIMITS']!r}. Write it like 200/minute, or 5/second; 360/hour."
        ) from None


def _fingerprint(options: dict[str, Any]) -> str:
    """Tells one configuration from another, and a key to nobody."""
    return blake2b(repr(sorted(options.items())).encode(), digest_size=6).hexdigest()


def _mode() -> str:
    found = client().get(topics.MODE)
    return found.decode() if isinstance(found, bytes) else ""


def _now() -> datetime:
    return datetime.now(UTC)


def _position() -> datetime:
    """Before the first row is played the recording has no time yet: the earliest one there is."""
    found = client().get(topics.POSITION)
    return datetime.fromisoformat(found.decode()) if isinstance(found, bytes) else datetime.min.replace(tzinfo=UTC)
