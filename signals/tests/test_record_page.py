"""The record page before its script."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from marketdata import cache


def test_it_has_its_element_its_sheets_and_its_script(client: Client, simulated_market: None) -> None:
    answer = client.get(reverse("record"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<gs-record>" in text
    assert 'data-market="simulated"' in text
    named = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', text)
    assert {"signals/js/record.js", "signals/css/signals.css", "marketdata/css/tokens.css"} <= set(named)
    assert [name for name in named if finders.find(name) is None] == []


def test_nothing_in_it_is_inline_or_kept(client: Client, simulated_market: None) -> None:
    answer = client.get("/record")
    text = answer.content.decode()
    assert "style=" not in text
    assert "<script>" not in text
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_live_market_is_not_called_simulated(client: Client, settings: Any, db: None) -> None:
    settings.MARKET = "live"
    assert "Simulated" not in client.get("/record").content.decode()


@pytest.fixture
def no_redis(settings: Any, db: None) -> Iterator[None]:
    """Nobody listens where Redis should, and it alone knows the market."""
    settings.MARKET = "auto"
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    cache.client.cache_clear()
    yield
    cache.client.cache_clear()


def test_without_redis_it_still_comes(client: Client, no_redis: None) -> None:
    answer = client.get("/record")
    assert (answer.status_code, 'data-market="auto"' in answer.content.decode()) == (200, True)
