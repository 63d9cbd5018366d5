"""The nightly proofs: yesterday's decisions come out the same again, no agent looks ahead, and the ledger is whole."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import msgspec

from marketdata import alarms
from marketdata import store as market_store
from marketdata.cache import client
from marketdata.live import topics
from signals import lookahead, replaying, verifying, viewing, wiring
from signals.agents.base import BarAgent
from signals.chaining import GENESIS
from signals.lookahead import Leak
from signals.replaying import Replayed
from signals.verifying import Verified

log = logging.getLogger(__name__)
MOST = 2000
"""Decisions that are replayed in one night, spread over the day."""
REMEDY = "See manage.py replay --from DATE --to DATE, and verify_ledger; trust no record of this agent until then."


def run(market: str, now: datetime) -> None:
    """Replay yesterday, look for leaks, and write the ledger's head where an operator keeps his logs."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    found = replaying.replay(market, today - timedelta(days=1), today, most=MOST)
    leaking = leaks(market, now)
    tell(found, leaking)
    ledger = verified()
    _tell("ledger", "; ".join(said for _, said in ledger.faults[:3]))
    log.info("%s; %d leaks; ledger: %d entries, head %s", words(found), len(leaking), ledger.entries, ledger.head)


def verified() -> Verified:
    """Verify what the ledger gained since it was verified last; `verify_ledger` does all of it."""
    known = client().get(topics.VERIFIED)
    after = msgspec.json.decode(known, type=tuple[int, str]) if isinstance(known, bytes) else (0, GENESIS)
    found = verifying.verify(after)
    if not found.faults:
        client().set(topics.VERIFIED, msgspec.json.encode((found.entries, found.head)))
    return found


def tell(found: Replayed, leaking: Sequence[Leak]) -> None:
    """Alarms for what is wrong; those of what is right again end."""
    _tell("replay", words(found) if any(not one.is_setting for one in found.differences) else "")
    _tell("look-ahead", "; ".join(f"{one.agent} at {one.symbol} {one.at:%Y-%m-%d}" for one in leaking[:3]))


def leaks(market: str, now: datetime) -> list[Leak]:
    """All leaks of all agents over the watchlist's bars."""
    found: list[Leak] = []
    for interval in {horizon.interval for horizon in wiring.horizons()}:
        agents = [one for one in wiring.agents(interval).values() if isinstance(one, BarAgent)]
        bars = market_store.windows(market_store.watchlist(), interval, market, now, viewing.WINDOW)
        found += [
            leak for one in bars.values() if len(one) > 1 for agent in agents for leak in lookahead.leaks(agent, one, 5)
        ]
    return found


def words(found: Replayed) -> str:
    """What a replay found, in a sentence."""
    if not found.total:
        return "nothing to replay"
    said = f"{found.equal} of {found.total} decisions are the same again ({100 * found.equal / found.total:.4g} %)"
    if not found.differences:
        return said
    one = found.differences[0]
    return f"{said}; first difference: {one.symbol} at {one.at.isoformat()}, {one.what}: was {one.was}, is {one.now}"


def _tell(name: str, wrong: str) -> None:
    if wrong:
        alarms.sound(name, wrong, REMEDY)
    else:
        alarms.end(name)
