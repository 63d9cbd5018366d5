"""Outcomes as columns, so that a hundred thousand are grouped in an instant. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from signals.domain import Lean, Outcome

Floats = NDArray[np.float64]
SIGN = {Lean.UP: 1.0, Lean.DOWN: -1.0, Lean.FLAT: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """N outcomes. `sign`: 1 up, −1 down, 0 flat; absent numbers are NaN; `end`: epoch seconds; `in_range` 0 or 1."""

    sign: Floats
    gross: Floats
    net: Floats
    confidence: Floats
    base: Floats
    in_range: Floats
    end: NDArray[np.int64]
    symbol: NDArray[np.str_]
    regime: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.sign)

    def where(self, mask: NDArray[np.bool_]) -> "Columns":
        """Those of them."""
        return Columns(**{one.name: getattr(self, one.name)[mask] for one in fields(self)})

    @property
    def won(self) -> Floats:
        """1 where money was left after costs."""
        return (self.net > 0).astype(np.float64)


def columns(outcomes: Sequence[Outcome]) -> Columns:
    """Outcomes as columns, in their order."""

    def floats(values: list[float | bool | None]) -> Floats:
        return np.array(values, np.float64)

    return Columns(
        sign=floats([SIGN[one.lean] for one in outcomes]), gross=floats([one.gross for one in outcomes]),
        net=floats([one.net for one in outcomes]), confidence=floats([one.confidence for one in outcomes]),
        base=floats([one.base_rate for one in outcomes]), in_range=floats([one.in_range for one in outcomes]),
        end=np.array([int(one.exited_at.timestamp()) for one in outcomes], np.int64),
        symbol=np.array([one.symbol for one in outcomes], dtype=np.str_),
        regime=np.array([one.regime for one in outcomes], dtype=np.str_),
    )  # fmt: skip


def as_if(known: Columns, scores: Floats, lean_above: float, cost: float) -> Columns:
    """The same outcomes as if these scores (NaN: abstained, left out) had been the leans, without a confidence."""
    sign = np.where(scores > lean_above, 1.0, np.where(scores < -lean_above, -1.0, 0.0))
    net = np.where(sign < 0, -known.gross, known.gross) - cost
    absent = np.full(len(known), np.nan)
    return replace(known, sign=sign, net=net, confidence=absent, base=absent).where(~np.isnan(scores))
