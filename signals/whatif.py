"""What-ifs of a stored signal as JSON has them, and what they are worth. Pure.

They are made again from the stored votes alone. While the outcome is open and the votes were calibrated when they were
cast, nobody can have chosen them by their result: out-of-sample. Once the outcome is known, or where nothing had been
learned, they are hindsight: in-sample.
"""

from collections.abc import Collection, Mapping
from typing import Any

from marketdata.wire import number
from signals import counterfactuals
from signals.counterfactuals import Change, Kind
from signals.domain import Decision, Lean, Opinion, Signal
from signals.orchestrator import LEANS_FROM, Consensus

LEANS = {Lean.UP: "up", Lean.DOWN: "down", Lean.FLAT: "nowhere"}
NOTE = "Made again from the stored votes; how such signals would have done is not known: no record is theirs."


def what_if(decision: Decision, is_graded: bool) -> dict[str, Any]:
    """What the vote would have been without each agent, and the single changes that turn its lean, smallest first."""
    one = decision.signal
    turning = counterfactuals.changes(one.opinions, one.weights) if one.weights else ()
    return {
        "sample": "out-of-sample" if decision.knowledge.calibration is not None and not is_graded else "in-sample",
        "note": NOTE,
        "threshold": LEANS_FROM,
        "without": [_without(one, agent) for agent in counted(one)],
        "changes": [_change(change) for change in turning],
        "nearest": words(turning[0]) if turning else None,
        "custom": None,
    }


def custom(one: Signal, without: Collection[str], threshold: float | None) -> dict[str, Any]:
    """What the vote would have been without these agents, leaning only from that score on."""
    floor = LEANS_FROM if threshold is None else threshold
    others = [opinion for opinion in one.opinions if opinion.agent not in without]
    found = _agreed(others, one.weights, floor)
    return {"without": sorted(without), "threshold": floor, **_said(found, one)}


def counted(one: Signal) -> list[str]:
    """The agents that had a share in the score, in the order of their opinions."""
    return [opinion.agent for opinion in one.opinions if one.weights.get(opinion.agent)]


def words(change: Change) -> str:
    """A change that turns the lean, in a sentence."""
    then = f"the agents would lean {LEANS[change.lean]}."
    if change.kind is Kind.WITHOUT:
        return f"Without {change.agent} {then}"
    if change.kind is Kind.SCORE:
        return f"Had {change.agent} said {change.after:+.2f} instead of {change.before:+.2f}, {then}"
    way = "above" if change.lean is Lean.FLAT else "at"
    return f"With a threshold {way} {change.after:.3f} instead of {change.before:.3f} {then}"


def _without(one: Signal, agent: str) -> dict[str, Any]:
    others = [opinion for opinion in one.opinions if opinion.agent != agent]
    return {"agent": agent, **_said(_agreed(others, one.weights, LEANS_FROM), one)}


def _agreed(opinions: list[Opinion], weights: Mapping[str, float], threshold: float) -> Consensus:
    """Of those that were counted: who is not in `weights` would weigh 1."""
    return counterfactuals.with_threshold([one for one in opinions if one.agent in weights], threshold, weights)


def _said(found: Consensus, one: Signal) -> dict[str, Any]:
    return {"score": number(found.score), "lean": found.lean.value, "flips": found.lean is not one.lean}


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value, "agent": change.agent or None, "before": number(change.before),
        "after": number(change.after), "lean": change.lean.value, "size": number(change.size), "words": words(change),
    }  # fmt: skip
