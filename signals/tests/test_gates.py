"""Each gate at its threshold, and freqtrade's protections over hand-made outcomes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from marketdata.domain import Interval
from signals import gates
from signals.domain import Action, Calibrated, Condition, Edge, Gate, Horizon, Lean, Outcome, Reason
from signals.gates import Limits, Past
from signals.tests.values import CLOSE, outcome, signal, view

DAYS, MINUTES = Horizon(interval=Interval.DAY, bars=5), Horizon(interval=Interval.MINUTE, bars=30)
DAY = timedelta(days=1)


def limits(interval: Interval = Interval.DAY, **changes: Any) -> Limits:
    return replace(gates.read(interval, settings.SIGNALS_GATES), **changes)


def failed(found: Any) -> set[Reason]:
    return {one.reason for one in found if not one.passed}


def closed(net: float, age: float, symbol: str = "AAPL") -> Outcome:
    """A BUY that was closed so many days before CLOSE."""
    at = CLOSE - age * DAY
    one = signal(symbol, lean=Lean.UP, action=Action.BUY, id=f"{symbol}{age}{net}")
    return replace(outcome(one), net=net, gross=net, exited_at=at, at=at - 5 * DAY, won=net > 0)


@pytest.mark.parametrize(
    ("condition", "late", "expected"),
    [
        ({}, 5, set()),
        ({"quote_age": 1e6, "delayed_by": 900, "is_open": False}, 5, set()),
        ({}, 86_400 * 5, {Reason.STALE}),
        ({"contested": True}, 5, {Reason.CONTESTED}),
        ({"missing": 1}, 5, {Reason.GAP}),
    ],
)
def test_the_data_of_a_day(condition: dict[str, Any], late: float, expected: set[Reason]) -> None:
    seen = view(condition=Condition(**condition))
    assert failed(gates.of_data(seen, CLOSE + timedelta(seconds=late), DAYS, limits())) == expected


@pytest.mark.parametrize(
    ("condition", "late", "expected"),
    [
        ({"quote_age": 3.0, "delayed_by": 0}, 30, set()),
        ({"quote_age": 3.0, "delayed_by": None}, 30, set()),
        ({"quote_age": 600.0, "delayed_by": 0}, 30, {Reason.STALE}),
        ({"quote_age": None, "delayed_by": 0}, 30, {Reason.STALE}),
        ({"quote_age": 600.0, "delayed_by": None}, 30, {Reason.STALE, Reason.DELAYED}),
        ({"quote_age": None, "delayed_by": None}, 30, {Reason.STALE, Reason.DELAYED}),
        ({"quote_age": 3.0}, 600, {Reason.STALE}),
        ({"quote_age": 3.0, "delayed_by": 900}, 30, {Reason.DELAYED}),
    ],
)
def test_the_data_of_a_minute(condition: dict[str, Any], late: float, expected: set[Reason]) -> None:
    seen = view(condition=Condition(**condition))
    found = gates.of_data(seen, CLOSE + timedelta(seconds=late), MINUTES, limits(Interval.MINUTE))
    assert failed(found) == expected


@pytest.mark.parametrize(("age", "passed"), [(60.0, True), (60.5, False), (None, False)])
def test_a_delay_that_nobody_states_is_not_none(age: float | None, passed: bool) -> None:
    """It passes on what was measured alone: no quote is younger than its feed is late."""
    seen = view(condition=Condition(quote_age=age, delayed_by=None))

    def delay(rules: int) -> Gate:
        found = gates.of_data(seen, CLOSE, MINUTES, limits(Interval.MINUTE), rules)
        return next(one for one in found if one.reason is Reason.DELAYED)

    now, first = delay(gates.RULES), delay(1)
    assert (now.passed, now.value, now.threshold, now.words) == (passed, None, 60, gates.UNSTATED)
    assert (first.passed, first.value, first.words) == (True, 0.0, "seconds by which the feed is late")


@pytest.mark.parametrize(("minute", "expected"), [("20:29", set()), ("20:30", set()), ("20:31", {Reason.CLOSED})])
def test_a_horizon_of_minutes_must_end_before_the_session(minute: str, expected: set[Reason]) -> None:
    at = datetime.fromisoformat(f"2024-01-16T{minute}:00Z")
    seen = replace(view(at=at, condition=Condition(quote_age=1.0)), market="live")
    assert failed(gates.of_data(seen, at, MINUTES, limits(Interval.MINUTE))) == expected


def sure(**fields: Any) -> Calibrated:
    values: dict[str, Any] = {
        "confidence": 0.6, "low": 0.55, "high": 0.65, "base_rate": 0.5, "edge": 0.1, "probability": 0.97,
        "status": Edge.PROVEN, "n": 500, "n_eff": 60.0, "net": 0.002,
    }  # fmt: skip
    return Calibrated(**(values | fields))


@pytest.mark.parametrize(
    ("score", "lean", "known", "expected"),
    [
        (0.2, Lean.UP, sure(), set()),
        (-0.2, Lean.DOWN, sure(), set()),
        (0.04, Lean.FLAT, sure(), {Reason.WEAK}),
        (0.2, Lean.UP, sure(probability=0.949), {Reason.UNPROVEN}),
        (0.2, Lean.UP, sure(net=0.0), {Reason.UNPROFITABLE}),
        (0.2, Lean.UP, sure(n=3), {Reason.WARMING}),
        (0.2, Lean.UP, None, {Reason.WARMING, Reason.UNPROVEN, Reason.UNPROFITABLE}),
    ],
)
def test_only_what_is_proven_and_pays_may_act(
    score: float, lean: Lean, known: Calibrated | None, expected: set[Reason]
) -> None:
    assert failed(gates.of_proof(score, lean, known, limits())) == expected


def protected(outcomes: list[Outcome], **changes: Any) -> dict[Reason, Gate]:
    found = gates.of_protection(view(), DAYS, Past(outcomes=outcomes), limits(**changes))
    return {one.reason: one for one in found}


def test_the_guard_rests_after_so_many_stops_and_no_longer() -> None:
    guard = {"guard_span": 20, "guard_stops": 2, "guard_pause": 5, "stop": 0.05}
    stops = [closed(-0.06, 3), closed(-0.07, 10, "MSFT"), closed(-0.04, 1), closed(-0.5, 21)]
    assert not protected(stops, **guard)[Reason.STOPLOSS_GUARD].passed
    assert protected(stops, **guard | {"guard_pause": 3})[Reason.STOPLOSS_GUARD].passed
    assert protected(stops[1:], **guard)[Reason.STOPLOSS_GUARD].passed
    assert protected(stops, **guard | {"stop": 0.06})[Reason.STOPLOSS_GUARD].passed


def test_the_drawdown_is_the_deepest_fall_of_the_sum() -> None:
    falls = [closed(0.05, 8), closed(-0.04, 6), closed(-0.06, 5, "MSFT"), closed(0.09, 4), closed(-0.02, 2)]
    assert gates.drawdown(falls) == pytest.approx(0.10)
    assert gates.drawdown([closed(-0.03, 2), closed(0.01, 2, "MSFT")]) == pytest.approx(0.01)
    most = {"drawdown_span": 20, "drawdown_trades": 5, "drawdown_pause": 10}
    assert not protected(falls, **most, drawdown=0.09)[Reason.MAX_DRAWDOWN].passed
    assert protected(falls, **most, drawdown=0.11)[Reason.MAX_DRAWDOWN].passed
    assert protected(falls[1:], **most, drawdown=0.09)[Reason.MAX_DRAWDOWN].passed
    assert protected(falls, **most | {"drawdown_pause": 2}, drawdown=0.09)[Reason.MAX_DRAWDOWN].passed


def test_a_symbol_that_loses_rests_alone() -> None:
    low = {"low_span": 30, "low_trades": 2, "low_pause": 10, "profit": 0.0}
    lost = [closed(-0.02, 3), closed(0.01, 5)]
    assert not protected(lost, **low)[Reason.LOW_PROFIT].passed
    assert protected([closed(-0.02, 3, "MSFT"), closed(0.01, 5, "MSFT")], **low)[Reason.LOW_PROFIT].passed
    assert protected([closed(-0.02, 3), closed(0.02, 5)], **low)[Reason.LOW_PROFIT].passed


def test_an_announcement_rests_unless_the_action_changes() -> None:
    few = limits(cooldown=3)
    for days, action, passed in [(2, Action.HOLD, False), (3, Action.HOLD, True), (1, Action.BUY, True)]:
        told = Past(announced_at=CLOSE - days * DAY, announced=Action.HOLD)
        assert gates.of_announcement(view(), DAYS, action, told, few).passed is passed
    assert gates.of_announcement(view(), DAYS, Action.HOLD, Past(), few).passed
