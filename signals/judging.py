"""From a view to a signal. Pure, and the same bits for the same inputs: live, replay and proofs run this very code."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from signals import gates, hashing, learning, orchestrator, ranges, reasoning
from signals.agents.base import Agent, abstain, sound
from signals.domain import Action, Calibrated, ExpectedRange, Gate, Horizon, Lean, MarketView, Opinion, Reason, Signal
from signals.gates import Limits, Past
from signals.learning import State

FAILED = "it failed: "
"""How the reason of an abstention begins that was none."""
ACTIONS = {Lean.UP: Action.BUY, Lean.DOWN: Action.SELL, Lean.FLAT: Action.HOLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Who judges, how far ahead, by which thresholds and rules, and from what was learned before (None: nothing)."""

    agents: tuple[Agent, ...]
    weights: Mapping[str, float]
    agent_set: str
    horizon: Horizon
    limits: Limits
    rules: int = gates.RULES
    state: State | None = None

    @property
    def parameters(self) -> str:
        """Names the settings that a judgement depends on besides its agents."""
        if self.rules == 1:
            return hashing.digest(_Settings(horizon=self.horizon, limits=self.limits))
        return hashing.digest(_Ruled(horizon=self.horizon, limits=self.limits, rules=self.rules))


def judge(view: MarketView, judged_at: datetime, bench: Bench, past: Past, inputs: str = "") -> Signal:
    """The signal of the last bar of a view that has any; `inputs` is its name, where that was made before."""
    opinions = tuple(_opinion(agent, view) for agent in bench.agents)
    agreed = orchestrator.combine(opinions, bench.weights)
    sure = _calibrated(bench.state, agreed.score, agreed.lean)
    expected = _expected(view, bench)
    passed = _gates(view, judged_at, agreed.score, agreed.lean, sure, bench, past)
    action = ACTIONS[agreed.lean] if all(gate.passed for gate in passed) else Action.HOLD
    passed = (*passed, gates.of_announcement(view, bench.horizon, action, past, bench.limits))
    signal = Signal(
        id=hashing.identity(view.market, view.symbol, bench.horizon.name, bench.agent_set, view.at),
        market=view.market, symbol=view.symbol, horizon=bench.horizon.name, at=view.at, action=action,
        lean=agreed.lean, score=agreed.score, price=float(view.bars.close[-1]), calibrated=sure, expected=expected,
        record=learning.record(bench.state, agreed.lean) if bench.state else None, opinions=opinions, gates=passed,
        reasons=_reasons(passed), reasoning="", agent_set=bench.agent_set, inputs=inputs or hashing.inputs(view),
        decision="", simulated=view.simulated, weights=agreed.weights,
    )  # fmt: skip
    signal = replace(signal, reasoning=reasoning.text(signal))
    return replace(signal, decision=hashing.decision(signal))


def failed(agent: Agent, error: Exception) -> Opinion:
    """What stands in the place of an opinion that could not be had."""
    return abstain(agent, f"{FAILED}{type(error).__name__}: {error}"[:200])


def announces(signal: Signal, past: Past, leans: bool) -> bool:
    """Whether everybody is told, after the cooldown: of what acts or ceases to, and where `leans`, of leans too."""
    if any(gate.reason is Reason.COOLDOWN and not gate.passed for gate in signal.gates):
        return False
    acts = signal.action is not Action.HOLD or past.announced not in (None, Action.HOLD)
    return acts or (leans and (signal.lean is not Lean.FLAT or past.lean not in (None, Lean.FLAT)))


def _opinion(agent: Agent, view: MarketView) -> Opinion:
    """One agent that fails silences nobody else."""
    try:
        return sound(agent, agent.opinion(view))
    except Exception as error:
        return failed(agent, error)


def _gates(
    view: MarketView, judged_at: datetime, score: float, lean: Lean, sure: Calibrated | None, bench: Bench, past: Past
) -> tuple[Gate, ...]:
    return (
        *gates.of_data(view, judged_at, bench.horizon, bench.limits, bench.rules),
        *gates.of_proof(score, lean, sure, bench.limits),
        *gates.of_protection(view, bench.horizon, past, bench.limits),
    )


def _calibrated(state: State | None, score: float, lean: Lean) -> Calibrated | None:
    return None if state is None else learning.predict(state, score, lean)


def _expected(view: MarketView, bench: Bench) -> ExpectedRange | None:
    spread = float(ranges.spreads(view.bars, bench.horizon.bars)[-1])
    quantile = bench.state.quantile if bench.state else ranges.START
    return None if spread != spread else ranges.expected(spread, quantile)


def _reasons(passed: tuple[Gate, ...]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(gate.reason for gate in passed if not gate.passed))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    horizon: Horizon
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ruled(_Settings):
    rules: int
