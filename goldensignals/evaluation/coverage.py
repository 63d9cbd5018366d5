"""Whether the intervals hold: what was said of a bin, against its hit rate over the next quarter."""

import numpy as np
from numpy.typing import NDArray

from signals import calibration
from signals.effective import CORRELATION
from signals.walking import SIDES, Walk

WINDOW, STEP = 63, 21
"""Sessions of a quarter, and from the start of one to that of the next: they overlap, for a steadier figure."""
LEAST = 30
"""Outcomes below which a bin's quarter is not looked at."""

Floats = NDArray[np.float64]


def deviations(walk: Walk, since: int) -> Floats:
    """For each quarter, bin and direction: how many standard errors its hit rate lay from the confidence said before.

    The error has two parts: the calibrator's own variance, and that of a hit rate of so few independent outcomes.
    """
    found = []
    panel, bins = walk.panel, calibration.bins(walk.panel.consensus)
    known = ~np.isnan(panel.consensus) & ~np.isnan(panel.gross)
    for side, sign in enumerate((1.0, -1.0)[: len(SIDES)]):
        won = sign * panel.gross > walk.cost
        for first in range(since, len(panel.rows) - WINDOW + 1, STEP):
            quarter = slice(first, first + WINDOW)
            for one in range(calibration.BINS):
                held = known[quarter] & (bins[quarter] == one)
                if (n := int(held.sum())) >= LEAST:
                    together = float((held.sum(axis=1) ** 2).sum()) / n
                    effect = walk.calibrator.terms.overlap * (1 + (together - 1) * CORRELATION)
                    said = walk.tables["confidence"][first, 0, side, one]
                    error = walk.tables["variance"][first, 0, side, one] + said * (1 - said) * min(1.0, effect / n)
                    found.append((won[quarter][held].mean() - said) / error**0.5)
    return np.array(found)


def held(deviations: Floats, width: float) -> float | None:
    """The share of hit rates within `width` standard errors; None where there was none."""
    return float((np.abs(deviations) <= width).mean()) if len(deviations) else None
