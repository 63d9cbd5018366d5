"""What the doctor says of option chains."""

import pytest
from django.conf import LazySettings

from marketdata import store as market_store
from marketdata.checkup import Level
from options import checkup, ingest, tasks
from options.tests.vendor_chains import answer

pytestmark = pytest.mark.django_db


def test_each_watched_underlying_has_its_finding(settings: LazySettings) -> None:
    settings.MARKET = "simulated"
    market_store.set_watchlist(["AAPL", "TEST", "BTC-USD"])
    tasks.poll_chains_of(["AAPL"])
    ingest.chain(answer())
    found = {one.what: one for one in checkup.chains()}
    assert set(found) == {"options of TEST", "option chains"}
    assert found["option chains"].level is Level.FINE
    assert found["option chains"].evidence == "of 1 of 2 watched underlyings"
    assert found["options of TEST"].level is Level.NOTE
    assert found["options of TEST"].evidence.startswith("late: 16 contracts as of 2024-01-16 17:00 UTC")
    market_store.set_watchlist(["MSFT"])
    (none,) = checkup.chains()
    assert (none.level, none.evidence) == (Level.NOTE, "no chain has come yet")


def test_a_market_without_a_source_of_chains_says_so(settings: LazySettings) -> None:
    settings.MARKET = "simulated"
    market_store.set_source("simulated", enabled=False)
    (found,) = checkup.chains()
    assert "no source of the simulated market has them" in found.evidence
