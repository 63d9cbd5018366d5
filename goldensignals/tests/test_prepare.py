"""What is true before the processes start."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from goldensignals.prepare import migrate, prepare, seed
from marketdata import store, wiring

pytestmark = pytest.mark.django_db


def test_tables_are_made_once() -> None:
    assert migrate() is False


def test_symbols_that_are_asked_for_replace_the_list() -> None:
    assert seed(["msft", "AAPL"], "simulated") == ["MSFT", "AAPL"]
    assert seed(["IBM"], "simulated") == ["IBM"]


def test_a_list_that_somebody_made_is_kept_and_an_empty_database_gets_the_first_ones(settings: LazySettings) -> None:
    assert seed([], "simulated") == list(settings.DEFAULT_SYMBOLS)
    store.set_watchlist(["IBM"])
    assert seed([], "simulated") == ["IBM"]


def test_the_market_is_decided_and_prepared_twice_without_harm(settings: LazySettings) -> None:
    settings.MARKET = "simulated"
    first, second = prepare(["AAPL"]), prepare()
    assert first[0] == second[0] == wiring.Decision("simulated", "MARKET=simulated")
    assert second[1] == ["AAPL"]


def test_two_simulated_markets_are_never_mixed_in_one_database(settings: LazySettings) -> None:
    settings.MARKET = "simulated"
    prepare()
    entry = settings.MARKETDATA_SOURCES["simulated"]
    settings.MARKETDATA_SOURCES = {"simulated": {**entry, "OPTIONS": {"seed": 7, "edge": 0.4}}}
    with pytest.raises(ImproperlyConfigured, match=r"SIMULATED_EDGE=0; with .*EDGE=0\.4 .* remove \.local"):
        prepare()
    settings.MARKETDATA_SOURCES = {"simulated": entry}
    prepare()


def test_a_recording_brings_its_own_symbols_unless_somebody_chose(settings: LazySettings, shared: Path) -> None:
    settings.MARKET = "recorded"
    wiring._built.cache_clear()
    settings.MARKETDATA_SOURCES = {
        "recorded": {**settings.MARKETDATA_SOURCES["recorded"], "OPTIONS": {"folder": str(shared / "data/minute")}}
    }
    seed([], "simulated")
    assert set(seed([], "recorded")) == {"AIG", "BAC", "IBM", "SPY"}
    store.set_watchlist(["SPY", "AAPL"])
    assert seed([], "recorded") == ["SPY", "AAPL"]
    store.set_watchlist(["AAPL"])
    assert set(seed([], "recorded")) == {"AIG", "BAC", "IBM", "SPY"}
    wiring._built.cache_clear()
