"""Before much is known of minutes: the last ones of history are walked once, one symbol after the other.

The walk ends where judging began, so that nothing is learned twice. It goes in pieces of some hours of one symbol, kept
in Redis until all are there: turns of the judge go between them, and who is killed goes on where he was, to the same
state.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from marketdata import calendar, gaps
from marketdata import store as market_store
from marketdata import wiring as market_wiring
from marketdata.cache import client
from marketdata.fetching import Outcome, Part, fetch
from marketdata.live import topics
from signals import learning, retracing, store, universe, viewing, wiring
from signals.agents.base import BarAgent
from signals.domain import Horizon
from signals.retracing import Course, Votes

PIECE, PIECES = 390, 3
"""Bars of a piece, and pieces of each symbol: three sessions of a share."""
BACK = timedelta(days=7)
"""How far back they are asked for: what the strictest vendor gives in one answer."""
MOST = 20
"""Symbols that are walked at most: each takes a second or two of work, and one question to a vendor."""
KEPT = 6 * 3600
"""Seconds for which pieces are kept, and for which nothing is tried again where there was nothing to walk."""
PATIENCE, PAUSE = 900, 30
"""Seconds after which what vendors are too busy for is done without, and between two such questions."""
_FROZEN, _NOTHING = "until", "nothing"


@dataclass(frozen=True, slots=True)
class _Plan:
    """The walk of a horizon and agent set: up to when, tried since when, and the pieces that are done.

    `starts` (epoch seconds): all bars that the calendar has up to then, as far back as they are asked for.
    """

    horizon: Horizon
    market: str
    agent_set: str
    key: str
    until: datetime
    began: datetime
    pieces: Mapping[str, bytes]
    starts: NDArray[np.int64]

    @property
    def edges(self) -> list[int]:
        """Where pieces begin and end."""
        return [*self.starts[-PIECE * PIECES :: PIECE].tolist(), int(self.until.timestamp())]


def recall(horizon: Horizon, market: str, now: datetime) -> int | None:
    """One piece of the walk, where nothing is known of this horizon yet; the last piece returns the new version."""
    agent_set = wiring.agent_set(horizon.interval)
    if store.newest_calibration(market, horizon.name, agent_set) is not None:
        return None
    plan = _plan(horizon, market, agent_set, now)
    if _NOTHING in plan.pieces:
        return None
    for symbol in universe.judged(market, horizon.interval)[:MOST]:
        for number in range(len(plan.edges) - 1):
            if (name := f"{symbol} {number}") not in plan.pieces:
                if number or _gather(symbol, plan, now):
                    client().hset(plan.key, name, _packed(_votes(symbol, number, plan)))
                return None
    return _finish(plan, now)


def _plan(horizon: Horizon, market: str, agent_set: str, now: datetime) -> _Plan:
    """The plan as it was first made: a later one would end where live outcomes are."""
    key = f"{topics.ASKED}recall:{market}:{horizon.name}:{agent_set}"
    if not client().hexists(key, _FROZEN):
        until = store.first_judged(market, horizon.name, agent_set) or now.replace(second=0, microsecond=0)
        client().hset(key, _FROZEN, f"{until.isoformat()} {now.isoformat()}")
        client().expire(key, KEPT)
    told: dict[bytes, bytes] = client().hgetall(key)  # type: ignore[assignment]
    pieces = {name.decode(): one for name, one in told.items()}
    until, began = map(datetime.fromisoformat, pieces.pop(_FROZEN).decode().split())
    starts = [int(one.timestamp()) for one in calendar.expected_bars(horizon.interval, until - BACK, until, market)]
    return _Plan(horizon, market, agent_set, key, until, began, pieces, np.array(starts, np.int64))


def _gather(symbol: str, plan: _Plan, now: datetime) -> bool:
    """Ask for what the ledger lacks, as far as vendors are not too busy; False where it must wait."""
    interval, market, starts = plan.horizon.interval, plan.market, plan.starts[-(PIECE * PIECES + viewing.WINDOW) :]
    if market == market_wiring.RECORDED or not len(starts) or now - plan.began > timedelta(seconds=PATIENCE):
        return True
    if client().exists(f"{plan.key}:busy"):
        return False
    window = gaps.Window(symbol, interval, market, datetime.fromtimestamp(int(starts[0]), UTC), plan.until)
    for span in gaps.chunks(gaps.lacking(window, now), window):
        if fetch(Part(symbol, interval, market, *span)).outcome is Outcome.BUSY:
            client().set(f"{plan.key}:busy", b"", ex=PAUSE)
            return False
    return True


def _votes(symbol: str, number: int, plan: _Plan) -> Votes | None:
    """What the agents say of the bars of this piece that have a whole view behind them; None without any."""
    interval, count = plan.horizon.interval, PIECE * PIECES + 2 * viewing.WINDOW
    bars = market_store.windows([symbol], interval, plan.market, plan.until, count).get(symbol)
    if bars is None:
        return None
    first, end = np.searchsorted(bars.start, plan.edges[number : number + 2])
    first = max(int(first) - viewing.WINDOW + 1, 0)
    return retracing.votes(retracing.cut(bars, first, end), _agents(plan), plan.horizon.bars, viewing.WINDOW)


def _finish(plan: _Plan, now: datetime) -> int | None:
    """Learn from all pieces, unless something was learned live in the meantime."""
    found = _joined(plan)
    known = retracing.retraced(found, _course(plan)) if found else None
    if known is None:
        client().hset(plan.key, _NOTHING, b"")
        return None
    state, through = known
    told = learning.to_json(state) | {"walked": len(found)}
    with transaction.atomic():
        store.lock()
        if store.newest_calibration(plan.market, plan.horizon.name, plan.agent_set) is not None:
            return None
        version = store.save_calibration(
            plan.market, plan.horizon.name, plan.agent_set, told, made_at=now, through=through, outcomes=0,
            is_warm=True,
        )  # fmt: skip
    client().delete(plan.key)
    return version


def _course(plan: _Plan) -> Course:
    """Up to the end of the plan, or to the first bar that was judged live since it was made, if that is earlier."""
    interval, judged = plan.horizon.interval, store.first_judged(plan.market, plan.horizon.name, plan.agent_set)
    return Course(
        market=plan.market, horizon=plan.horizon, agent_set=plan.agent_set, agents=list(wiring.agents(interval)),
        weights=wiring.weights(interval), expected=plan.starts,
        until=min(plan.until, judged) if judged else plan.until,
    )  # fmt: skip


def _agents(plan: _Plan) -> dict[str, BarAgent]:
    found = wiring.agents(plan.horizon.interval)
    return {id_: one for id_, one in sorted(found.items()) if isinstance(one, BarAgent)}


def _packed(votes: Votes | None) -> bytes:
    """Rows of numbers one after the other; nothing where there is none."""
    if votes is None or not len(votes.start):
        return b""
    columns = [votes.start, votes.open, votes.close, votes.spread, *votes.scores.values()]
    return np.array(columns, "<f8").tobytes()


def _joined(plan: _Plan) -> dict[str, Votes]:
    """The pieces of each symbol as one."""
    agents, pieces = list(_agents(plan)), defaultdict(list)
    for name, told in sorted(plan.pieces.items()):
        if told:
            pieces[name.partition(" ")[0]].append(np.frombuffer(told, "<f8").reshape(4 + len(agents), -1))
    return {symbol: _unpacked(np.hstack(one), agents) for symbol, one in pieces.items()}


def _unpacked(columns: NDArray[np.float64], agents: Sequence[str]) -> Votes:
    start, opened, close, spread, *scores = columns
    return Votes(
        start=start.astype(np.int64), open=opened, close=close, spread=spread,
        scores=dict(zip(agents, scores, strict=True)),
    )  # fmt: skip
