"""Signals as the doors show them: with everything that one can have."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from marketdata.domain import Quote, Session
from signals import gates, issue, orchestrator
from signals.domain import (
    Action,
    Calibrated,
    Condition,
    Decision,
    Edge,
    Evidence,
    ExpectedRange,
    Gate,
    Opinion,
    Reason,
    Record,
)
from signals.tests.values import CLOSE, decision, signal

MARKET = "simulated"
SURE = Calibrated(
    confidence=0.66, low=0.58, high=0.74, base_rate=0.52, edge=0.14, probability=0.99, status=Edge.PROVEN, n=420,
    n_eff=88.5, net=0.004,
)  # fmt: skip
RECORD = Record(
    n=420, n_eff=88.5, wins=277, hit_rate=0.6595238095238095, low=0.55, high=0.75, base_rate=0.52, brier=0.231,
    skill=0.07, net_bp=41.5, always_long_bp=9.0,
)  # fmt: skip


def opinion(agent: str, score: float | None) -> Opinion:
    """An opinion with a piece of evidence, or none."""
    if score is None:
        return Opinion(agent=agent, version=1, parameters="ab", score=None, abstains="too few bars")
    told = Evidence(name="rsi", value=28.0, contribution=score, words="The index is {value}.", digits=1)
    return Opinion(agent=agent, version=1, parameters="ab", score=score, evidence=(told,))


VOTES = (opinion("rsi_reversal", 0.6), opinion("donchian_adx", -0.3), opinion("tv_rating", None))
"""+0.15 together: without the first they lean down."""


def proven(symbol: str = "AAPL", days: int = 0, **fields: Any) -> Decision:
    """A BUY that was judged with a quote, of a version of what had been learned."""
    agreed = orchestrator.combine(VOTES)
    one = decision(
        symbol, days, action=Action.BUY, lean=agreed.lean, score=agreed.score, weights=agreed.weights, opinions=VOTES,
        calibrated=SURE, record=RECORD, expected=ExpectedRange(coverage=0.8, low=-0.03, high=0.035, sd=0.025),
        gates=(Gate(reason=Reason.UNPROVEN, passed=True, value=0.99, threshold=0.95, words="probability of an edge"),
               Gate(reason=Reason.DELAYED, passed=True, value=None, threshold=60.0, words=gates.UNSTATED),
               Gate(reason=Reason.COOLDOWN, passed=False, value=0.0, threshold=3.0, words="bars since")),
        reasons=(), reasoning="Agents lean up (+0.15).", **fields,
    )  # fmt: skip
    return replace(
        one, knowledge=replace(one.knowledge, calibration=7, quote=quote(), condition=WORTH, parts={"a": "b"})
    )


WORTH = Condition(quote_age=1.5, delayed_by=0, missing=2)


def quote() -> Quote:
    """What was held then."""
    now = datetime(2024, 1, 16, 23, 59, 59, tzinfo=UTC)
    return Quote(
        symbol="AAPL", price=185.5, bid=185.49, ask=185.51, volume=1000.0, as_of=now, received_at=now,
        session=Session.ALWAYS, vendor="simulated", simulated=True,
    )  # fmt: skip


def issued(*values: Decision) -> tuple[Decision, ...]:
    """Store decisions; on a real commit they are announced too."""
    issue.decisions(values, MARKET)
    return values


__all__ = ["CLOSE", "MARKET", "RECORD", "SURE", "VOTES", "issued", "proven", "quote", "signal"]
