"""A turn of the judge: whatever closed since the last one is judged, stored and announced."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from marketdata import store as market_store
from marketdata.domain import Interval
from signals import hashing, issue, judging, standing, store, universe, viewing, wiring
from signals.domain import Action, Decision, Horizon, Knowledge, Lean, Outcome
from signals.gates import Limits, Past

ACTING = (Action.BUY, Action.SELL)


def run(interval: Interval, market: str, now: datetime) -> int:
    """Judge the last closed bar of each symbol that has a new one; returns how many decisions were stored.

    Bars that closed while nobody judged are passed over: nobody could have acted on them.
    """
    horizons = [one for one in wiring.horizons() if one.interval is interval and wiring.is_ready(one, market)]
    due = _due(horizons, interval, market, now)
    if not due:
        return 0
    with transaction.atomic():
        turn = viewing.look(sorted(due), interval, market, now)
        return sum(len(_judge(turn, horizon, market)) for horizon in horizons)


def past_of(market: str, horizon: Horizon, at: datetime, limits: Limits, upto: int) -> list[Outcome]:
    """The outcomes that protections look back on, as far as they were known (number `upto`)."""
    bars = max(limits.guard_span, limits.drawdown_span, limits.low_span)
    since = at - bars * horizon.interval.length
    return store.outcomes(market, horizon.name, since=since, upto=upto, actions=[one.value for one in ACTING])


def past(symbol: str, outcomes: Sequence[Outcome], last: dict[str, tuple[datetime, str, str]]) -> Past:
    """What a judgement of this symbol looks back on."""
    announced = last.get(symbol)
    if announced is None:
        return Past(outcomes=outcomes)
    at, action, lean = announced
    return Past(outcomes=outcomes, announced_at=at, announced=Action(action), lean=Lean(lean))


def _due(horizons: Sequence[Horizon], interval: Interval, market: str, now: datetime) -> set[str]:
    symbols = universe.judged(market, interval)
    starts = market_store.last_starts(symbols, interval, market, now) if horizons else {}
    due: set[str] = set()
    for horizon in horizons:
        judged = store.last_judged(market, horizon.name, symbols)
        for symbol, start in starts.items():
            at = viewing.ended(start, interval, market)
            if at <= now and (symbol not in judged or judged[symbol] < at):
                due.add(symbol)
    return due


def _judge(turn: viewing.Turn, horizon: Horizon, market: str) -> list[Decision]:
    if not turn.views:
        return []
    version, bench = wiring.bench(horizon, market)
    upto, symbols = store.last_outcome(market, horizon.name), list(turn.views)
    first = min(view.at for view in turn.views.values())
    outcomes, last = (
        past_of(market, horizon, first, bench.limits, upto),
        store.last_announced(market, horizon.name, symbols),
    )
    watched = set(market_store.watchlist()) if settings.SIGNALS_ANNOUNCE_LEANS else set()
    timed, parameters = [standing.Timed(agent) for agent in bench.agents], bench.parameters
    bench = replace(bench, agents=tuple(timed))
    decisions = []
    for symbol, view in turn.views.items():
        parts = hashing.parts(view)
        known = Knowledge(
            run=turn.run, quote=view.quote, condition=view.condition, calibration=version, outcomes=upto,
            parameters=parameters, parts=hashing.short(parts),
        )  # fmt: skip
        signal = judging.judge(
            view, turn.now, bench, looked_back := past(symbol, outcomes, last), hashing.digest(parts)
        )
        told = judging.announces(signal, looked_back, symbol in watched)
        decisions.append(Decision(signal=signal, judged_at=turn.now, knowledge=known, announces=told))
    standing.note_agents(horizon.interval, {one.id: one for one in timed})
    return issue.decisions(decisions, market)
