"""The roll call: who judges, when each agent last spoke, how long it took, and how its own leans did."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from marketdata import wiring as market_wiring
from marketdata.domain import Interval
from marketdata.wire import instant, number
from signals import judging, records, standing, wire, wiring
from signals.agents.base import Agent, parameters_hash
from signals.domain import Horizon, Record

OK, ABSTAINS, IDLE, FAILING = "ok", "abstains", "idle", "failing"
STATUSES = (OK, ABSTAINS, IDLE, FAILING)
Figures = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An agent where it judges: `share` of the weights of all who judge the same bars."""

    agent: Agent
    intervals: tuple[Interval, ...]
    weight: float
    share: float


def said() -> dict[str, Any]:
    """All agents in the order of the settings, and the judge; raises redis.RedisError."""
    figures = standing.figures()
    judge = _judge(figures)
    market = market_wiring.market()
    return {"agents": [_agent(seat, figures, judge, market) for seat in seats()], "judge": judge}


def seats() -> list[Seat]:
    """Who judges anything, in the order of the settings."""
    found = []
    for name in settings.SIGNALS_AGENTS:
        intervals = tuple(one for one in wiring.UNITS.values() if name in wiring.agents(one))
        if intervals:
            weights = wiring.weights(intervals[0])
            share = weights[name] / (sum(weights.values()) or 1.0)
            agent = wiring.agents(intervals[0])[name]
            found.append(Seat(agent=agent, intervals=intervals, weight=weights[name], share=share))
    return found


def _agent(seat: Seat, figures: Figures, judge: dict[str, Any], market: str) -> dict[str, Any]:
    heard = [figures[key] for one in seat.intervals if (key := f"agent:{one}:{seat.agent.id}") in figures]
    last = max(heard, key=lambda one: one["at"], default=None)
    status, reason = _status(last, judge)
    horizon = next((one for one in wiring.horizons() if one.interval in seat.intervals), None)
    return {
        "agent": seat.agent.id, "version": seat.agent.version, "intervals": [one.value for one in seat.intervals],
        "weight": number(seat.weight), "share": number(seat.share), "parameters": parameters_hash(seat.agent),
        "status": status, "reason": reason, "last_run": last and _instant(last["at"]),
        "took_ms": last and last["milliseconds"], "opinions": last["opinions"] if last else 0,
        "abstained": last["abstained"] if last else 0, "horizon": horizon and horizon.name,
        "record": wire.record(_record(seat, market, horizon)) if horizon else None,
    }  # fmt: skip


def _status(last: dict[str, Any] | None, judge: dict[str, Any]) -> tuple[str, str | None]:
    if not judge["running"] and judge["last"]:
        return FAILING, f"The judge was last heard of at {judge['last']}: see the worker's log"
    if last is None:
        return IDLE, "It has judged no bar yet"
    if (last["reason"] or "").startswith(judging.FAILED):
        return FAILING, last["reason"]
    return (OK if last["opinions"] else ABSTAINS), last["reason"]


def _record(seat: Seat, market: str, horizon: Horizon) -> Record | None:
    """Of its own leans, in the outcomes of the agent set of now: those of another may be another version's."""
    found = records.records(market, horizon, wiring.agent_set(horizon.interval)).of("agent")
    return next((one.record for one in found if one.key == seat.agent.id), None)


def _judge(figures: Figures) -> dict[str, Any]:
    looked = figures.get(f"judge:{Interval.DAY}", {}).get("at")
    turns = [figures[key] for one in wiring.UNITS.values() if (key := f"turn:{one}") in figures]
    turn = max(turns, key=lambda one: one["at"], default={})
    return {
        "running": looked is not None and time.time() - looked < standing.LASTS,
        "last": None if looked is None else _instant(looked),
        "judged_at": _instant(turn["at"]) if turn else None, "seconds": turn.get("seconds"),
        "judged": turn.get("judged"),
    }  # fmt: skip


def _instant(second: float) -> str | None:
    return instant(datetime.fromtimestamp(second, UTC).replace(microsecond=0))
