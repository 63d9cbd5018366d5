"""What REST says of the market and of those who bring it."""

from typing import Any

import pytest
from django.test import Client

from marketdata import counters, scores
from marketdata.sources.base import RateLimited

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(settings: Any) -> None:
    """A live market in which only Yahoo, which needs no key, is set up."""
    settings.MARKET = "live"
    complete = {"NEEDS": ("key",), "MARKET": "live", "OPTIONS": {"key": ""}}
    settings.MARKETDATA_SOURCES = settings.MARKETDATA_SOURCES | {"polygon": complete, "alpaca": complete}


def standing(client: Client) -> dict[str, dict[str, Any]]:
    answer = client.get("/api/v1/sources").json()
    assert answer["market"] == "live"
    assert [one["order"] for one in answer["sources"]] == list(range(1, len(answer["sources"]) + 1))
    return {one["name"]: one for one in answer["sources"]}


def test_a_source_without_its_key_says_so(client: Client, live: None) -> None:
    found = standing(client)
    assert (found["polygon"]["status"], found["yahoo"]["status"]) == ("unset", "idle")
    assert "simulated" not in found


def test_a_source_tells_its_last_answer_and_its_last_failure(client: Client, live: None) -> None:
    counters.source_ok("yahoo", 0.25)
    assert (standing(client)["yahoo"]["status"], standing(client)["yahoo"]["latency_ms"]) == ("ok", 250.0)
    counters.source_failed("yahoo", RateLimited())
    failed = standing(client)["yahoo"]
    assert (failed["status"], failed["last_failure"]["error"]) == ("failing", "RateLimited")
    assert "Poll less often" in failed["last_failure"]["remedy"]


def test_a_source_tells_its_day_in_counts(client: Client, live: None) -> None:
    assert standing(client)["yahoo"]["today"] is None
    scores.answered("yahoo", 0.1)
    scores.left_out("yahoo", 2)
    counted = standing(client)["yahoo"]["today"]
    assert {name: count for name, count in counted.items() if count} == {"answers": 1, "gaps": 2}


def test_the_simulated_market_never_closes(client: Client, simulated_market: None) -> None:
    said = client.get("/api/v1/market").json()
    assert {name: said[name] for name in ("market", "simulated", "session", "is_open", "next_open", "next_close")} == {
        "market": "simulated", "simulated": True, "session": "24h", "is_open": True, "next_open": None,
        "next_close": None,
    }  # fmt: skip


def test_the_live_market_says_when_it_opens_and_closes(client: Client, live: None) -> None:
    said = client.get("/api/v1/market").json()
    assert said["simulated"] is False
    assert said["now"] < said["next_close"]
    assert said["is_open"] is (said["next_close"] < said["next_open"])
