"""`manage.py doctor` and the quota page: each complaint with its evidence and the next step."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from goldensignals import probes
from goldensignals.tests.waiting import until
from goldensignals.valkey import free_port
from marketdata import breaker, counters, quotas, store, wiring
from marketdata.sources.base import AuthFailed, Capability, NotEntitled, RateLimited

CASES = ["Servers", "WebSocket connection failed", "No market data", "High latency"]


@pytest.fixture
def house(settings: Any, transactional_db: None) -> Iterator[None]:
    """A live house with a key for Polygon alone, whose page is not running."""
    settings.MARKET = "live"
    settings.WS_PORT = free_port()
    sources = settings.MARKETDATA_SOURCES
    polygon = {**sources["polygon"], "OPTIONS": {**sources["polygon"]["OPTIONS"], "key": "secret-key"}}
    settings.MARKETDATA_SOURCES = {**sources, "polygon": {**polygon, "LIMITS": "5/minute"}}
    store.set_watchlist(["AAPL", "MSFT", "SPY"])
    wiring._built.cache_clear()
    assert until(lambda: probes.redis_server.failure() is None)
    yield
    for source in wiring.all_sources():
        source.close()
    wiring._built.cache_clear()


def doctor() -> tuple[dict[str, dict[str, dict[str, str]]], int]:
    """Findings by case and by what was looked at, and the exit status."""
    out, status = StringIO(), 0
    try:
        call_command("doctor", "--json", stdout=out)
    except SystemExit as ended:
        status = int(str(ended.code))
    found = json.loads(out.getvalue())
    return {case: {one["what"]: one for one in found[case]} for case in found}, status


def test_it_examines_the_three_complaints_and_says_what_to_do(house: None) -> None:
    found, status = doctor()
    assert list(found) == CASES
    assert status == 1
    socket = found["WebSocket connection failed"]["socket"]
    assert socket["level"] == "bad"
    assert "manage.py up" in socket["next_step"]
    data = found["No market data"]
    assert data["market"]["evidence"] == "live (MARKET=live)"
    assert "session" in data["market hours"]["evidence"]
    assert data["source alpaca"]["evidence"] == "left out: no key and no secret"
    assert data["budget polygon"]["evidence"] == "5 of 5 requests left (5 per 1 minute)"
    assert data["quota polygon"]["level"] == "note"
    assert "more slowly" in data["quota polygon"]["next_step"]
    assert data["quota yahoo"]["next_step"] == ""
    assert set(found["High latency"]) == {"redis", "postgres"}


def test_it_names_whom_it_leaves_alone_and_why_but_no_key(house: None) -> None:
    keeper = wiring.gatekeeper()
    keeper.tell("polygon", Capability.QUOTES, ["AAPL"], AuthFailed("Polygon does not know this key"))
    keeper.tell("yahoo", Capability.QUOTES, ["AAPL"], RateLimited("429"))
    keeper.tell("yahoo", Capability.BARS, ["BTC-USD"], NotEntitled("no crypto"))
    counters.source_ok("yahoo", 3.0)
    found, _ = doctor()
    data = found["No market data"]
    assert "until the configuration changes" in data["source polygon"]["evidence"]
    assert data["source polygon"]["next_step"] == AuthFailed.remedy
    assert data["source yahoo"]["evidence"].startswith("RateLimited: 429; left alone until")
    assert "source yahoo bars:crypto" in data
    assert data["alarm polygon AuthFailed"]["level"] == "bad"
    assert found["High latency"]["source yahoo"]["next_step"]
    assert "secret-key" not in json.dumps(found)


def test_a_dead_server_is_named_and_the_rest_left_out(house: None, settings: Any) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert until(lambda: probes.redis_server.failure() is not None)
    found, status = doctor()
    assert (list(found), status) == (CASES[:2], 1)
    assert found["Servers"]["Redis"]["next_step"] == "Run `python3 manage.py up`, or check REDIS_URL"
    assert found["Servers"]["Postgres"]["level"] == "ok"


def test_it_prints_a_page_for_people(house: None) -> None:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    text = out.getvalue()
    assert [line for line in text.splitlines() if line in CASES] == CASES
    assert "-> Run `python3 manage.py up`" in text


def test_the_quota_page_says_what_fits(house: None, client: Client) -> None:
    client.force_login(User.objects.create_superuser("Alice"))
    assert b'href="/admin/marketdata/sourceswitch/quotas/"' in client.get("/admin/marketdata/sourceswitch/").content
    page = client.get("/admin/marketdata/sourceswitch/quotas/").content.decode()
    assert "not even one symbol fits: poll" in page
    assert "5 of 5 (5 per 1 minute)" in page
    assert [plan.source for plan in quotas.plans()] == ["polygon", "yahoo"]


def test_off_and_on_again_is_forgiven(house: None, client: Client) -> None:
    client.force_login(User.objects.create_superuser("Alice"))
    wiring.gatekeeper().tell("yahoo", Capability.QUOTES, ["AAPL"], AuthFailed("no"))
    assert len(breaker.tripped()) == 1
    for name, enabled in (("off", {}), ("on", {"form-0-enabled": "on"})):
        client.get("/admin/marketdata/sourceswitch/")
        rows = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-name": "yahoo", "_save": name, **enabled}
        assert client.post("/admin/marketdata/sourceswitch/?name=yahoo", rows).status_code == 302
    assert breaker.tripped() == []
