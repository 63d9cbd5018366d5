"""From settings to agents: each entry of SIGNALS_AGENTS is a class by its dotted path, its weight and its bars. Pure.

    "rsi_reversal": {"AGENT": "signals.agents.rsi_reversal.RsiReversal", "WEIGHT": 1.0, "INTERVALS": ("1d", "1m"),
                     "OPTIONS": {"bars": 14}}

All but AGENT may be absent: weight 1, every interval that the agent can judge, its own parameters.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from math import isfinite
from typing import Any

from marketdata.domain import Interval
from signals.agents.base import Agent

KEYS = {"AGENT", "WEIGHT", "INTERVALS", "OPTIONS"}


class BrokenAgent(ValueError):
    """An entry of SIGNALS_AGENTS that cannot be used; the message names the entry, the cause and the remedy."""

    def __init__(self, name: str, cause: str, remedy: str) -> None:
        super().__init__(f"SIGNALS_AGENTS[{name!r}]: {cause}. {remedy}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An agent with its weight in the consensus (0: it is heard and does not count) and the bars it judges."""

    agent: Agent
    weight: float
    intervals: frozenset[Interval]


def roster(entries: Mapping[str, Mapping[str, Any]]) -> tuple[Seat, ...]:
    """The seats in the order of the settings; raises BrokenAgent for the first entry that cannot be used."""
    return tuple(_seat(name, entry) for name, entry in entries.items())


def seated(seats: tuple[Seat, ...], interval: Interval) -> tuple[tuple[Agent, ...], dict[str, float]]:
    """The agents that judge these bars, and the weight of each by its id."""
    here = [seat for seat in seats if interval in seat.intervals]
    return tuple(seat.agent for seat in here), {seat.agent.id: seat.weight for seat in here}


def _seat(name: str, entry: Mapping[str, Any]) -> Seat:
    if unknown := set(entry) - KEYS:
        raise BrokenAgent(name, f"it has {', '.join(sorted(unknown))}", f"An entry has {', '.join(sorted(KEYS))}.")
    agent = _agent(name, entry)
    return Seat(agent=agent, weight=_weight(name, entry), intervals=_intervals(name, entry, agent))


def _agent(name: str, entry: Mapping[str, Any]) -> Agent:
    path = str(entry.get("AGENT") or "no AGENT")
    built = _built(name, path, entry)
    if not isinstance(built, Agent):
        raise BrokenAgent(name, f"{path} is no agent", "It needs id, version, intervals and opinion(view).")
    if built.id != name:
        raise BrokenAgent(name, f"{path} calls itself {built.id!r}", f"Name the entry {built.id!r}.")
    return built


def _built(name: str, path: str, entry: Mapping[str, Any]) -> Any:
    module, _, attribute = path.rpartition(".")
    try:
        built: Any = getattr(import_module(module), attribute)(**entry.get("OPTIONS", {}))
        hash(built), asdict(built)
    except Exception as error:
        remedy = "Give the dotted path of a frozen dataclass as AGENT, and as OPTIONS only fields it has."
        raise BrokenAgent(name, f"{path}: {type(error).__name__}: {error}", remedy) from error
    return built


def _weight(name: str, entry: Mapping[str, Any]) -> float:
    weight = entry.get("WEIGHT", 1.0)
    if not isinstance(weight, int | float) or not isfinite(weight) or weight < 0.0:
        raise BrokenAgent(name, f"WEIGHT is {weight!r}", "Give a number from 0 up; 1 is the usual weight.")
    return float(weight)


def _intervals(name: str, entry: Mapping[str, Any], agent: Agent) -> frozenset[Interval]:
    wanted = entry.get("INTERVALS", tuple(agent.intervals))
    can = sorted(one.value for one in agent.intervals)
    if isinstance(wanted, str) or not wanted or not {str(one) for one in wanted} <= set(can):
        raise BrokenAgent(name, f"INTERVALS is {wanted!r}", f"It can judge {', '.join(can)}: give some of these.")
    return frozenset(Interval(one) for one in wanted)
