"""Named, versioned rules held against a chain, and the alerts that come of it.

Each rule raises at most its `most` alerts for an underlying and session, the highest scores first, and a contract once
a day. A contract without open interest has no ratio to it: it is a new strike. Where a figure is not known, its
condition is not held, and says so by having no value; a contract without any price raises nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from options.domain import Alert, Analysis, Condition, Floats
from options.expecting import Expected
from options.rule_sets import AT_NONE, BUILT_IN, COMPARISONS, UNITS, BadRule, Demand, RuleSet, Truths
from options.unusual import Scored, parts, scored

__all__ = [
    "BUILT_IN", "COMPARISONS", "UNITS", "BadRule", "Demand", "RuleSet", "alerts", "announced", "conditions", "held",
    "identity",
]  # fmt: skip


def alerts(
    analysis: Analysis, expected: Expected, rule_sets: Iterable[RuleSet], already: Collection[str] = (),
    among: Truths | None = None,
) -> tuple[Alert, ...]:  # fmt: skip
    """The new alerts of every enabled rule.

    `already`: the ids of those raised for this underlying and session; `among`: which contracts are looked at.
    """
    found = scored(analysis, expected)
    looked = ~np.isnan(found.score) if among is None else among & ~np.isnan(found.score)
    measures = _measures(analysis, expected, found)
    return tuple(
        one
        for rule in rule_sets
        if rule.enabled
        for one in _of_rule(rule, analysis, found, measures, already, looked)
    )  # fmt: skip


def identity(market: str, symbol: str, session: date, rule: RuleSet) -> str:
    """What the same finding is always called."""
    return f"{market}-{symbol}-{session:%Y%m%d}-{rule.name}-{rule.version}"


def conditions(rule: RuleSet, measures: Mapping[str, Floats], row: int) -> tuple[Condition, ...]:
    """Each test of a rule as one contract stands to it."""
    return tuple(_condition(one, measures, row) for one in rule.tests)


def _of_rule(
    rule: RuleSet, analysis: Analysis, found: Scored, measures: Mapping[str, Floats], already: Collection[str],
    looked: Truths,
) -> list[Alert]:  # fmt: skip
    chain = analysis.chain
    ending = f"-{chain.session:%Y%m%d}-{rule.name}-{rule.version}"
    left = rule.most - sum(one.endswith(ending) for one in already)
    names = [(int(row), identity(chain.market, str(chain.symbol[row]), chain.session, rule))
             for row in _ranked(held(rule, measures) & looked, found, chain.symbol)]  # fmt: skip
    fresh = [(row, name) for row, name in names if name not in already]
    return [_alert(rule, analysis, found, measures, row, name) for row, name in fresh[: max(0, left)]]


def held(rule: RuleSet, measures: Mapping[str, Floats]) -> NDArray[np.bool_]:
    """Which contracts pass all tests of a rule."""
    passed = [_passed(one, measures) for one in rule.tests]
    return np.logical_and.reduce(passed) if passed else np.zeros(len(measures["volume"]), np.bool_)


def _passed(test: Demand, measures: Mapping[str, Floats]) -> NDArray[np.bool_]:
    """NaN passes nothing; a multiple of nothing is passed by any volume."""
    value = measures[test.measure]
    with np.errstate(invalid="ignore"):
        if not test.of:
            return COMPARISONS[test.comparison](value, np.full(len(value), test.threshold))
        base = measures[test.of]
        passed: Truths = COMPARISONS[test.comparison](value, test.threshold * base)
        of_something: Truths = (base != 0) | (value > 0)
        both: Truths = passed & of_something
        return both


def _ranked(chosen: NDArray[np.bool_], found: Scored, symbol: NDArray[np.str_]) -> NDArray[np.int64]:
    rows = np.flatnonzero(chosen)
    return rows[np.lexsort((symbol[rows], -found.premium[rows], -found.score[rows]))]


def _measures(analysis: Analysis, expected: Expected, found: Scored) -> dict[str, Floats]:
    chain = analysis.chain
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (chain.volume - expected.average) / np.where(expected.deviation > 0, expected.deviation, np.nan)
    return {
        "volume": chain.volume, "open interest": chain.open_interest, "last": chain.last, "price": found.price,
        "premium": found.premium, "days": found.days, "score": found.score, "average": expected.average,
        "sessions": expected.sessions, "z": z,
    }  # fmt: skip


def _condition(test: Demand, measures: Mapping[str, Floats], row: int) -> Condition:
    passed = bool(_passed(test, {name: column[row : row + 1] for name, column in measures.items()})[0])
    value = _told(measures[test.measure][row])
    if not test.of:
        return Condition(
            name=test.measure, value=value, comparison=test.comparison, threshold=test.threshold, held=passed,
            unit=UNITS[test.measure],
        )  # fmt: skip
    base = _told(measures[test.of][row])
    if base == 0:
        return Condition(
            name=AT_NONE.get(test.of, f"no {test.of}"), value=0.0, comparison="=", threshold=0.0, held=passed,
            unit=UNITS[test.of],
        )  # fmt: skip
    ratio = None if value is None or base is None else value / base
    name = f"{test.measure}/{test.of}"
    return Condition(name=name, value=ratio, comparison=test.comparison, threshold=test.threshold, held=passed)


def _alert(
    rule: RuleSet, analysis: Analysis, found: Scored, measures: Mapping[str, Floats], row: int, name: str
) -> Alert:
    chain = analysis.chain
    return Alert(
        id=name, market=chain.market, vendor=chain.vendor, underlying=chain.underlying, symbol=str(chain.symbol[row]),
        expiry=chain.expiry[row].astype("datetime64[D]").item(), strike=float(chain.strike[row]),
        is_call=bool(chain.is_call[row]), session=chain.session, raised_at=chain.taken_at, rule=rule.name,
        version=rule.version, score=round(float(found.score[row]), 4), volume=float(chain.volume[row]),
        open_interest=_told(chain.open_interest[row]), open_interest_date=chain.open_interest_date,
        expected_volume=_told(found.expected[row]), price=float(found.price[row]),
        premium=float(found.premium[row]), spot=chain.spot, iv=_told(analysis.iv[row]),
        delta=_told(analysis.delta[row]), days=int(found.days[row]), conditions=conditions(rule, measures, row),
        parts=parts(found, row), simulated=chain.simulated,
    )  # fmt: skip


def _told(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def announced(fresh: Sequence[Alert], before: Sequence[str], most: int = 5) -> tuple[Alert, ...]:
    """Which of new alerts to tell the world: over all rules at most `most` for an underlying and session, and one for
    a contract; the ranked score comes first. `before`: the contracts of those that were told already."""
    told: list[Alert] = []
    for one in sorted(fresh, key=lambda one: (one.rule != "score", -one.score, one.symbol)):
        seen = {*before, *(other.symbol for other in told)}
        if one.symbol not in seen and len(before) + len(told) < most:
            told.append(one)
    return tuple(told)
