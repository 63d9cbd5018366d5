"""Values that tests of this floor are made of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from marketdata.domain import Bars, Interval
from signals import hashing
from signals.domain import (
    Action,
    Condition,
    Decision,
    Evidence,
    Gate,
    Knowledge,
    Lean,
    MarketView,
    Opinion,
    Outcome,
    Reason,
    Signal,
)

CLOSE = datetime(2024, 1, 17, tzinfo=UTC)
"""The end of a simulated day."""


def signal(symbol: str = "AAPL", days: int = 0, **fields: Any) -> Signal:
    """A judgement of a daily bar, so many days after CLOSE."""
    at = CLOSE + timedelta(days=days)
    evidence = Evidence(name="RSI", value=71.25, contribution=-0.4, words="RSI {value} above {threshold}", threshold=70)
    values: dict[str, Any] = {
        "id": hashing.identity("simulated", symbol, "5d", "set", at), "market": "simulated", "symbol": symbol,
        "horizon": "5d", "at": at, "action": Action.HOLD, "lean": Lean.DOWN, "score": -0.1, "price": 185.5,
        "calibrated": None, "expected": None, "record": None,
        "opinions": (Opinion(agent="rsi", version=1, parameters="ab", score=-1 / 3, evidence=(evidence,)),),
        "gates": (Gate(reason=Reason.UNPROVEN, passed=False, value=-0.0, threshold=1e-7),),
        "reasons": (Reason.UNPROVEN,), "reasoning": "Agents lean down.", "agent_set": "set",
        "inputs": "i", "decision": "d",
        "simulated": True, "weights": {"rsi": 1.0},
    }  # fmt: skip
    return Signal(**(values | fields))


def decision(symbol: str = "AAPL", days: int = 0, announces: bool = True, **fields: Any) -> Decision:
    """That judgement as it is stored."""
    one = signal(symbol, days, **fields)
    known = Knowledge(run=1, quote=None, condition=Condition(), calibration=None, outcomes=0, parameters="p")
    return Decision(signal=one, judged_at=one.at + timedelta(seconds=3), knowledge=known, announces=announces)


def outcome(one: Signal, gross: float = 0.02, **fields: Any) -> Outcome:
    """What became of it after five days."""
    net = (-gross if one.lean is Lean.DOWN else gross) - 0.0005
    values: dict[str, Any] = {
        "signal": one.id, "market": one.market, "symbol": one.symbol, "horizon": one.horizon, "lean": one.lean,
        "action": one.action, "score": one.score, "confidence": one.confidence, "at": one.at, "entered_at": one.at,
        "entry": 100.0, "exited_at": one.at + timedelta(days=5), "exit": 100 * (1 + gross), "gross": gross, "net": net,
        "won": net > 0, "in_range": None, "regime": "", "agent_set": one.agent_set, "simulated": one.simulated,
    }  # fmt: skip
    return Outcome(**(values | fields))


def days(closes: list[float], symbol: str = "AAPL", end: datetime = CLOSE) -> Bars:
    """Daily bars with these closes, the last one ending at `end`."""
    close = np.array(closes, np.float64)
    last = int(end.timestamp()) - 86_400
    return Bars(
        symbol=symbol, interval=Interval.DAY, vendor="", start=last - 86_400 * np.arange(len(close))[::-1],
        open=close - 1, high=close + 2, low=close - 3, close=close, volume=np.full(len(close), 100.0), adjusted=True,
        simulated=True,
    )  # fmt: skip


def view(closes: list[float] | None = None, symbol: str = "AAPL", **fields: Any) -> MarketView:
    """What a judge sees at CLOSE."""
    values: dict[str, Any] = {"at": CLOSE, "bars": days(closes or [100.0, 101.0, 102.5], symbol), "simulated": True}
    return MarketView(symbol=symbol, market="simulated", **(values | fields))
