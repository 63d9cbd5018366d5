"""Before the first judgement: history is fetched and walked once, so that nobody begins untaught.

The walk decides at every close of the past with what was known by then, exactly as the judge does it live.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

from django.db import transaction

from marketdata import calendar, corporate, gaps
from marketdata import store as market_store
from marketdata import wiring as market_wiring
from marketdata.cache import client
from marketdata.domain import Bars, Interval
from marketdata.fetching import Fetched, Outcome, Part, fetch
from marketdata.live import topics
from marketdata.lock import first
from marketdata.sources.base import Capability
from signals import learning, store, universe, walking, wiring
from signals.agents.base import BarAgent
from signals.domain import Horizon

YEARS = 10
LEAST = 300
"""Bars below which a symbol's history teaches nothing."""
AGAIN = 6 * 3600
"""Seconds before days that no vendor has are asked for again."""
PACE = 60.0
"""Seconds between two such questions to a vendor that counts them, for symbols that nobody watches."""
GROWN = 1.5
"""So many times more symbols are worth another walk, as long as nothing was learned live."""


def gather(market: str, now: datetime, spend: float) -> bool:
    """Fetch the days that the universe lacks, for so many seconds; whether nothing is left to ask for today."""
    today = datetime.combine(now.astimezone(UTC).date(), clock_time(), UTC)
    symbols, until = universe.symbols(market), time.monotonic() + spend
    done = f"{topics.ASKED}universe:{market}:{today:%Y%m%d}:{len(symbols)}"
    if client().exists(done):
        return True
    for symbol in symbols:
        if not _gather(symbol, market, today, now) or time.monotonic() > until:
            return False
    client().set(done, b"", ex=AGAIN)
    return True


def warm(horizon: Horizon, market: str, now: datetime, is_complete: bool) -> int | None:
    """Walk history, where that was not done yet or much more of it came; returns the new version's number.

    Without any history the first version knows nothing, once it is clear that there is none to be had.
    """
    agent_set = wiring.agent_set(horizon.interval)
    known = store.calibration(market, horizon.name, agent_set)
    if known is not None and (known.outcomes or not is_complete or not first(f"walk:{market}:{horizon.name}", AGAIN)):
        return None
    bars = _histories(market, now)
    taught = int(known.state.get("walked", 0)) if known else 0
    if len(bars) <= GROWN * taught or not _is_enough(bars, market, is_complete):
        return None if known or not is_complete else _save(learning.fresh(_names(), horizon), horizon, market, now, 0)
    return _save(_walked(bars, horizon), horizon, market, now, len(bars))


def _is_enough(bars: dict[str, Bars], market: str, is_complete: bool) -> bool:
    """What is watched is enough to begin with; the rest of the universe may take a vendor's budget an hour."""
    return bool(bars) and (is_complete or set(market_store.watchlist()) <= set(bars))


def _walked(bars: dict[str, Bars], horizon: Horizon) -> learning.State:
    weights = wiring.weights(horizon.interval)
    agents = {id_: one for id_, one in wiring.agents(horizon.interval).items() if isinstance(one, BarAgent)}
    walk = walking.walk(bars, agents, weights, horizon, learning.HALF_LIFE[horizon.interval])
    return learning.walked(walk, horizon, _names())


def _names() -> list[str]:
    return list(wiring.agents(Interval.DAY))


def _save(state: learning.State, horizon: Horizon, market: str, now: datetime, walked: int) -> int:
    told = learning.to_json(state) | {"walked": walked}
    with transaction.atomic():
        return store.save_calibration(
            market, horizon.name, wiring.agent_set(horizon.interval), told, made_at=now, through=None, outcomes=0,
            is_warm=walked > 0,
        )  # fmt: skip


def _histories(market: str, now: datetime) -> dict[str, Bars]:
    found = market_store.windows(universe.symbols(market), Interval.DAY, market, now, YEARS * 366)
    return {symbol: one for symbol, one in found.items() if len(one) >= LEAST}


def _gather(symbol: str, market: str, today: datetime, now: datetime) -> bool:
    """Ask for what one symbol lacks; False where it must wait."""
    asked = f"{topics.ASKED}days:{market}:{symbol}:{today:%Y%m%d}"
    if client().exists(asked):
        return True
    start = max(today - timedelta(days=YEARS * 365), datetime(calendar.FIRST_YEAR, 1, 3, tzinfo=UTC))
    window = gaps.Window(symbol, Interval.DAY, market, start, today)
    spans = list(gaps.chunks(gaps.lacking(window, now), window))
    if spans and not _may_ask(symbol, market):
        return False
    if spans:
        corporate.learn([symbol])
    fetched = [fetch(Part(symbol, Interval.DAY, market, *span)) for span in spans]
    if _is_busy(fetched):
        return False
    if any(one.outcome is Outcome.STORED for one in fetched):
        market_store.note_symbol(symbol)
    client().set(asked, b"", ex=AGAIN)
    return True


def _is_busy(fetched: Sequence[Fetched]) -> bool:
    return any(one.outcome is Outcome.BUSY for one in fetched)


def _may_ask(symbol: str, market: str) -> bool:
    """A vendor with a small budget is asked about unwatched symbols slowly."""
    paced = market_wiring.every(Capability.BARS) if market == market_wiring.LIVE else {}
    return not paced or symbol in market_store.watchlist() or first(f"universe:{market}", PACE)
