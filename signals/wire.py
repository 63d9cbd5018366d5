"""The wire format of the signals floor: REST and sockets say the same words for the same value."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from marketdata.live import topics
from marketdata.live.events import Event
from marketdata.wire import instant, number
from signals.domain import Decision, ExpectedRange, Gate, Opinion, Outcome, Record, TrackRecord

SIGNAL, OUTCOME = "signal", "outcome"
"""The types of the messages."""


def event(decision: Decision) -> Event:
    """The announcement of a decision: never dropped, and resumable."""
    return Event(topics.SIGNALS, SIGNAL, signal(decision), decision.judged_at, conflates=False)


def outcome_event(one: Outcome, now: datetime | None = None) -> Event:
    """The announcement of what became of a signal: never dropped, and resumable."""
    return Event(topics.OUTCOMES, OUTCOME, outcome(one), now or datetime.now(UTC), conflates=False)


def outcome(one: Outcome) -> dict[str, Any]:
    """Which signal, and under `outcome` what became of it, as the signal itself has it from then on."""
    return {
        "signal_id": one.signal, "symbol": one.symbol, "signal_type": one.action.value, "lean": one.lean.value,
        "horizon": one.horizon, "at": instant(one.at), "market": one.market, "simulated": one.simulated,
        "outcome": graded(one),
    }  # fmt: skip


def signal(decision: Decision, outcome: Outcome | None = None) -> dict[str, Any]:
    """A decision as JSON has it; `weight` of an opinion is its share of the vote, null where it abstained."""
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
        "price": number(one.price), "expected_range": expected_range(one.expected), "record": record(one.record),
        "reasons": [reason.value for reason in one.reasons],
        "opinions": [{**opinion(told), "weight": number(one.weights.get(told.agent))} for told in one.opinions],
        "gates": [gate(told) for told in one.gates], "weights": dict(one.weights),
        "agent_set": one.agent_set, "inputs": one.inputs, "decision": one.decision, "market": one.market,
        "simulated": one.simulated, "announced": decision.announces, "outcome": outcome and graded(outcome),
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


def gate(one: Gate) -> dict[str, Any]:
    """One condition and what it found."""
    return {
        "reason": one.reason.value, "passed": one.passed, "value": number(one.value),
        "threshold": number(one.threshold), "words": one.words,
    }  # fmt: skip


def graded(one: Outcome) -> dict[str, Any]:
    """What became of a signal, besides what the signal says itself."""
    return {
        "entered_at": instant(one.entered_at), "entry": number(one.entry), "exited_at": instant(one.exited_at),
        "exit": number(one.exit), "gross": number(one.gross), "net": number(one.net), "won": one.won,
        "in_range": one.in_range, "regime": one.regime,
    }  # fmt: skip


def expected_range(one: ExpectedRange | None) -> dict[str, Any] | None:
    """The expected range."""
    return None if one is None else {name: number(value) for name, value in asdict(one).items()}


def record(one: Record | None) -> dict[str, Any] | None:
    """How the like did."""
    return None if one is None else {name: number(value) for name, value in asdict(one).items()}


def track_record(one: TrackRecord) -> dict[str, Any]:
    """One line of the record, with the columns of its diagram."""
    parts = ("reliability", "resolution", "uncertainty", "within", "ece", "ece_floor", "range_coverage")
    return {
        "group": one.group, "key": one.key, "record": record(one.record),
        "bins": [{name: number(value) for name, value in asdict(column).items()} for column in one.bins],
        **{name: number(getattr(one, name)) for name in parts}, "range_n": one.range_n,
        "first": one.first and one.first.isoformat(), "last": one.last and one.last.isoformat(),
        "extra": dict(one.extra),
    }  # fmt: skip
