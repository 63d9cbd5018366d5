"""A recorded market with chains only: each underlying shows its whole last chain, whenever that was."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from goldensignals.tests.shared_data import folder
from marketdata import store as market_store
from marketdata import wiring
from marketdata.cache import client
from marketdata.live import topics
from options import polling, store, tasks

pytestmark = pytest.mark.django_db(transaction=True)
EVENING = datetime(2025, 10, 22, 23, 24, tzinfo=UTC)


def recorded(settings: LazySettings, path: Path) -> None:
    backend = "marketdata.sources.recorded.Recorded"
    settings.MARKETDATA_SOURCES = {
        "recorded": {"BACKEND": backend, "MARKET": "recorded", "OPTIONS": {"folder": str(path)}}
    }
    settings.MARKET = "recorded"
    wiring._built.cache_clear()
    market_store.set_watchlist([symbol for one in wiring.all_sources() for symbol in one.symbols()])  # type: ignore[attr-defined]


@pytest.fixture
def chains(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    """The shared chains but Lean's, which take seconds to read."""
    for file in folder("data/chains").iterdir():
        if not file.name.startswith("lean_AAPL"):
            (tmp_path / file.name).symlink_to(file)
    recorded(settings, tmp_path)
    yield
    wiring._built.cache_clear()


def test_before_it_plays_nobody_is_asked(chains: None) -> None:
    assert tasks.due() == []


def test_each_underlying_has_its_whole_last_chain(chains: None) -> None:
    client().set(topics.POSITION, EVENING.isoformat())
    assert tasks.due() == ["AAPL", "AMD", "SPY", "TWX"]
    assert tasks.due() == []  # the market is closed: again in ten minutes
    found = {symbol: polling.poll(symbol).analysis for symbol in ("AAPL", "AMD", "SPY", "TWX")}  # type: ignore[union-attr]
    assert {symbol: (one.chain.session, len(one.chain)) for symbol, one in found.items()} == {
        "AAPL": (date(2025, 10, 6), 2099), "AMD": (date(2025, 10, 22), 128),
        "SPY": (date(2025, 5, 16), 2540), "TWX": (date(2014, 6, 10), 184),
    }  # fmt: skip
    assert store.latest("SPY", "recorded").summary.gex == found["SPY"].summary.gex
    assert polling.poll("SPY") is None  # the recorded clock stands still
