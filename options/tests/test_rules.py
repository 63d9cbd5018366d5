"""Each rule at each of its boundaries, the bounds on what is raised, and the three kinds of no open interest."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from options.domain import Alert, Condition
from options.expecting import Expected, nothing
from options.rules import BUILT_IN, BadRule, Demand, RuleSet, alerts, announced
from options.tests.chains import SESSION, analysed, chain

RULES = {rule.name: replace(rule, enabled=True) for rule in BUILT_IN}
SOUND: dict[str, Any] = {"bid": 4.9, "ask": 5.1, "last": 5.0, "volume": 600.0, "open_interest": 200.0}


def raised(rule: str, *rows: dict[str, Any], expected: Expected | None = None, already: tuple[str, ...] = ()) -> Any:
    value = analysed(chain(rows))
    return alerts(value, expected or nothing(len(rows)), [RULES[rule]], already)


def known(average: float, deviation: float, sessions: float) -> Expected:
    return replace(
        nothing(1), average=np.array([average]), deviation=np.array([deviation]), sessions=np.array([sessions])
    )


BOUNDARIES = [
    ("first_version", {"volume": 101.0, "open_interest": 201.0}, True),
    ("first_version", {"volume": 101.0, "open_interest": 202.0}, False),
    ("first_version", {"volume": 100.0, "open_interest": 10.0}, False),
    ("barchart", {"volume": 501.0, "open_interest": 101.0, "last": 0.11}, True),
    ("barchart", {"volume": 500.0, "open_interest": 101.0, "last": 0.11}, False),
    ("barchart", {"volume": 501.0, "open_interest": 100.0, "last": 0.11}, False),
    ("barchart", {"volume": 501.0, "open_interest": 101.0, "last": 0.10}, False),
    ("barchart", {"volume": 750.0, "open_interest": 600.0}, True),
    ("barchart", {"volume": 749.0, "open_interest": 600.0}, False),
    ("score", {"volume": 100.0, "open_interest": 0.0, "bid": 249.9, "ask": 250.1}, True),
    ("score", {"volume": 99.0, "open_interest": 0.0, "bid": 249.9, "ask": 250.1}, False),
    ("score", {"volume": 100.0, "open_interest": 0.0, "bid": 2.48, "ask": 2.5}, False),
    ("score", {"volume": 500_000.0, "open_interest": 0.0, "bid": 0.04, "ask": 0.06}, True),
    ("score", {"volume": 600_000.0, "open_interest": 0.0, "bid": 0.04, "ask": 0.058}, False),
    ("score", {"volume": 100_000.0, "expiry": SESSION}, False),
    ("zero_dte", {"volume": 100_000.0, "expiry": SESSION}, True),
    ("zero_dte", {"volume": 100_000.0, "expiry": date(2024, 1, 17)}, False),
]


@pytest.mark.parametrize(("rule", "row", "holds"), BOUNDARIES)
def test_a_rule_at_its_boundary(rule: str, row: dict[str, Any], holds: bool) -> None:
    others = {"strike": 90.0, "volume": 10_000.0, "open_interest": 1e6, "bid": 0.01, "ask": 0.02, "last": 0.01}
    found = raised(rule, SOUND | row, others)
    assert [one.strike for one in found] == ([100.0] if holds else [])
    for one in found:
        assert all(condition.held for condition in one.conditions)
        assert [condition.threshold for condition in one.conditions]


@pytest.mark.parametrize(
    ("rule", "volume", "memory", "holds"),
    [
        ("double_average", 201.0, known(100, 10, 20), True),
        ("double_average", 200.0, known(100, 10, 20), False),
        ("double_average", 201.0, known(100, 10, 19), False),
        ("double_average", 201.0, nothing(1), False),
        ("z_score", 130.0, known(100, 10, 20), True),
        ("z_score", 129.9, known(100, 10, 20), False),
        ("z_score", 130.0, known(100, 0, 20), False),
    ],
)
def test_rules_that_remember(rule: str, volume: float, memory: Expected, holds: bool) -> None:
    assert bool(raised(rule, SOUND | {"volume": volume}, expected=memory)) == holds
    assert RULES[rule].remembers


def test_no_open_interest_at_all_is_a_new_strike_and_never_a_ratio() -> None:
    (one,) = raised("first_version", SOUND | {"open_interest": 0.0})
    assert one.conditions[0] == Condition(
        name="new strike", value=0.0, comparison="=", threshold=0.0, held=True, unit="contracts"
    )
    assert one.open_interest == 0.0


def test_absent_open_interest_is_a_condition_that_nobody_knows() -> None:
    rows = [SOUND | {"open_interest": None}, SOUND | {"strike": 105.0, "open_interest": float("nan")}]
    assert raised("first_version", *rows) == raised("barchart", *rows) == ()
    loose = RuleSet("loose", 1, "", (Demand("volume", ">", 100),), enabled=True)
    (one, _) = alerts(analysed(chain(rows)), nothing(2), [loose])
    assert one.open_interest is None
    assert one.parts[2].value is None
    assert one.parts[2].share == 0.0


def test_five_for_a_session_the_highest_first_and_each_once() -> None:
    rows = [SOUND | {"strike": 100.0 + i / 8, "volume": 1000.0 + 100 * i} for i in range(12)]
    rows.append(SOUND | {"strike": 99.0, "volume": 0.0, "open_interest": 1e6})
    first = raised("score", *rows)
    assert [one.strike for one in first] == [100.0 + i / 8 for i in (11, 10, 9, 8, 7)]
    assert raised("score", *rows, already=tuple(one.id for one in first)) == ()
    more = raised("score", *rows, already=tuple(one.id for one in first[:3]))
    assert [one.id for one in more] == [one.id for one in first[3:]]


def test_an_alert_tells_all_that_it_rests_on() -> None:
    (one,) = raised("score", SOUND | {"volume": 1000.0, "open_interest": 100.0})
    assert [(part.name, part.weight) for part in one.parts] == [
        ("surprise", 40), ("premium", 30), ("volume/open interest", 20), ("share of the chain", 10),
    ]  # fmt: skip
    assert one.score == pytest.approx(sum(part.share * part.weight for part in one.parts), abs=1e-3)
    assert {(each.name, each.value, each.threshold) for each in one.conditions} >= {
        ("volume", 1000.0, 100), ("premium", 500_000.0, 25_000), ("days", 31.0, 1),
    }  # fmt: skip
    assert one.premium == 500_000.0
    assert one.id == "live-TEST240216C00100000-20240116-score-1"


def test_only_the_ranked_score_is_on_at_first() -> None:
    assert [rule.name for rule in BUILT_IN if rule.enabled] == ["score"]


def test_what_is_told_is_bounded_over_all_rules() -> None:
    found: list[Alert] = [
        *raised("score", *[SOUND | {"strike": 100.0 + i, "volume": 5000.0} for i in range(3)]),
        *raised("barchart", *[SOUND | {"strike": 100.0 + i, "volume": 5000.0} for i in range(9)]),
    ]
    told = announced(found, [])
    assert [one.rule for one in told] == ["score"] * 3 + ["barchart"] * 2
    assert len({one.symbol for one in told}) == 5
    assert announced(found, [one.symbol for one in told]) == ()


def test_a_rule_about_something_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadRule, match="A measure is one of volume"):
        RuleSet("odd", 1, "", (Demand("sweeps", ">", 1),))
