"""The operator's door to signals: votes and gates in words, and nothing that can be changed."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from signals import issue, store
from signals.domain import Decision
from signals.models import Calibration
from signals.tests.house import taught
from signals.tests.shown import CLOSE, issued, proven
from signals.tests.values import decision, outcome

LISTS = ("signal", "outcome", "ledger", "calibration")


@pytest.fixture
def both(simulated_market: None) -> tuple[Decision, ...]:
    """A BUY that was graded, and a lean."""
    values = issued(proven(), decision("MSFT", 1))
    issue.outcomes([outcome(values[0].signal)], CLOSE + timedelta(days=6))
    taught()
    return values


@pytest.fixture
def operator(both: tuple[Decision, ...], client: Client) -> Client:
    """A superuser."""
    client.force_login(User.objects.create_superuser("Alice"))
    return client


def page(operator: Client, address: str) -> str:
    answer = operator.get(f"/admin/signals/{address}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_and_nothing_can_be_changed(operator: Client, name: str) -> None:
    text = page(operator, f"{name}/")
    assert "delete_selected" not in text
    assert "field-" in text
    assert operator.get(f"/admin/signals/{name}/add/").status_code == 403


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"AAPL", "MSFT"}),
        ("?action=BUY", {"AAPL"}),
        ("?lean=down", {"MSFT"}),
        ("?horizon=30m", set()),
        ("?market=live", set()),
        ("?announces__exact=1", {"AAPL", "MSFT"}),
        ("?q=msft", {"MSFT"}),
        ("?q=MS", set()),
    ],
)
def test_signals_are_found(operator: Client, query: str, shown: set[str]) -> None:
    text = page(operator, f"signal/{query}")
    assert {symbol for symbol in ("AAPL", "MSFT") if f'field-symbol">{symbol}<' in text} == shown


def test_a_signal_shows_votes_gates_and_end_in_words(operator: Client, both: tuple[Decision, ...]) -> None:
    text = page(operator, f"signal/{both[0].signal.id}/change/")
    entry = store.entry_of(issue.SIGNAL, both[0].signal.id)
    assert entry is not None
    for told in (
        "<td>rsi_reversal@1</td><td>+0.60</td><td>50.0 %</td><td>The index is 28.0.</td>",
        "<td>tv_rating@1</td><td>–</td><td>–</td><td>too few bars</td>",
        "<td>cooldown</td><td>failed</td><td>0</td><td>3</td><td>bars since</td>",
        "66.0 % (58.0 %–74.0 %)",
        "proven, base 52.0 %",
        "+195 bp after costs, won.",
        f"{entry.seq}: {entry.head}",
    ):
        assert told in text
    assert 'name="_save"' not in text
    assert "Not graded yet." in page(operator, f"signal/{both[1].signal.id}/change/")


def test_an_outcome_leads_to_its_signal(operator: Client, both: tuple[Decision, ...]) -> None:
    text = page(operator, "outcome/")
    assert f"/admin/signals/signal/{both[0].signal.id}/change/" in text
    assert "+195.0" in text
    assert operator.get(f"/admin/signals/signal/{both[0].signal.id}/change/").status_code == 200


def test_the_ledger_is_searched_by_a_whole_id(operator: Client, both: tuple[Decision, ...]) -> None:
    assert page(operator, f"ledger/?q={both[1].signal.id}").count('class="field-kind"') == 1
    assert page(operator, "ledger/?q=17").count('class="field-kind"') == 0
    assert page(operator, "ledger/?kind=outcome").count('class="field-kind"') == 1
    assert store.head()[1] in page(operator, "ledger/")


def test_a_calibration_says_what_each_score_is_worth(operator: Client) -> None:
    text = page(operator, f"calibration/{Calibration.objects.get().pk}/change/")
    assert text.count("<td>up</td>") == text.count("<td>down</td>") == 7
    assert "<td>0.3 to –</td><td>50.0 %</td>" in text


def test_the_index_has_no_script_of_its_own(operator: Client, both: tuple[Decision, ...]) -> None:
    assert "<script>" not in page(operator, f"signal/{both[0].signal.id}/change/")
