"""Reasoning: what it says, and that no figure stands in it that the signal does not have."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.domain import Interval
from signals import orchestrator, reasoning
from signals.domain import Action, Calibrated, Edge, Evidence, ExpectedRange, Lean, Opinion, Reason, Signal
from signals.tests.markets import cut, simulated, view
from signals.tests.test_agents import BAR_AGENTS
from signals.tests.values import signal

KNOWN = Calibrated(
    confidence=0.54, low=0.5, high=0.59, base_rate=0.55, edge=-0.01, probability=0.3, status=Edge.UNPROVEN, n=9000,
    n_eff=412.3, net=0.001,
)  # fmt: skip
RANGE = ExpectedRange(coverage=0.8, low=-0.031, high=0.034, sd=0.025)
LEVEL = "95"
"""The level of `Calibrated.low` and `high`, by their definition."""


def evidence(name: str, value: float, contribution: float, words: str, **more: Any) -> Evidence:
    return Evidence(name=name, value=value, contribution=contribution, words=words, **more)


def opinion(agent: str, score: float | None, *found: Evidence) -> Opinion:
    return Opinion(agent=agent, version=1, parameters="", score=score, evidence=found)


def issued(*opinions: Opinion, **fields: Any) -> Signal:
    agreed = orchestrator.combine(opinions)
    made = signal(opinions=opinions, score=agreed.score, lean=agreed.lean, weights=agreed.weights)
    return replace(made, **fields)


TREND = opinion("donchian_adx", 0.8, evidence("channel", 0.8, 0.8, "The close stands at {value}; {threshold} is high.",
                                             threshold=1.0))  # fmt: skip
OVERBOUGHT = opinion("rsi_reversal", -0.4, evidence("rsi", 58.0, -0.4, "The index is {value}.", digits=1))


def test_the_whole_of_it() -> None:
    one = issued(TREND, OVERBOUGHT, opinion("iv_regime", None), calibrated=KNOWN, expected=RANGE,
                 reasons=(Reason.UNPROVEN, Reason.STOPLOSS_GUARD))  # fmt: skip
    assert reasoning.text(one) == (
        "Agents lean up (+0.20). For it: donchian_adx (+0.40): The close stands at 0.80; 1.00 is high. "
        "Against it: rsi_reversal (-0.20): The index is 58.0. "
        "Such leans win with a confidence of 54 % (base 55 %, 95 % interval 50-59 %), of 412 effective past cases. "
        "No proven edge. "
        "With 80 % the move ends within -3.1 % to +3.4 %. HOLD: unproven, stoploss guard."
    )


def test_an_action_speaks_of_its_proof() -> None:
    sure = replace(KNOWN, status=Edge.PROVEN, confidence=0.66, low=0.6, high=0.72)
    told = reasoning.text(issued(OVERBOUGHT, calibrated=sure, action=Action.SELL, reasons=()))
    assert told.startswith("Agents lean down (-0.40). For it: rsi_reversal (-0.40): The index is 58.0. Such leans win")
    assert told.endswith("95 % interval 60-72 %), of 412 effective past cases. A proven edge. SELL.")
    worse = reasoning.text(issued(OVERBOUGHT, calibrated=replace(KNOWN, status=Edge.NEGATIVE)))
    assert "Such leans did worse than the base rate." in worse


def test_where_nobody_has_an_opinion_and_nothing_was_learned() -> None:
    told = reasoning.text(issued(opinion("iv_regime", None), reasons=(Reason.WARMING,)))
    assert told == "No agent has an opinion. Nothing was learned of such scores yet. HOLD: warming."


def test_an_agent_without_weight_gives_no_reason() -> None:
    one = issued(TREND, OVERBOUGHT)
    silent = replace(one, weights={"donchian_adx": 1.0, "rsi_reversal": 0.0})
    assert "rsi_reversal" not in reasoning.text(silent)


def figures(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text))


def given_figures(one: Signal) -> set[str]:
    """Every number of the signal, as it may be shown."""
    shown = [f"{one.score:.2f}", LEVEL]
    for vote in one.opinions:
        shown.append(f"{(vote.score or 0.0) * one.weights.get(vote.agent, 0.0):.2f}")
        for item in vote.evidence:
            shown += [f"{item.value:.{item.digits}f}", f"{item.threshold or 0.0:.{item.digits}f}"]
    if one.calibrated:
        known = one.calibrated
        shown += [f"{known.n_eff:.0f}"]
        shown += [f"{100 * value:.0f}" for value in (known.confidence, known.base_rate, known.low, known.high)]
    if one.expected:
        expected = one.expected
        shown += [f"{100 * expected.coverage:.0f}", f"{100 * expected.low:.1f}", f"{100 * expected.high:.1f}"]
    return {value.lstrip("-") for value in shown}


def without_names(one: Signal, text: str) -> str:
    for vote in one.opinions:
        text = text.replace(vote.agent, "")
    return text


share = st.floats(0.0, 1.0)
known = st.builds(
    Calibrated, confidence=share, low=share, high=share, base_rate=share, edge=st.floats(-1, 1), probability=share,
    status=st.sampled_from(Edge), n=st.integers(0, 10**6), n_eff=st.floats(0, 1e6), net=st.none(),
)  # fmt: skip
ranges = st.builds(ExpectedRange, coverage=share, low=st.floats(-0.9, 0.0), high=st.floats(0.0, 0.9), sd=share)
found = st.builds(
    Evidence, name=st.just("measured"), value=st.floats(-1e6, 1e6), threshold=st.none() | st.floats(-1e6, 1e6),
    contribution=st.floats(-1, 1), digits=st.integers(0, 6), words=st.just("Measured {value}."),
)  # fmt: skip
voices = st.builds(
    Opinion, agent=st.from_regex(r"[abc]_[12]", fullmatch=True), version=st.just(1), parameters=st.just(""),
    score=st.none() | st.floats(-1, 1), evidence=st.lists(found, max_size=3).map(tuple),
)  # fmt: skip


@given(
    voices=st.lists(voices, max_size=6, unique_by=lambda one: one.agent), calibrated=st.none() | known,
    expected=st.none() | ranges, reasons=st.lists(st.sampled_from(Reason), max_size=3, unique=True),
)  # fmt: skip
def test_no_figure_comes_from_anywhere_else(
    voices: list[Opinion], calibrated: Calibrated | None, expected: ExpectedRange | None, reasons: list[Reason]
) -> None:
    one = issued(*voices, calibrated=calibrated, expected=expected, reasons=tuple(reasons))
    assert figures(without_names(one, reasoning.text(one))) <= given_figures(one)


@pytest.mark.parametrize("interval", [Interval.DAY, Interval.MINUTE])
def test_nor_does_it_in_what_the_agents_really_say(interval: Interval) -> None:
    agents = [one for one in BAR_AGENTS if interval in one.intervals]
    bars = simulated(interval, 1700)
    for end in range(1460, 1699, 7):
        seen = view(cut(bars, 0, end))
        one = issued(*(agent.opinion(seen) for agent in agents), calibrated=KNOWN, expected=RANGE)
        told = reasoning.text(one)
        assert figures(without_names(one, told)) <= given_figures(one)
        assert one.lean is Lean.FLAT or f"Agents lean {one.lean}" in told
