"""What is true before the processes start."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from goldensignals.prepare import migrate, prepare, seed
from goldensignals.settings import env_number
from marketdata import store, wiring
from marketdata.symbols import InvalidSymbol

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


GATES = {"": {"outcomes": 30}, "1d": {}, "1m": {}}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"SIGNALS_HORIZONS": ["5x"]}, "SIGNALS_HORIZONS has '5x'. Write it like 5d"),
        ({"SIGNALS_HORIZONS": ["5d", "05d"]}, "SIGNALS_HORIZONS names 5d 2 times"),
        ({"SIGNALS_HORIZONS": ["30m", "1000d"]}, "SIGNALS_HORIZONS has 1000d: a signal looks at most 120 sessions"),
        ({"SIGNALS_HORIZONS": ["391m"]}, "at most 390 minutes"),
        (
            {"SIGNALS_AGENTS": {"mine": {"AGENT": "nowhere.Mine"}}},
            r"SIGNALS_AGENTS\['mine'\]: .*No module named 'nowhere'",
        ),
        ({"SIGNALS_UNIVERSE": ["IBM", "I B M!"]}, "I B M!"),
        ({"SIGNALS_GATES": GATES}, "SIGNALS_GATES, for bars of 1d: .* missing .* 'late'"),
        ({"SIGNALS_GATES": {"1d": {}}}, "SIGNALS_GATES, for bars of 1d: ''"),
    ],
)
def test_settings_of_signals_that_cannot_be_used_are_refused_at_the_start(
    settings: LazySettings, changed: dict[str, object], told: str
) -> None:
    settings.MARKET = "simulated"
    for name, value in changed.items():
        setattr(settings, name, value)
    with pytest.raises((ImproperlyConfigured, InvalidSymbol), match=told):
        prepare()


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "much"])
def test_an_amount_is_a_number_from_its_least_up(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SIGNALS_COST_BP", text)
    with pytest.raises(ImproperlyConfigured, match="SIGNALS_COST_BP"):
        env_number("SIGNALS_COST_BP", 5)


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
