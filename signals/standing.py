"""How the judge and each agent are doing, kept in Redis for every door to tell."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from marketdata import counters
from marketdata.cache import client
from marketdata.domain import Interval
from marketdata.live import topics
from signals import judging
from signals.agents.base import Agent, sound
from signals.domain import MarketView, Opinion

log = logging.getLogger(__name__)
LASTS = 120.0
"""Seconds after which a judge that was not heard of is taken for stopped."""


@dataclass(slots=True)
class Timed:
    """An agent, and what it took and said in this turn."""

    agent: Agent
    seconds: float = 0.0
    opinions: int = 0
    abstained: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its agent's."""
        return self.agent.id

    @property
    def version(self) -> int:
        """Its agent's."""
        return self.agent.version

    @property
    def intervals(self) -> frozenset[Interval]:
        """Its agent's."""
        return self.agent.intervals

    def opinion(self, view: MarketView) -> Opinion:
        """Its agent's opinion."""
        began = time.perf_counter()
        self.opinions += 1
        try:
            said = sound(self.agent, self.agent.opinion(view))
        except Exception as error:
            log.exception("Agent %s failed at %s", self.id, view.symbol)
            said = judging.failed(self.agent, error)
        self.seconds += time.perf_counter() - began
        if said.score is None:
            self.abstained += 1
            self.reasons[said.abstains] = self.reasons.get(said.abstains, 0) + 1
        return said


def note_turn(interval: Interval, judged: int, seconds: float) -> None:
    """The judge looked at an interval, and judged so many."""
    client().hset(topics.AGENTS, f"judge:{interval}", msgspec.json.encode({"at": time.time()}))  # type: ignore[arg-type]
    if judged:
        told = {"at": time.time(), "judged": judged, "seconds": round(seconds, 3)}
        client().hset(topics.AGENTS, f"turn:{interval}", msgspec.json.encode(told))  # type: ignore[arg-type]
        counters.add(signals_judged=judged)


def note_agents(interval: Interval, agents: Mapping[str, Timed]) -> None:
    """What each agent took and said in a turn."""
    told = {
        f"agent:{interval}:{id_}": msgspec.json.encode({
            "at": time.time(), "milliseconds": round(1000 * one.seconds / max(one.opinions, 1), 3),
            "opinions": one.opinions - one.abstained, "abstained": one.abstained,
            "reason": max(one.reasons, key=one.reasons.__getitem__) if one.reasons else None,
        })
        for id_, one in agents.items()
    }  # fmt: skip
    if told:
        client().hset(topics.AGENTS, mapping=told)  # type: ignore[arg-type]


def figures() -> dict[str, dict[str, Any]]:
    """All of it: judge:INTERVAL (at), turn:INTERVAL (at, judged, seconds), agent:INTERVAL:ID (at, milliseconds an
    opinion, opinions, abstained, the most frequent reason of abstaining)."""
    found: dict[bytes, bytes] = client().hgetall(topics.AGENTS)  # type: ignore[assignment]
    return {name.decode(): msgspec.json.decode(text) for name, text in found.items()}


def is_running() -> bool:
    """Whether the judge looked at the market lately."""
    text = client().hget(topics.AGENTS, f"judge:{Interval.DAY}")
    return isinstance(text, bytes) and time.time() - msgspec.json.decode(text)["at"] < LASTS
