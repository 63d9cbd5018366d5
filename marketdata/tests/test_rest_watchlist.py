"""The watchlist, and who may change it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketdata import ingest, store
from marketdata.sources.base import Unavailable
from marketdata.standins.yahoo import YahooStandin
from marketdata.tests.doors import WATCHLIST, market_of, show, vendor
from marketdata.tests.values import bars

PASSWORD = "correct horse battery"
BEYOND = {"REMOTE_ADDR": "203.0.113.9"}
"""A client on another machine."""


@pytest.fixture
def staff(transactional_db: None) -> User:
    return User.objects.create_user("Alice", password=PASSWORD, is_staff=True)


@pytest.fixture
def reader(transactional_db: None) -> User:
    return User.objects.create_user("Bob", password=PASSWORD)


def listed(client: Client) -> list[str]:
    return [row["symbol"] for row in client.get(WATCHLIST).json()["symbols"]]


def put(client: Client, *symbols: str, **extra: Any) -> Any:
    return client.put(WATCHLIST, {"symbols": symbols}, content_type="application/json", **extra)


def post(client: Client, symbol: str, **extra: Any) -> Any:
    return client.post(WATCHLIST, {"symbol": symbol}, content_type="application/json", **extra)


def token(client: Client, user: User) -> str:
    given = {"username": user.username, "password": PASSWORD}
    answer = client.post("/api/v1/token", given, content_type="application/json")
    assert answer.status_code == 200
    return f"Bearer {answer.json()['access']}"


def test_a_new_house_watches_the_nine(client: Client, simulated_market: None) -> None:
    assert listed(client) == ["AAPL", "GOOGL", "TSLA", "SPY", "QQQ", "NVDA", "META", "AMZN", "MSFT"]


def test_a_row_has_the_quote_and_the_closes_of_today(client: Client, simulated_market: None) -> None:
    quote = show()
    now = datetime.now(UTC)
    start = max(now - timedelta(minutes=400), now.replace(hour=0, minute=0, second=0, microsecond=0))
    minutes = int((now - start).total_seconds() // 60) + 1
    ingest.bars(bars(start.replace(second=0, microsecond=0), [100.0 + i for i in range(minutes)], simulated=True))
    row = client.get(WATCHLIST).json()["symbols"][0]
    assert (row["symbol"], row["quote"]["price"]) == ("AAPL", quote.price)
    assert 0 < len(row["spark"]) <= 60
    assert row["spark"] == sorted(row["spark"])
    assert row["spark"][-1] == 99.0 + minutes


def test_replace_add_and_remove(client: Client, simulated_market: None) -> None:
    assert put(client, "ibm", "BRK-B", "IBM").status_code == 200
    assert listed(client) == ["IBM", "BRK.B"]
    added = client.post(WATCHLIST, {"symbol": "ko", "name": "Coca-Cola"}, content_type="application/json")
    assert (added.status_code, added.json()["name"]) == (201, "Coca-Cola")
    assert listed(client) == ["IBM", "BRK.B", "KO"]
    assert client.delete(f"{WATCHLIST}/ibm").status_code == 204
    assert client.delete(f"{WATCHLIST}?symbol=KO").status_code == 204
    assert listed(client) == ["BRK.B"]


@pytest.mark.parametrize(
    "body", ['{"symbols": ["!!"]}', '{"symbols": []}', '{"symbols": "AAPL"}', "{}", "[]", '{"symbols": [null]}']
)
def test_a_list_that_is_none_changes_nothing(client: Client, simulated_market: None, body: str) -> None:
    before = listed(client)
    answer = client.put(WATCHLIST, body, content_type="application/json")
    assert (answer.status_code, answer.json()["title"]) == (400, "Invalid input")
    assert answer.json()["errors"]
    assert listed(client) == before


def test_what_is_not_json_is_refused(client: Client, simulated_market: None) -> None:
    assert client.put(WATCHLIST, "{", content_type="application/json").status_code == 400
    answer = client.post(WATCHLIST, "symbol=KO", content_type="text/plain")
    assert (answer.status_code, answer.headers["Content-Type"]) == (415, "application/problem+json")


def test_another_machine_may_read_and_not_write(client: Client, simulated_market: None) -> None:
    assert client.get(WATCHLIST, **BEYOND).status_code == 200
    answer = post(client, "KO", **BEYOND)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "/api/v1/token" in answer.json()["detail"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "KO" not in listed(client)


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
def test_what_a_proxy_forwards_is_not_this_machine(client: Client, simulated_market: None, header: str) -> None:
    assert post(client, "KO", headers={header: "127.0.0.1"}).status_code == 401


def test_a_forged_address_does_not_make_this_machine(client: Client, simulated_market: None) -> None:
    assert post(client, "KO", headers={"x-forwarded-for": "127.0.0.1"}, **BEYOND).status_code == 401


def test_a_foreign_page_in_a_browser_here_may_not_write(client: Client, simulated_market: None) -> None:
    assert post(client, "KO", headers={"origin": "https://evil.example"}).status_code == 401
    assert post(client, "KO", headers={"origin": "null"}).status_code == 401
    assert post(client, "KO", headers={"origin": "http://testserver"}).status_code == 201


def test_staff_write_from_anywhere_by_token(client: Client, simulated_market: None, staff: User) -> None:
    answer = post(client, "KO", headers={"authorization": token(client, staff)}, **BEYOND)
    assert answer.status_code == 201


def test_others_do_not_write_by_token(client: Client, simulated_market: None, reader: User) -> None:
    answer = post(client, "KO", headers={"authorization": token(client, reader)}, **BEYOND)
    assert answer.status_code == 403
    assert "staff" in answer.json()["detail"]


def test_a_bad_token_is_a_problem(client: Client, simulated_market: None) -> None:
    answer = post(client, "KO", headers={"authorization": "Bearer nonsense"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
    assert isinstance(answer.json()["detail"], str)


def test_a_session_needs_its_csrf_token(simulated_market: None, staff: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(staff)
    assert post(browser, "KO", **BEYOND).status_code == 403
    browser.get("/admin/")
    browser.get("/admin/password_change/")
    proven = {"x-csrftoken": browser.cookies["csrftoken"].value}
    assert post(browser, "KO", headers=proven, **BEYOND).status_code == 201


@pytest.fixture
def live_market(settings: Any, transactional_db: None, standin: YahooStandin) -> Iterator[YahooStandin]:
    """A live market with our Yahoo."""
    with market_of(settings, "yahoo", "live", OPTIONS={"proxy": standin.proxy, "ca_file": standin.ca_file}):
        yield standin


def test_a_new_symbol_is_looked_up_once_and_quoted_at_once(client: Client, live_market: YahooStandin) -> None:
    answer = post(client, "IBM")
    assert answer.status_code == 201
    assert answer.json()["quote"]["vendor"] == "yahoo"
    asked = live_market.requests.total()
    assert post(client, "IBM").status_code == 201
    assert live_market.requests.total() == asked


def test_a_symbol_that_exists_nowhere_is_not_watched(client: Client, live_market: YahooStandin) -> None:
    before = listed(client)
    for answer in (post(client, "QZXQ"), put(client, "AAPL", "QZXQ")):
        assert (answer.status_code, answer.json()["title"]) == (404, "Unknown symbol")
        assert "QZXQ" in answer.json()["detail"]
    assert listed(client) == before
    assert not store.knows("QZXQ")


def test_a_vendor_that_cannot_tell_says_so(client: Client, settings: Any, transactional_db: None) -> None:
    with vendor(settings) as market:
        market.error = Unavailable("the line is dead")
        answer = post(client, "KO")
    assert answer.status_code == 503
    assert "the line is dead" in answer.json()["detail"]
