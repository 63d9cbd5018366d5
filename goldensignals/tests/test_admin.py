"""The operator's door: every list opens, sources can be switched, quotes cannot be touched."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote as escaped

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketdata import counters, ingest, store, wiring
from marketdata.domain import Quote, Session
from marketdata.models import QuoteRow
from marketdata.sources.base import RateLimited
from marketdata.tests.values import bars

LISTS = ("symbol", "sourceswitch", "quoterow", "latest", "quarantine", "coveragerow", "sourceday")


@pytest.fixture
def operator(settings: Any, transactional_db: None, client: Client) -> Client:
    """A superuser at the admin of a simulated market with some of everything."""
    settings.MARKET = "simulated"
    client.force_login(User.objects.create_superuser("Alice"))
    now = datetime.now(UTC)
    fields: dict[str, Any] = {"vendor": "simulated", "received_at": now, "session": Session.ALWAYS, "simulated": True}
    ingest.quotes([Quote(symbol="AAPL", as_of=now - timedelta(seconds=i), price=185.0 + i, **fields) for i in range(3)])
    ingest.quotes([Quote(symbol="SPY", as_of=now + timedelta(hours=1), price=500.0, **fields)])
    ingest.bars(bars(now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1), [11.0, 12.0, 13.0]))
    return client


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens(operator: Client, name: str) -> None:
    assert operator.get(f"/admin/marketdata/{name}/").status_code == 200


def test_the_index_has_no_script_of_others(operator: Client) -> None:
    answer = operator.get("/admin/")
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert b"<script>" not in answer.content


def test_symbols_are_checked_and_ordered(operator: Client) -> None:
    row = {"name": "", "position": "3", "watched": "on", "active": "on"}
    answer = operator.post("/admin/marketdata/symbol/add/", {"symbol": "!!", **row})
    assert b"is not a symbol" in answer.content
    assert operator.post("/admin/marketdata/symbol/add/", {"symbol": "brk-b", **row}).status_code == 302
    assert store.watchlist() == ["BRK.B"]


def test_a_source_is_switched_off_and_its_failure_shown(operator: Client) -> None:
    counters.source_failed("simulated", RateLimited("slow down"))
    page = operator.get("/admin/marketdata/sourceswitch/").content.decode()
    assert "RateLimited: slow down" in page
    assert "failing" in page
    assert wiring.sources()
    form = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-name": "simulated", "_save": "Save"}
    assert operator.post("/admin/marketdata/sourceswitch/", form).status_code == 302
    assert wiring.sources() == ()
    assert operator.get("/api/v1/sources").json()["sources"][0]["status"] == "off"


@pytest.mark.parametrize("name", ["quoterow", "latest", "quarantine", "coveragerow", "sourceday"])
def test_what_the_market_said_cannot_be_changed(operator: Client, name: str) -> None:
    assert operator.get(f"/admin/marketdata/{name}/add/").status_code == 403
    page = operator.get(f"/admin/marketdata/{name}/").content.decode()
    assert "delete_selected" not in page


def test_a_quote_is_found_by_its_symbol_and_opened_by_its_key(operator: Client) -> None:
    page = operator.get("/admin/marketdata/quoterow/?q=aapl").content.decode()
    assert page.count('class="field-price') == 3
    row = QuoteRow.objects.filter(symbol="AAPL")[0]
    address = f"/admin/marketdata/quoterow/{escaped(row.id).replace('_', '_5F')}/change/"
    with CaptureQueriesContext(connection) as asked:
        answer = operator.get(address)
    assert answer.status_code == 200
    assert any("\"symbol\" = 'AAPL'" in query["sql"] for query in asked)
    assert operator.get("/admin/marketdata/quoterow/nonsense/change/").status_code == 302


def test_coverage_is_counted(operator: Client) -> None:
    page = operator.get("/admin/marketdata/coveragerow/").content.decode()
    assert '<td class="field-complete">3</td>' in page


def test_the_quarantine_says_why(operator: Client) -> None:
    assert "s in the future" in operator.get("/admin/marketdata/quarantine/").content.decode()
