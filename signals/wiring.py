"""From settings to a bench of agents: who judges, how far ahead, by which thresholds, and what they have learned."""

from dataclasses import replace
from functools import cache, lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from marketdata.domain import Interval
from signals import gates, learning, orchestrator, roster, store
from signals.agents.base import Agent
from signals.domain import Horizon
from signals.judging import Bench
from signals.learning import State

UNITS = {"d": Interval.DAY, "m": Interval.MINUTE}


def horizons() -> tuple[Horizon, ...]:
    """The horizons of the settings."""
    return tuple(_horizon(name, settings.SIGNALS_COST_BP) for name in settings.SIGNALS_HORIZONS)


def horizon(name: str) -> Horizon | None:
    """The horizon of this name, if the settings have it."""
    return next((one for one in horizons() if one.name == name), None)


def agents(interval: Interval) -> dict[str, Agent]:
    """The agents that judge bars of an interval, by id, in the order of the settings."""
    return {agent.id: agent for agent in _seated(interval)[0]}


def weights(interval: Interval) -> dict[str, float]:
    """The weight of each of them."""
    return _seated(interval)[1]


def agent_set(interval: Interval) -> str:
    """The name of these agents with their versions, parameters and weights, and of the cost they are graded at."""
    named = orchestrator.agent_set(tuple(agents(interval).values()), weights(interval))
    return orchestrator.at_cost(named, settings.SIGNALS_COST_BP)


def graded(horizon: Horizon, agent_set: str) -> Horizon:
    """The horizon at the cost at which the signals of an agent set are graded, whatever the settings say now."""
    cost = orchestrator.cost_of(agent_set)
    return horizon if cost is None else replace(horizon, cost=cost)


def bench(horizon: Horizon, market: str) -> tuple[int | None, Bench]:
    """The bench of a horizon, and the version of what it has learned (None: nothing yet)."""
    found = store.newest_calibration(market, horizon.name, agent_set(horizon.interval))
    return found, bench_of(horizon, found)


def bench_of(horizon: Horizon, version: int | None) -> Bench:
    """The bench with what was learned up to a version."""
    of = horizon.interval
    return Bench(
        agents=tuple(agents(of).values()), weights=weights(of), agent_set=agent_set(of), horizon=horizon,
        limits=gates.read(of, settings.SIGNALS_GATES), state=None if version is None else _state(version),
    )  # fmt: skip


def is_ready(horizon: Horizon, market: str) -> bool:
    """Whether this horizon may be judged: days wait for history to be walked once, so that nobody judges untaught."""
    if horizon.interval is not Interval.DAY:
        return True
    return store.newest_calibration(market, horizon.name, agent_set(horizon.interval)) is not None


@lru_cache(maxsize=16)
def _state(version: int) -> State | None:
    found = store.calibration_of(version)
    return None if found is None else learning.from_json(found.state)


@cache
def _horizon(name: str, cost_bp: float) -> Horizon:
    count, unit = name[:-1], name[-1:]
    if unit not in UNITS or not count.isdigit() or int(count) < 1:
        raise ImproperlyConfigured(f"SIGNALS_HORIZONS has {name!r}. Write it like 5d (sessions) or 30m (minutes).")
    return Horizon(interval=UNITS[unit], bars=int(count), cost=cost_bp / 10_000)


def _seated(interval: Interval) -> tuple[tuple[Agent, ...], dict[str, float]]:
    return _seated_of(interval, repr(settings.SIGNALS_AGENTS))


@lru_cache(maxsize=8)
def _seated_of(interval: Interval, entries: str) -> tuple[tuple[Agent, ...], dict[str, float]]:
    try:
        return roster.seated(roster.roster(settings.SIGNALS_AGENTS), interval)
    except roster.BrokenAgent as error:
        raise ImproperlyConfigured(str(error)) from error
