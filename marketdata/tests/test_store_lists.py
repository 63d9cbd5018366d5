"""The watchlist, the switches, the cursors and the quarantine."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings

from marketdata import store
from marketdata.models import Quarantine
from marketdata.symbols import InvalidSymbol
from marketdata.tests.values import NOON, quote

pytestmark = pytest.mark.django_db


def test_a_new_database_watches_the_default_symbols(settings: LazySettings) -> None:
    assert store.watchlist() == list(settings.DEFAULT_SYMBOLS)


def test_the_settings_name_the_first_watchlist(settings: LazySettings) -> None:
    settings.MARKETDATA_SYMBOLS = ["spy", "brk-b"]
    assert store.watchlist() == ["SPY", "BRK.B"]


def test_the_watchlist_keeps_its_order() -> None:
    store.set_watchlist(["TSLA", "AAPL", "MSFT", "AAPL"])
    store.add_symbol("ibm", "International Business Machines")
    store.add_symbol("AAPL")
    assert store.watchlist() == ["TSLA", "AAPL", "MSFT", "IBM"]
    store.set_watchlist(["IBM", "TSLA"])
    assert store.watchlist() == ["IBM", "TSLA"]
    assert store.names() == {"IBM": "International Business Machines"}


def test_what_is_no_longer_watched_stays_known() -> None:
    store.set_watchlist(["TSLA", "AAPL"])
    store.remove_symbol("TSLA")
    assert store.watchlist() == ["AAPL"]
    assert store.symbols() == ["AAPL", "TSLA"]
    assert store.knows("TSLA")
    assert not store.knows("MSFT")
    store.add_symbol("TSLA")
    assert store.watchlist() == ["AAPL", "TSLA"]


def test_an_empty_watchlist_stays_empty() -> None:
    store.set_watchlist(["AAPL"])
    store.set_watchlist([])
    assert store.watchlist() == []


def test_what_is_no_symbol_changes_nothing() -> None:
    store.set_watchlist(["AAPL"])
    with pytest.raises(InvalidSymbol):
        store.set_watchlist(["MSFT", "no symbol"])
    assert store.watchlist() == ["AAPL"]


def test_sources_are_switched() -> None:
    assert store.enabled_sources() == {}
    store.set_source("yahoo", False)
    store.set_source("yahoo", True)
    store.set_source("simulated", False)
    assert store.enabled_sources() == {"yahoo": True, "simulated": False}


def test_a_cursor_moves() -> None:
    assert store.cursor("recorded:SPY") is None
    for at in (NOON, NOON + timedelta(seconds=5)):
        store.save_cursor("recorded:SPY", at)
    assert store.cursor("recorded:SPY") == NOON + timedelta(seconds=5)


def test_the_quarantine_keeps_what_json_cannot_say() -> None:
    store.quarantine([(quote(price=float("nan")), "a price that is no number")])
    row = Quarantine.objects.get()
    assert (row.symbol, row.reason, row.quote["price"]) == ("AAPL", "a price that is no number", "nan")
    assert store.drop_quarantine(datetime.now(UTC) - timedelta(days=1)) == 0
    assert store.drop_quarantine(datetime.now(UTC) + timedelta(days=1)) == 1
