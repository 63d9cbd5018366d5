"""GET of alerts: newest first, filtered, page by page while new ones come, with the record of each rule."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from marketdata.tests import openapi
from options import store, wire
from options.domain import Alert, Verdict
from options.tests.shown import AT, SESSION, alert, analysis

ALERTS = "/api/v1/alerts"


def raised(number: int, **fields: Any) -> Alert:
    """The alert of that minute."""
    return alert(number, raised_at=AT + timedelta(minutes=number), **fields)


def keep(*values: Alert) -> None:
    store.save(analysis(), values)


def ids(client: Client, query: str = "") -> list[str]:
    return [one["alert_id"] for one in client.get(f"{ALERTS}?{query}").json()["results"]]


@pytest.fixture
def three(simulated_market: None) -> list[Alert]:
    """Three alerts, of which one was judged."""
    judged = raised(
        2, underlying="SPY", rule="barchart", score=40.0, verdict=Verdict.OPENED, next_open_interest=2500.0,
        change=2200.0, confirmed_at=date(2026, 11, 23),
    )  # fmt: skip
    values = [raised(1), judged, raised(3, session=SESSION + timedelta(days=3))]
    keep(*values)
    return values


def test_alerts_are_those_of_the_document_and_of_the_socket(client: Client, three: list[Alert]) -> None:
    answer = client.get(ALERTS)
    openapi.check("/api/v1/alerts", answer)
    assert answer.json()["results"] == [wire.alert(one) for one in reversed(three)]
    assert answer.json()["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("symbol=aapl", [3, 1]),
        ("symbol=SPY", [2]),
        ("rule=barchart", [2]),
        (f"session={SESSION}", [2, 1]),
        ("verdict=pending", [3, 1]),
        ("verdict=opened", [2]),
        ("min_score=50", [3, 1]),
        ("symbol=SPY&verdict=pending", []),
        ("symbol=ZZZZ", []),
    ],
)
def test_filters(client: Client, three: list[Alert], query: str, expected: list[int]) -> None:
    assert ids(client, query) == [alert(number).id for number in expected]


def test_each_rule_has_its_record(client: Client, three: list[Alert]) -> None:
    said = client.get(ALERTS).json()["confirmation"]
    assert [(one["rule"], one["alerts"], one["opened"], one["pending"], one["share"]) for one in said] == [
        ("barchart", 1, 1, 0, 1.0), ("score", 2, 0, 2, None),
    ]  # fmt: skip
    assert 0 < said[0]["low"] < 1
    assert [one["rule"] for one in client.get(f"{ALERTS}?symbol=AAPL").json()["confirmation"]] == ["score"]


def test_new_alerts_between_two_pages_shift_nothing(client: Client, simulated_market: None) -> None:
    keep(*[raised(number) for number in range(1, 6)])
    first = client.get(f"{ALERTS}?limit=2&symbol=AAPL")
    keep(raised(6), replace(raised(7), raised_at=raised(4).raised_at))
    link = first.headers["Link"]
    assert link.endswith('>; rel="next"')
    second = client.get(link.split(">")[0][1:]).json()
    seen = [one["alert_id"] for one in (*first.json()["results"], *second["results"])]
    assert seen == [alert(number).id for number in (5, 4, 3, 2)]
    assert ids(client, f"limit=9&cursor={second['next']}") == [alert(1).id]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("symbol=!!", "symbol"),
        ("session=yesterday", "session"),
        ("verdict=maybe", "verdict"),
        ("min_score=101", "min_score"),
        ("rule=no%20rule", "rule"),
        ("limit=0", "limit"),
        ("cursor=abc", "cursor"),
    ],
)
def test_a_bad_parameter_is_named(client: Client, three: list[Alert], query: str, field: str) -> None:
    answer = client.get(f"{ALERTS}?{query}")
    openapi.check("/api/v1/alerts", answer, 400)
    assert field in answer.json()["errors"]


def test_an_unchanged_list_is_not_sent_again(client: Client, three: list[Alert]) -> None:
    first = client.get(ALERTS)
    again = client.get(ALERTS, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, first.headers["Cache-Control"]) == (304, "public, max-age=1")
    keep(raised(9))
    assert client.get(ALERTS, headers={"if-none-match": first.headers["ETag"]}).status_code == 200


def test_alerts_of_another_market_are_not_shown(client: Client, three: list[Alert], settings: Any) -> None:
    settings.MARKET = "live"
    assert client.get(ALERTS).json() == {"results": [], "next": None, "confirmation": []}
