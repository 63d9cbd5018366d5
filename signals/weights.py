"""Weights by measured skill, shrunk towards equal ones. Pure; off unless a setting gives an agent another weight.

Off by default, because it did not help: out of sample on real daily bars, multiplicative weights (N. Littlestone and M.
Warmuth, The Weighted Majority Algorithm, 1994) scored no better than equal ones, and worse where a small edge was
planted. What is measured here is therefore shrunk hard (W. James and C. Stein, Estimation with Quadratic Loss, 1961).
"""

from collections.abc import Mapping
from dataclasses import dataclass

TAU = 0.02
"""The standard deviation of true edges over the base rate that is expected before anything was measured."""
LEAST, MOST = 0.5, 2.0
"""No agent is silenced, and none speaks for more than two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """An agent's own record: hit rate less base rate (fractions), and how many independent outcomes it stands on."""

    edge: float
    n_eff: float


def shrunk(skills: Mapping[str, Skill], tau: float = TAU) -> dict[str, float]:
    """Weights with mean 1: 1 + shrunken edge / tau, held within 0.5 and 2 before they are scaled.

    The edge is shrunk by tau^2 / (tau^2 + 0.25 / n_eff): with 625 independent outcomes by half.
    """
    raw = {agent: min(MOST, max(LEAST, 1.0 + _shrunken(skill, tau) / tau)) for agent, skill in sorted(skills.items())}
    mean = sum(raw.values()) / len(raw) if raw else 1.0
    return {agent: weight / mean for agent, weight in raw.items()}


def _shrunken(skill: Skill, tau: float) -> float:
    if skill.n_eff <= 0.0:
        return 0.0
    return skill.edge * tau**2 / (tau**2 + 0.25 / skill.n_eff)
