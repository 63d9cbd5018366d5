"""What a stored signal would have said otherwise: without an agent, with another threshold, and what turns it. Pure.

Recomputed from the stored votes alone. It tells nothing of how such signals would have done: their record is that of
the agent set that issued them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from signals.domain import Lean, Opinion
from signals.orchestrator import LEANS_FROM, Consensus, combine, lean_of

Weights = Mapping[str, float] | None
HAIR = 1e-9
"""By how much more than reaching a threshold one is beyond it."""


class Kind(StrEnum):
    """What is changed."""

    WITHOUT = "without"
    """The agent had no opinion."""
    SCORE = "score"
    """The agent's score was another."""
    THRESHOLD = "threshold"
    """The score from which agents lean anywhere was another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change that turns the lean into `lean`; `before` and `after` are what is changed (None: no opinion)."""

    kind: Kind
    agent: str
    before: float
    after: float | None
    lean: Lean

    @property
    def size(self) -> float:
        """How much is changed: of an agent left out, all of its score."""
        return abs(self.before - (self.after or 0.0))


def without(
    opinions: Sequence[Opinion], agent: str, weights: Weights = None, threshold: float = LEANS_FROM
) -> Consensus:
    """What the others say."""
    return combine([one for one in opinions if one.agent != agent], weights, threshold)


def with_threshold(opinions: Sequence[Opinion], threshold: float, weights: Weights = None) -> Consensus:
    """What all of them say if they lean only from this score on (0 to 1)."""
    return combine(opinions, weights, threshold)


def changes(opinions: Sequence[Opinion], weights: Weights = None, threshold: float = LEANS_FROM) -> tuple[Change, ...]:
    """The single changes that turn the lean: an agent left out, its score moved just far enough, the threshold.

    Smallest first; scores stay within -1 and 1.
    """
    now = combine(opinions, weights, threshold)
    voted = sorted((one for one in opinions if one.score is not None), key=lambda one: one.agent)
    found = [*_left_out(voted, now, weights), *_moved(voted, now, weights), *_thresholds(now)]
    return tuple(sorted(found, key=lambda one: (one.size, one.kind, one.agent)))


def nearest(opinions: Sequence[Opinion], weights: Weights = None, threshold: float = LEANS_FROM) -> Change | None:
    """The smallest of these changes; None where no single one turns the lean."""
    return next(iter(changes(opinions, weights, threshold)), None)


def _left_out(voted: Sequence[Opinion], now: Consensus, weights: Weights) -> Iterator[Change]:
    for one in voted:
        other = without(voted, one.agent, weights, now.threshold)
        if other.lean is not now.lean:
            yield Change(kind=Kind.WITHOUT, agent=one.agent, before=one.score or 0.0, after=None, lean=other.lean)


def _moved(voted: Sequence[Opinion], now: Consensus, weights: Weights) -> Iterator[Change]:
    """The score of one agent at which the common score reaches a threshold; leaving it takes a hair more."""
    for one in voted:
        share, score = now.weights.get(one.agent, 0.0), one.score or 0.0
        for target in (now.threshold, -now.threshold) if share > 0.0 else ():
            after = score + (target - now.score) / share
            turned = _turned(voted, one, after, now, weights)
            if abs(after) <= 1.0 and turned is not now.lean:
                yield Change(kind=Kind.SCORE, agent=one.agent, before=score, after=after, lean=turned)


def _turned(voted: Sequence[Opinion], one: Opinion, after: float, now: Consensus, weights: Weights) -> Lean:
    """The lean just beyond that score, seen from where it stands (at the edge of a lean: out of it); no score is
    beyond 1."""
    way = after - (one.score or 0.0)
    rises = way > 0.0 if abs(way) > HAIR else now.score < 0.0
    beyond = min(1.0, max(-1.0, after + (HAIR if rises else -HAIR)))
    moved = [replace(other, score=beyond) if other is one else other for other in voted]
    return combine(moved, weights, now.threshold).lean


def _thresholds(now: Consensus) -> Iterator[Change]:
    """The least threshold that no longer lets it lean, or the greatest that does."""
    if now.score != 0.0:
        hair = HAIR if now.lean is not Lean.FLAT else -HAIR
        turned = lean_of(now.score, abs(now.score) + hair)
        yield Change(kind=Kind.THRESHOLD, agent="", before=now.threshold, after=abs(now.score), lean=turned)
