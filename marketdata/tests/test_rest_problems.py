"""Every error is a problem document; every door has its budget and its entry in the OpenAPI document."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.test import Client

from marketdata import cache, wiring
from marketdata.tests import openapi
from marketdata.tests.doors import HISTORY, QUOTE, WATCHLIST, show

BEYOND = "203.0.113.9"


def is_problem(answer: Any, status: int) -> bool:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json().keys() >= {"type", "title", "status", "detail"}
    assert answer.json()["status"] == status
    return True


@pytest.mark.parametrize("path", ["/api/nothing", "/api/v1/nothing", "/api/v1/watchlist/", "/metrics/nothing"])
def test_no_such_address(client: Client, simulated_market: None, path: str) -> None:
    assert is_problem(client.get(path), 404)


def test_a_page_that_is_not_there_is_a_page(client: Client, simulated_market: None) -> None:
    assert client.get("/nothing").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", [QUOTE.format("AAPL"), "/health", "/livez", "/readyz", "/metrics", "/api/v1/market"])
def test_no_such_method(client: Client, simulated_market: None, path: str) -> None:
    answer = client.delete(path)
    assert is_problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_no_such_format(client: Client, simulated_market: None) -> None:
    assert is_problem(client.get("/api/v1/market", headers={"accept": "text/html"}), 406)


def test_a_forged_host(client: Client, simulated_market: None) -> None:
    assert is_problem(client.get("/api/v1/market", headers={"host": "evil.example"}), 400)


def test_a_fault_of_ours_tells_nothing(simulated_market: None, settings: Any) -> None:
    settings.MARKETDATA_SOURCES = {"simulated": {"BACKEND": "no.such.module", "MARKET": "simulated"}}
    wiring._built.cache_clear()
    answer = Client(raise_request_exception=False).get(QUOTE.format("NOBODY"))
    wiring._built.cache_clear()
    assert is_problem(answer, 500)
    assert "no.such" not in answer.content.decode()


@pytest.fixture
def no_redis(simulated_market: None, settings: Any) -> Iterator[None]:
    """A quote of AAPL is stored; then nobody listens where Redis should."""
    show()
    settings.REDIS_URL = "redis://:hidden@127.0.0.1:1/0"
    cache.client.cache_clear()
    yield
    cache.client.cache_clear()


def test_without_redis_quotes_come_from_postgres(client: Client, no_redis: None) -> None:
    answer = client.get(QUOTE.format("AAPL"))
    assert (answer.status_code, answer.json()["price"]) == (200, 185.5)


def test_what_needs_redis_says_that_it_is_away(client: Client, no_redis: None) -> None:
    answer = client.get("/api/v1/sources")
    assert is_problem(answer, 503)
    assert answer.headers["Retry-After"] == "5"
    assert "Redis" in answer.json()["detail"]
    assert "hidden" not in answer.content.decode()


@pytest.fixture
def few(settings: Any) -> None:
    """Three quotes a minute for each address."""
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"quotes": "3/min", "token": "2/min"}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}


def statuses(client: Client, count: int = 5, **extra: Any) -> list[int]:
    return [client.get(QUOTE.format("AAPL"), **extra).status_code for _ in range(count)]


def test_too_often_says_when_to_come_back(client: Client, simulated_market: None, few: None) -> None:
    show()
    assert statuses(client) == [200, 200, 200, 429, 429]
    answer = client.get(QUOTE.format("AAPL"))
    assert is_problem(answer, 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert client.get("/api/v1/watchlist", REMOTE_ADDR=BEYOND).status_code == 200


def test_a_forged_address_buys_no_second_budget(client: Client, simulated_market: None, few: None) -> None:
    show()
    said = [statuses(client, 1, headers={"x-forwarded-for": f"198.51.100.{i}"})[0] for i in range(5)]
    assert said == [200, 200, 200, 429, 429]


def test_behind_a_proxy_of_ours_each_client_has_its_budget(
    client: Client, simulated_market: None, few: None, settings: Any
) -> None:
    show()
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    assert statuses(client, headers={"x-forwarded-for": "198.51.100.1"}) == [200, 200, 200, 429, 429]
    assert statuses(client, 1, headers={"x-forwarded-for": "198.51.100.2"}) == [200]
    forged = {"x-forwarded-for": "198.51.100.77, 198.51.100.1"}
    assert statuses(client, 1, headers=forged) == [429]


def test_passwords_cannot_be_guessed_by_the_thousand(client: Client, simulated_market: None, few: None) -> None:
    guess = {"username": "Alice", "password": "guess"}
    said = [client.post("/api/v1/token", guess, content_type="application/json").status_code for _ in range(4)]
    assert said == [401, 401, 429, 429]


def test_another_origin_reads_only_where_a_setting_allows_it(
    client: Client, simulated_market: None, settings: Any
) -> None:
    page = {"origin": "https://desk.example"}
    assert "Access-Control-Allow-Origin" not in client.get("/api/v1/market", headers=page).headers
    settings.CORS_ALLOWED_ORIGINS = ["https://desk.example"]
    assert client.get("/api/v1/market", headers=page).headers["Access-Control-Allow-Origin"] == "https://desk.example"


def test_the_document_names_every_door_and_no_other() -> None:
    assert set(openapi.document()["paths"]) == {
        "/api/v1/agents", "/api/v1/alerts", "/api/v1/decisions", "/api/v1/ledger/head", "/api/v1/market",
        "/api/v1/market-data/{symbol}", "/api/v1/market-data/{symbol}/historical",
        "/api/v1/market-data/{symbol}/options", "/api/v1/options/{symbol}/gex", "/api/v1/options/{symbol}/smile",
        "/api/v1/options/{symbol}/summary", "/api/v1/signals", "/api/v1/signals/{signal}",
        "/api/v1/signals/{signal}/explain", "/api/v1/sources", "/api/v1/sources/scoreboard", "/api/v1/token",
        "/api/v1/token/refresh", "/api/v1/track-record", "/api/v1/watchlist", "/api/v1/watchlist/{symbol}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/api/v1/market-data/{symbol}", QUOTE.format("AAPL")),
        ("/api/v1/market-data/{symbol}/historical", HISTORY.format("AAPL")),
        ("/api/v1/watchlist", WATCHLIST),
        ("/api/v1/sources", "/api/v1/sources"),
        ("/api/v1/sources/scoreboard", "/api/v1/sources/scoreboard"),
        ("/api/v1/market", "/api/v1/market"),
        ("/api/v1/market-data/{symbol}", QUOTE.format("AAPL") + "?explain=1"),
    ],
)
def test_the_answers_are_those_of_the_document(client: Client, simulated_market: None, address: str, path: str) -> None:
    show()
    openapi.check(address, client.get(path))


def test_problems_are_those_of_the_document(client: Client, simulated_market: None) -> None:
    openapi.check("/api/v1/market-data/{symbol}", client.get(QUOTE.format("!!")), 400)


def test_the_document_and_its_page_come_from_this_machine_alone(client: Client, simulated_market: None) -> None:
    assert client.get("/api/schema/?format=json").json()["info"]["title"] == "GoldenSignals"
    answer = client.get("/api/docs/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "//" not in page.replace("<!DOCTYPE html>", "")
    assert "<script>" not in page
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    for link in ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js"):
        static = f"/static/drf_spectacular_sidecar/swagger-ui-dist/{link}"
        assert static in page
        with closing(client.get(static)) as file:
            assert file.status_code == 200
    assert client.get("/api/docs/?script=").headers["Content-Type"] == "application/javascript"


@pytest.mark.parametrize(
    ("method", "address", "refusals"),
    [
        ("post", "/api/v1/token", {"400", "401", "429"}),
        ("post", "/api/v1/token/refresh", {"400", "401", "429"}),
        ("put", "/api/v1/watchlist", {"400", "401", "403", "404", "415", "429", "503"}),
        ("post", "/api/v1/watchlist", {"400", "401", "403", "404", "415", "429", "503"}),
        ("delete", "/api/v1/watchlist/{symbol}", {"400", "401", "403", "404", "415", "429", "503"}),
    ],
)
def test_the_document_tells_how_a_write_may_be_refused(method: str, address: str, refusals: set[str]) -> None:
    responses = openapi.document()["paths"][address][method]["responses"]
    assert {status for status in responses if status >= "400"} == refusals
    assert all(list(responses[status]["content"]) == ["application/problem+json"] for status in refusals)
