"""The wire format of the signals floor: REST and sockets say the same words for the same value."""

from dataclasses import asdict
from typing import Any

from marketdata.live import topics
from marketdata.live.events import Event
from marketdata.wire import instant, number
from signals.domain import Decision, Opinion, Outcome

SIGNAL = "signal"
"""The type of the message."""


def event(decision: Decision) -> Event:
    """The announcement of a decision: never dropped, and resumable."""
    return Event(topics.SIGNALS, SIGNAL, signal(decision), decision.judged_at, conflates=False)


def signal(decision: Decision, outcome: Outcome | None = None) -> dict[str, Any]:
    """A decision as JSON has it."""
    one, sure = decision.signal, decision.signal.calibrated
    return {
        "signal_id": one.id, "symbol": one.symbol, "signal_type": one.action.value,
        "confidence": number(one.confidence), "reasoning": one.reasoning, "lean": one.lean.value,
        "score": number(one.score),
        "base_rate": sure and number(sure.base_rate), "confidence_low": sure and number(sure.low),
        "confidence_high": sure and number(sure.high), "edge_status": sure and sure.status.value,
        "edge_probability": sure and number(sure.probability), "n": sure and sure.n,
        "n_eff": sure and number(sure.n_eff),
        "horizon": one.horizon, "at": instant(one.at), "judged_at": instant(decision.judged_at),
        "price": number(one.price),
        "expected_range": one.expected and asdict(one.expected), "record": one.record and asdict(one.record),
        "reasons": [reason.value for reason in one.reasons], "opinions": [opinion(told) for told in one.opinions],
        "gates": [{**asdict(gate), "reason": gate.reason.value} for gate in one.gates], "weights": dict(one.weights),
        "agent_set": one.agent_set, "inputs": one.inputs, "decision": one.decision, "market": one.market,
        "simulated": one.simulated, "outcome": outcome and asdict(outcome),
    }  # fmt: skip


def opinion(one: Opinion) -> dict[str, Any]:
    """One agent's opinion, its evidence in words and numbers."""
    return {
        "agent": one.agent, "version": one.version, "score": number(one.score), "abstains": one.abstains or None,
        "evidence": [
            {
                "name": told.name, "value": number(told.value), "threshold": number(told.threshold), "unit": told.unit,
                "contribution": number(told.contribution), "text": told.text,
            }
            for told in one.evidence
        ],
    }  # fmt: skip
