"""The rules as the operator has set them; those of the house are there from the first look on."""

import logging
from collections.abc import Iterable
from typing import Any

from options.models import OptionRule as Row
from options.rules import BUILT_IN, BadRule, Demand, RuleSet

log = logging.getLogger(__name__)


def rule_sets() -> list[RuleSet]:
    """All rules, by name and version; one that cannot be understood is told and left out."""
    rows = list(Row.objects.all())
    known = {(row.name, row.version) for row in rows}
    if missing := [rule for rule in BUILT_IN if (rule.name, rule.version) not in known]:
        Row.objects.bulk_create([Row(**_columns(rule)) for rule in missing], ignore_conflicts=True)
        rows = list(Row.objects.all())
    return [rule for row in rows if (rule := _rule(row)) is not None]


def save_rule(rule: RuleSet) -> RuleSet:
    """Keep a rule. Where its tests are not those of its version, it becomes the next version, and the old one is off.

    So no version ever means two things: the share of its alerts that was confirmed stays what it was.
    """
    columns = _columns(rule)
    found = Row.objects.filter(name=rule.name, version=rule.version).first()
    if found is None or found.tests == columns["tests"]:
        Row.objects.update_or_create(name=rule.name, version=rule.version, defaults=columns)
        return rule
    last = max(Row.objects.filter(name=rule.name).values_list("version", flat=True))
    Row.objects.filter(name=rule.name).update(enabled=False)
    Row.objects.create(**columns | {"version": last + 1})
    return RuleSet(rule.name, last + 1, rule.title, rule.tests, rule.enabled, rule.most)


def _columns(rule: RuleSet) -> dict[str, Any]:
    tests = [
        {"measure": one.measure, "comparison": one.comparison, "threshold": one.threshold, "of": one.of}
        for one in rule.tests
    ]
    return {
        "name": rule.name, "version": rule.version, "title": rule.title, "tests": tests, "enabled": rule.enabled,
        "most": rule.most,
    }  # fmt: skip


def _rule(row: Row) -> RuleSet | None:
    try:
        return RuleSet(row.name, row.version, row.title, read_tests(row.tests), row.enabled, row.most)
    except BadRule as error:
        log.error("The rule %s@%s is left out: %s", row.name, row.version, error)
        return None


def read_tests(rows: Iterable[Any]) -> tuple[Demand, ...]:
    """The tests that the rows of a rule's JSON name; raises BadRule."""
    try:
        return tuple(
            Demand(str(one["measure"]), str(one["comparison"]), float(one["threshold"]), str(one.get("of", "")))
            for one in rows
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadRule(
            f"A test is an object with measure, comparison, threshold and, where it is a multiple, of: {error!r}"
        ) from None
