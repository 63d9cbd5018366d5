"""What every agent is, and the few things they share: an opinion from a score, its hash, its limits."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Bars, Interval
from options.domain import ChainSummary
from signals.domain import Evidence, MarketView, Opinion

Floats = NDArray[np.float64]

BOTH = frozenset({Interval.MINUTE, Interval.DAY})
DAILY = frozenset({Interval.DAY})
INTRADAY = frozenset({Interval.MINUTE})

NO_CHAIN = "no option chain of the last days"
WARMING = "too few bars, or bars that do not move"


class Unsound(ValueError):
    """What an agent said is no opinion of its own that could be counted, stored and told."""


@runtime_checkable
class Agent(Protocol):
    """A frozen dataclass whose fields are its parameters. The same view gives the same opinion, to the last bit."""

    @property
    def id(self) -> str:
        """Its name in settings, signals and records."""
        ...

    @property
    def version(self) -> int:
        """Raised with every change of what a score means: records of different versions are never pooled."""
        ...

    @property
    def intervals(self) -> frozenset[Interval]:
        """The bars it can judge."""
        ...

    def opinion(self, view: MarketView) -> Opinion:
        """What it thinks of the last bar of the view; without a score where its inputs are absent. Never raises."""
        ...


@runtime_checkable
class BarAgent(Agent, Protocol):
    """An agent that needs nothing but bars."""

    def scores(self, bars: Bars) -> Floats:
        """Its score after each bar (-1 to 1; NaN: abstains). Element i depends on bars[: i + 1] only.

        The last element is the score of `opinion` over the same bars, bit for bit.
        """
        ...


def parameters_hash(agent: Agent) -> str:
    """Twelve hex digits that tell this agent, version and parameters from every other."""
    known: Any = agent
    return _hash(known)


def opine(agent: Agent, scores: Floats, evidence: Callable[[float], tuple[Evidence, ...]]) -> Opinion:
    """The opinion of the last score, with its evidence; abstains where there is none."""
    score = float(scores[-1]) if len(scores) else float("nan")
    return abstain(agent, WARMING) if np.isnan(score) else opine_once(agent, score, evidence(score))


def opine_once(agent: Agent, score: float, evidence: tuple[Evidence, ...]) -> Opinion:
    """The opinion of an agent that has a score."""
    return Opinion(
        agent=agent.id, version=agent.version, parameters=parameters_hash(agent), score=score, evidence=evidence
    )


def abstain(agent: Agent, reason: str) -> Opinion:
    """No score, and why."""
    return Opinion(
        agent=agent.id, version=agent.version, parameters=parameters_hash(agent), score=None, abstains=reason
    )


def sound(agent: Agent, said: Any) -> Opinion:
    """What an agent said, if it is an opinion of its own, with plain numbers and a score from -1 to 1, whose sentences
    can be told; raises Unsound."""
    if not isinstance(said, Opinion) or (said.agent, said.version) != (agent.id, agent.version):
        raise Unsound(f"it said {said!r:.60}: give an Opinion of {agent.id} version {agent.version}")
    try:
        plain = msgspec.json.decode(msgspec.json.encode(said), type=Opinion)
        _ = [one.text for one in plain.evidence]
    except (TypeError, ValueError, LookupError) as error:
        raise Unsound(f"{error}: numbers are Python's finite floats, words have {{value}} and {{threshold}}") from error
    # In JSON, what is no finite number is null.
    if said.score is not None and (plain.score is None or not -1.0 <= plain.score <= 1.0):
        raise Unsound(f"the score {said.score} is not from -1 to 1")
    return plain


def limited(scores: Floats) -> Floats:
    """Scores held within -1 and 1; NaN stays."""
    return np.clip(scores, -1.0, 1.0)


def limit(score: float) -> float:
    """One score held within -1 and 1."""
    return min(1.0, max(-1.0, score))


def last_chain(view: MarketView, max_days: float) -> ChainSummary | None:
    """The newest option chain that was known at the view's moment, None where it is older than `max_days`."""
    known = [one for one in view.summaries if one.taken_at <= view.at]
    newest = max(known, key=lambda one: one.taken_at, default=None)
    return newest if newest is not None and view.at - newest.taken_at <= timedelta(days=max_days) else None


@lru_cache(maxsize=256)
def _hash(agent: Any) -> str:
    what = {"id": agent.id, "version": agent.version, "parameters": asdict(agent)}
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:12]
