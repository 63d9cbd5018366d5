"""What became of a signal: entered at the next bar's open, left at the close of the horizon's last bar. Pure."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from marketdata.domain import Bars
from signals.domain import ExpectedRange, Horizon, Lean, Outcome, Signal

Floats = NDArray[np.float64]


def outcome(signal: Signal, bars: Bars, horizon: Horizon, regime: str = "") -> Outcome | None:
    """What became of `signal`, or None while the horizon's last bar has not closed.

    `bars` are of the signal's symbol and horizon's interval, adjusted for splits on one basis; those before the entry
    are passed over. Entry is the first bar that starts at or after the judged bar's end: never a price of that bar.
    """
    first = int(np.searchsorted(bars.start, signal.at.timestamp()))
    last = first + horizon.bars - 1
    if last >= len(bars) - bars.last_is_partial:
        return None
    entry, left = float(bars.open[first]), float(bars.close[last])
    gross = left / entry - 1.0
    net = net_of(signal.lean, gross, horizon.cost)
    return Outcome(
        signal=signal.id, market=signal.market, symbol=signal.symbol, horizon=signal.horizon, lean=signal.lean,
        action=signal.action, score=signal.score, confidence=signal.confidence, at=signal.at,
        entered_at=_instant(bars.start[first]), entry=entry,
        exited_at=_instant(bars.start[last]) + horizon.interval.length, exit=left, gross=gross, net=net, won=net > 0,
        in_range=inside(signal.expected, gross), regime=regime, agent_set=signal.agent_set,
        simulated=signal.simulated,
        opinions={one.agent: one.score for one in signal.opinions if one.score is not None},
    )  # fmt: skip


def net_of(lean: Lean, gross: float, cost: float) -> float:
    """The lean's return after the costs of a round trip (fractions); a flat one is scored as always long."""
    return (-gross if lean is Lean.DOWN else gross) - cost


def inside(expected: ExpectedRange | None, gross: float) -> bool | None:
    """Whether the return lay in the expected range; None where none was given."""
    return None if expected is None else expected.low <= gross <= expected.high


def returns(bars: Bars, horizon: int) -> tuple[Floats, NDArray[np.int64]]:
    """For a decision at each bar's close: the return of being long over the horizon, and the start of its last bar.

    Both have the length of `bars`; NaN and −1 where the horizon has not ended.
    """
    gross, ends = np.full(len(bars), np.nan), np.full(len(bars), -1, np.int64)
    closed = len(bars) - bars.last_is_partial - horizon
    if closed > 0:
        gross[:closed] = bars.close[horizon : horizon + closed] / bars.open[1 : 1 + closed] - 1.0
        ends[:closed] = bars.start[horizon : horizon + closed]
    return gross, ends


def _instant(second: np.int64) -> datetime:
    return datetime.fromtimestamp(int(second), UTC)
