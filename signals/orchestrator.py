"""Many opinions, one score: the weighted mean of those who have one. Pure, and the same whatever their order.

Equal weights by default: on real daily bars neither multiplicative weights nor a fit over the agents' scores beat them
out of sample, and weights that move change what a score means to the calibration (`weights` has a shrunken choice).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from signals.agents.base import Agent, parameters_hash
from signals.domain import Lean, Opinion

LEANS_FROM = 0.05
"""The score from which agents lean anywhere: the edges of the middle bin of the calibration."""

_UNIT = "bp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """What the agents say together.

    `score` is -1 to 1, and 0 where `weights` is empty because nobody had an opinion. `contributions` (agent -> signed
    share of the score) add up to it; `weights` (agent -> weight) are of those who took part, and add up to 1.
    """

    score: float
    lean: Lean
    threshold: float
    contributions: Mapping[str, float]
    weights: Mapping[str, float]
    abstained: tuple[str, ...]


def combine(
    opinions: Iterable[Opinion], weights: Mapping[str, float] | None = None, threshold: float = LEANS_FROM
) -> Consensus:
    """The weighted mean of the scores (an agent that `weights` does not name weighs 1); those who abstain are left out.

    The sums run in the order of the agents' ids, so that the same opinions give the same bits in any order.
    """
    ordered = sorted(opinions, key=lambda one: one.agent)
    scores = {one.agent: one.score for one in ordered if one.score is not None}
    weighs = {agent: _weight(weights, agent) for agent in scores}
    total, weight = _added(scores[agent] * weighs[agent] for agent in scores), _added(weighs.values())
    score = total / weight if weight > 0.0 else 0.0
    shares = {agent: one / weight for agent, one in weighs.items()} if weight > 0.0 else {}
    return Consensus(
        score=score,
        lean=lean_of(score, threshold),
        threshold=threshold,
        contributions={agent: share * scores[agent] for agent, share in shares.items()},
        weights=shares,
        abstained=tuple(one.agent for one in ordered if one.score is None),
    )


def lean_of(score: float, threshold: float = LEANS_FROM) -> Lean:
    """Up from the threshold, down from minus the threshold, flat between."""
    if abs(score) < threshold or score == 0.0:
        return Lean.FLAT
    return Lean.UP if score > 0.0 else Lean.DOWN


def agent_set(agents: Sequence[Agent], weights: Mapping[str, float] | None = None) -> str:
    """The name under which these agents, versions, parameters and weights have their record: count and hash."""
    parts = sorted([one.id, one.version, parameters_hash(one), _weight(weights, one.id)] for one in agents)
    return f"{len(agents)}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]}"


def at_cost(agent_set: str, basis_points: float) -> str:
    """The name of the record of these agents at this cost of a round trip: a win at another cost is another thing."""
    return f"{agent_set}-{basis_points:.10g}{_UNIT}"


def cost_of(agent_set: str) -> float | None:
    """The cost that `at_cost` put into a name, as a fraction of the price; None where there is none in it."""
    told = agent_set.rpartition("-")[2]
    return float(told.removesuffix(_UNIT)) / 10_000 if told.endswith(_UNIT) else None


def _added(values: Iterable[float]) -> float:
    """One after the other, as columns are added in a walk: the built-in sum rounds otherwise from Python 3.12 on."""
    total = 0.0
    for value in values:
        total += value
    return total


def _weight(weights: Mapping[str, float] | None, agent: str) -> float:
    return 1.0 if weights is None else weights.get(agent, 1.0)
