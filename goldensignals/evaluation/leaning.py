"""The leans of a walk that have an outcome, as columns: what would have been issued, and what became of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals import calibration
from signals.domain import Lean
from signals.walking import LEAN_ABOVE, Walk

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leans:
    """N leans up and down, by row. `votes`: share of the agents with an opinion that agreed."""

    row: NDArray[np.intp]
    confidence: Floats
    base: Floats
    won: Floats
    net: Floats
    long: Floats
    votes: Floats
    up: NDArray[np.bool_]

    @property
    def days(self) -> list[int]:
        """How many outcomes each row brought."""
        return [int(n) for n in np.unique(self.row, return_counts=True)[1]]


def leans(walk: Walk, since: int) -> Leans:
    """The leans of decisions from row `since` on."""
    panel, score = walk.panel, walk.panel.consensus
    issued = (np.abs(score) >= LEAN_ABOVE) & ~np.isnan(panel.gross) & (np.arange(len(score))[:, None] >= since)
    up = score > 0
    net = np.where(up, panel.gross, -panel.gross)[issued] - walk.cost
    return Leans(
        row=np.nonzero(issued)[0], confidence=_of(walk, "confidence")[issued], base=_of(walk, "base_rate")[issued],
        won=(net > 0).astype(np.float64), net=net, long=panel.gross[issued] - walk.cost, votes=_votes(walk)[issued],
        up=up[issued],
    )  # fmt: skip


def proven(walk: Walk, since: int) -> tuple[int, int]:
    """On how many symbol-days from row `since` on the leaning side was proven, and how many there were."""
    score = walk.panel.consensus[since:]
    known = ~np.isnan(score)
    sure = (_of(walk, "probability")[since:] >= calibration.SURE) & (_of(walk, "net")[since:] > 0)
    return int((sure & known).sum()), int(known.sum())


def _of(walk: Walk, field: str) -> Floats:
    """Of the side that the score is on."""
    return np.where(walk.panel.consensus > 0, walk.said(field, Lean.UP), walk.said(field, Lean.DOWN))


def _votes(walk: Walk) -> Floats:
    sign = np.sign(walk.panel.consensus)
    voices = np.zeros(sign.shape)
    agreed = np.zeros(sign.shape)
    for score in walk.panel.scores.values():
        voices += ~np.isnan(score) & (score != 0)
        agreed += np.sign(score) == sign
    return np.asarray(np.divide(agreed, voices, out=np.full(sign.shape, np.nan), where=voices > 0), np.float64)
