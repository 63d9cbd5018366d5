"""The page before its script: the words it writes, and what it does without numbers."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from marketdata import page, store
from marketdata.tests.doors import show

CASES: dict[str, list[tuple[float | None, str]]] = json.loads(
    (Path(__file__).parent / "js" / "format_cases.json").read_text()
)


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_the_script_says(name: str) -> None:
    for value, words in CASES[name]:
        assert getattr(page, name)(value) == words


@pytest.mark.django_db
def test_it_shows_the_last_known_numbers(simulated_market: None) -> None:
    store.set_watchlist(["AAPL", "MSFT"])
    show("AAPL")
    text = Client().get("/").content.decode()
    assert text.index("185.50") < text.index('data-symbol="MSFT"')
    assert "+0.68%" in text
    assert "every price here is made up" in text.lower()


@pytest.mark.django_db
def test_nothing_in_it_is_inline(simulated_market: None) -> None:
    response = Client().get("/")
    text = response.content.decode()
    assert "style=" not in text
    assert "<script>" not in text
    assert "'unsafe" not in response.headers["Content-Security-Policy"]
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_a_live_market_has_no_banner(settings: Any, simulated_market: None) -> None:
    settings.MARKET = "live"
    text = Client().get("/").content.decode()
    assert "made-up" not in text
    assert "simulated-chip" not in text
