"""Prices of before a split, made comparable with those after it, in files that give them raw."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

RATIOS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50)
NEAR = 0.12
"""How far the open after a split may lie from the ratio: the market moves that night too."""

Floats = NDArray[np.float64]


def adjusting(
    start: NDArray[np.int64], first: Floats, last: Floats, known: Sequence[float | None] | None = None
) -> tuple[Floats, list[str]]:
    """What to multiply each row's prices by, and a note of each split that was only guessed.

    `known`: new shares for an old one on each row's day, 1 for no split. Without it, an open near a whole multiple
    (or fraction) of the close before is taken for a split: no such night is a market's.
    """
    found = _guessed(first, last) if known is None else np.array([one or 1.0 for one in known], np.float64)
    at = np.flatnonzero(found != 1.0)
    notes = [_note(int(start[i]), float(found[i])) for i in at] if known is None else []
    after = np.append(found[1:], 1.0)
    return np.asarray(1.0 / np.cumprod(after[::-1])[::-1], np.float64), notes


def _guessed(first: Floats, last: Floats) -> Floats:
    """New shares for an old one on each day, as far as the prices tell."""
    found = np.ones(len(first))
    night = last[:-1] / first[1:]
    for ratio in RATIOS:
        found[1:][np.abs(night / ratio - 1) < NEAR * (1 if ratio > 2 else 0.6)] = ratio
        found[1:][np.abs(night * ratio - 1) < NEAR * (1 if ratio > 2 else 0.6)] = 1.0 / ratio
    return found


def _note(second: int, split: float) -> str:
    day = datetime.fromtimestamp(second, UTC).date()
    told = f"{split:.0f} for 1" if split > 1 else f"1 for {1 / split:.0f}"
    return f"has raw prices; its jump of {day} is taken for a split, {told}"
