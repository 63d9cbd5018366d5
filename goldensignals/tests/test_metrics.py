"""/metrics and /metrics/live-data: one set of counters, a bounded set of names."""

from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from marketdata import counters, tasks
from marketdata.sources.base import RateLimited


@pytest.fixture
def market(settings: Any, transactional_db: None) -> None:
    settings.MARKET = "simulated"


def samples(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Name and labels of every sample, and its value."""
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, tuple(one.labels.items())): one.value for family in families for one in family.samples}


def test_both_say_the_same(client: Client, market: None) -> None:
    tasks.poll_quotes()
    for symbol in ("AAPL", "SPY", "NVDA"):
        client.get(f"/api/v1/market-data/{symbol}")
    client.get("/api/v1/market-data/KO")
    found, said = samples(client), client.get("/metrics/live-data").json()
    assert said["quotes_fetched"] == found["goldensignals_quotes_fetched_total", ()] == 9
    assert said["cache_hits"] == found["goldensignals_cache_requests_total", (("result", "hit"),)] == 3
    assert said["cache_misses"] == found["goldensignals_cache_requests_total", (("result", "miss"),)] == 1
    assert said["cache_hit_rate"] == 0.75
    assert found["goldensignals_source_up", (("source", "simulated"),)] == 1
    assert said["sources"]["simulated"]["status"] == "ok"
    assert 0 <= said["last_quote_age"] < 20
    assert found["goldensignals_up", (("server", "redis"),)] == 1
    assert said.keys() >= {"status", "market", "errors", "uptime", "connections", "last_quote_age"}


def test_a_counter_never_falls_and_the_rate_is_unknown_before_anybody_asked(client: Client, market: None) -> None:
    assert client.get("/metrics/live-data").json()["cache_hit_rate"] is None
    tasks.poll_quotes()
    before = samples(client)["goldensignals_quotes_fetched_total", ()]
    tasks.poll_quotes()
    assert samples(client)["goldensignals_quotes_fetched_total", ()] >= before


def test_nothing_that_a_stranger_sends_becomes_a_name_or_a_label(client: Client, market: None) -> None:
    before = samples(client).keys()
    for i in range(50):
        client.get(f"/api/v1/market-data/X{i}")
        client.get(f"/nothing/{i}")
        counters.add(**{f"planted_{i}": 1})
        counters.source_failed(f"planted_{i}", RateLimited())
    assert samples(client).keys() - before <= {("goldensignals_last_quote_age_seconds", ())}


def test_a_failing_source_shows(client: Client, market: None) -> None:
    counters.source_ok("simulated", 0.25)
    counters.source_failed("simulated", RateLimited("slow down"))
    found, said = samples(client), client.get("/metrics/live-data").json()
    assert found["goldensignals_source_up", (("source", "simulated"),)] == 0
    assert found["goldensignals_source_latency_seconds", (("source", "simulated"),)] == 0.25
    assert said["status"] == "stopped"
    assert said["sources"]["simulated"]["last_failure"]["message"] == "slow down"
    assert client.get("/api/v1/sources").json()["sources"][0]["last_failure"]["remedy"] == RateLimited.remedy
