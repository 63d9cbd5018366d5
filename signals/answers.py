"""What a REST answer is made of: a page of signals, the explanation of one, the record."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from marketdata import wire as market_wire
from marketdata.domain import Bars
from marketdata.wire import instant
from signals import cursors, whatif, wire
from signals.domain import Knowledge
from signals.reading import Explained, Judged


def signals(found: Sequence[Judged], limit: int) -> dict[str, Any]:
    """A page of signals, of which one more than `limit` was looked for."""
    shown = found[:limit]
    last = shown[-1][0].signal if len(found) > limit else None
    return {
        "results": [wire.signal(*one) for one in shown],
        "next": last and cursors.of_signal(last.at, last.id),
    }


def explanation(one: Explained, without: Collection[str] = (), threshold: float | None = None) -> dict[str, Any]:
    """A signal, what it was made from, its gates, what would have turned it, and its place in the ledger."""
    signal = one.decision.signal
    told = [wire.gate(gate) for gate in signal.gates]
    what_if = whatif.what_if(one.decision, one.outcome is not None)
    if without or threshold is not None:
        what_if["custom"] = whatif.custom(signal, without, threshold)
    return {
        "signal": wire.signal(one.decision, one.outcome),
        "inputs": _inputs(one.decision.knowledge, one),
        "gates": {
            "passed": [gate for gate in told if gate["passed"]],
            "failed": [gate for gate in told if not gate["passed"]],
        },
        "counterfactuals": what_if,
        "ledger": one.entry and {"seq": one.entry.seq, "head": one.entry.head},
    }


def head(seq: int, head: str, at: datetime | None) -> dict[str, Any]:
    """The end of the ledger."""
    return {"seq": seq, "head": head, "at": instant(at)}


def _inputs(known: Knowledge, one: Explained) -> dict[str, Any]:
    return {
        "bars": {
            "interval": one.interval.value, **_span(one.bars),
            "let_go_before": one.let_go_before and instant(one.let_go_before),
        },
        "quote": known.quote and market_wire.quote(known.quote),
        "condition": asdict(known.condition),
        "calibration": known.calibration,
        "outcomes": known.outcomes,
        "run": known.run,
        "parameters": known.parameters,
        "parts": dict(known.parts),
    }  # fmt: skip


def _span(bars: Bars | None) -> dict[str, Any]:
    if bars is None or not len(bars):
        return {"first": None, "last": None, "count": 0}
    first, last = (instant(datetime.fromtimestamp(int(bars.start[i]), UTC)) for i in (0, -1))
    return {"first": first, "last": last, "count": len(bars)}
