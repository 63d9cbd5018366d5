"""Where today's 30-day volatility stands among the underlying's own earlier sessions."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

SESSIONS, LEAST = 252, 60
"""Sessions that are looked back on, and of these how many must be known."""


class Standing(NamedTuple):
    """Rank and percentile (0 to 100), the number of earlier sessions known, and why there is no rank or percentile."""

    rank: float | None
    percentile: float | None
    sessions: int
    no_rank: str = ""
    no_percentile: str = ""


def standing(today: float | None, past: Sequence[float | None]) -> Standing:
    """Of an iv30 (fraction) against those of the earlier sessions, oldest first; never filled up with anything else.

    Rank: 100·(today − least) / (most − least) of the last 252 sessions, today's with them. Percentile: the share of
    the earlier sessions that were below today's.
    """
    last = np.array([np.nan if one is None else one for one in past[-SESSIONS:]], np.float64)
    known = last[np.isfinite(last)]
    if today is None:
        return Standing(None, None, len(known), *["there is no 30-day volatility today"] * 2)
    if len(known) < LEAST:
        return Standing(None, None, len(known), *[f"{len(known)} of {LEAST} sessions that are needed"] * 2)
    percentile = 100 * float((known < today).mean())
    least, most = min(known.min(), today), max(known.max(), today)
    if most <= least:
        return Standing(None, percentile, len(known), "it was the same in all sessions")
    return Standing(100 * float((today - least) / (most - least)), percentile, len(known))
