"""The operator's door to options: every list opens, rules are switched and changed, and a broken one is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from options import store
from options.models import OptionRule
from options.tests.shown import alert, analysis

LISTS = ("optionrule", "optionalert", "chainsummary", "optioncontract", "optionreject")
GOOD = [{"measure": "volume", "comparison": ">", "threshold": 0.5, "of": "open interest"}]


@pytest.fixture
def operator(simulated_market: None, client: Client) -> Client:
    """A superuser at the admin of a market with a chain, an alert and a row that was left out."""
    client.force_login(User.objects.create_superuser("Alice"))
    value = analysis()
    store.save(replace(value, chain=replace(value.chain, left_out=("AAPL1: no strike",))), [alert()])
    store.rule_sets()
    return client


def address(name: str, version: int = 1) -> str:
    return f"/admin/options/optionrule/{OptionRule.objects.get(name=name, version=version).pk}/change/"


def form(**fields: Any) -> dict[str, Any]:
    return {"title": "Mine", "tests": json.dumps(GOOD), "most": "3", "enabled": "on"} | fields


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens(operator: Client, name: str) -> None:
    page = operator.get(f"/admin/options/{name}/")
    assert page.status_code == 200
    assert b"AAPL" in page.content or name == "optionrule"


@pytest.mark.parametrize("name", LISTS[1:])
def test_what_the_market_said_cannot_be_changed(operator: Client, name: str) -> None:
    assert operator.get(f"/admin/options/{name}/add/").status_code == 403
    assert "delete_selected" not in operator.get(f"/admin/options/{name}/").content.decode()


def test_an_alert_shows_its_evidence(operator: Client) -> None:
    page = operator.get(f"/admin/options/optionalert/{alert().id}/change/").content.decode()
    assert "&quot;threshold&quot;: 100.0" in page


def test_rules_are_listed_with_what_they_ask(operator: Client) -> None:
    page = operator.get("/admin/options/optionrule/").content.decode()
    assert "volume &gt;= 1.25 × open interest" in page
    assert page.count('class="field-asks"') == len(store.rule_sets())


def test_a_rule_is_switched_and_the_switch_is_logged(operator: Client) -> None:
    rows = list(OptionRule.objects.all())
    data = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows), "_save": "Save"}
    for number, row in enumerate(rows):
        data |= {f"form-{number}-id": row.pk}
        if row.enabled or row.name == "barchart":
            data |= {f"form-{number}-enabled": "on"}
    assert operator.post("/admin/options/optionrule/", data).status_code == 302
    assert {rule.name for rule in store.rule_sets() if rule.enabled} == {"score", "barchart"}
    assert [(one.object_repr, "enabled" in one.change_message.lower()) for one in LogEntry.objects.all()] == [
        ("barchart@1", True)
    ]  # fmt: skip


def test_changed_tests_are_the_next_version(operator: Client) -> None:
    assert operator.post(address("barchart"), form()).status_code == 302
    found = {(rule.version, rule.enabled, len(rule.tests)) for rule in store.rule_sets() if rule.name == "barchart"}
    assert found == {(1, False, 4), (2, True, 1)}
    assert LogEntry.objects.get().object_repr == "barchart@2"
    assert operator.post(address("barchart", 2), form(title="Ours", most="7")).status_code == 302
    kept = OptionRule.objects.get(name="barchart", version=2)
    assert (kept.title, kept.most, OptionRule.objects.filter(name="barchart").count()) == ("Ours", 7, 2)


def test_one_version_at_most_is_on(operator: Client) -> None:
    operator.post(address("barchart"), form())
    before = OptionRule.objects.get(name="barchart", version=1).tests
    operator.post(address("barchart"), form(tests=json.dumps(before)))
    assert [rule.version for rule in store.rule_sets() if rule.name == "barchart" and rule.enabled] == [1]


def test_a_rule_of_ones_own(operator: Client) -> None:
    assert operator.post("/admin/options/optionrule/add/", form(name="mine")).status_code == 302
    (rule,) = [one for one in store.rule_sets() if one.name == "mine"]
    assert (rule.version, rule.enabled, rule.most, rule.tests[0].of) == (1, True, 3, "open interest")


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("[", "Enter a valid JSON."),
        ("[]", "This field is required."),
        ("{}", "This field is required."),
        ('"volume"', "A test is an object with measure"),
        ('[{"measure": "volume"}]', "A test is an object with measure"),
        ('[{"measure": "luck", "comparison": ">", "threshold": 1}]', "A measure is one of volume, open interest"),
        ('[{"measure": "volume", "comparison": "~", "threshold": 1}]', "a comparison one of"),
        ('[{"measure": "volume", "comparison": ">", "threshold": "much"}]', "A test is an object with measure"),
        ('[{"measure": "volume", "comparison": ">", "threshold": NaN}]', "finite number"),
    ],
)
def test_a_broken_rule_is_refused_with_the_remedy(operator: Client, tests: str, said: str) -> None:
    before = store.rule_sets()
    answer = operator.post(address("barchart"), form(tests=tests))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert store.rule_sets() == before


def test_a_rule_that_may_raise_nothing_is_refused(operator: Client) -> None:
    assert b"switch the rule off" in operator.post(address("barchart"), form(most="0")).content


def test_no_rule_is_deleted(operator: Client) -> None:
    assert operator.post(address("barchart").replace("change", "delete"), {"post": "yes"}).status_code == 403
