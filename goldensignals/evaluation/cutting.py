"""No look-ahead: cut the input, walk again, and compare all that was said before the cut, bit for bit."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from marketdata.domain import Bars
from signals import walking
from signals.domain import Horizon
from signals.panel import Scoring
from signals.walking import SIDES, Walk

CUTS = (0.31, 0.57, 0.83)
"""Where in the rows: dates without a meaning."""
COLUMNS = ("start", "open", "high", "low", "close", "volume")


def changed(
    walk: Walk, bars: Mapping[str, Bars], agents: Mapping[str, Scoring], weights: Mapping[str, float], horizon: Horizon
) -> int:
    """How many numbers that were said before a cut came out otherwise without what lies behind it; 0 is the promise."""
    found = 0
    for part in CUTS:
        row = int(part * len(walk.panel.rows))
        end = int(walk.panel.rows[row])
        kept = {symbol: shorter for symbol, one in bars.items() if len(shorter := _before(one, end))}
        again = walking.walk(kept, agents, weights, horizon)
        columns = [walk.panel.symbols.index(symbol) for symbol in again.panel.symbols]
        found += _different(walk, again, row, columns)
    return found


def _different(walk: Walk, again: Walk, row: int, columns: list[int]) -> int:
    pairs = [(walk.quantile[:row], again.quantile), (walk.panel.spread[:row, columns], again.panel.spread)]
    for name in walk.names:
        for side in SIDES:
            pairs += [
                (walk.said(field, side, name)[:row, columns], again.said(field, side, name)) for field in walk.tables
            ]
    return sum(int((~((a == b) | (np.isnan(a) & np.isnan(b)))).sum()) for a, b in pairs)


def _before(bars: Bars, end: int) -> Bars:
    keep = bars.start < end
    return replace(bars, **{name: getattr(bars, name)[keep] for name in COLUMNS})
