"""A Yahoo of our own for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from marketdata.sources.yahoo import Yahoo
    from marketdata.standins.yahoo import YahooStandin


@pytest.fixture
def exchanges(shared: Path) -> Path:
    """The folder of exchanges recorded with Yahoo; skips the test where there is none."""
    folder = shared / "vendors" / "fixtures" / "yahoo"
    if not folder.is_dir():
        pytest.skip("no exchanges recorded with Yahoo here: vendors/fixtures/yahoo")
    return folder


@pytest.fixture
def standin() -> Iterator["YahooStandin"]:
    """Yahoo's side of the wire."""
    from marketdata.standins.yahoo import YahooStandin

    with YahooStandin() as server:
        yield server


@pytest.fixture
def yahoo(standin: "YahooStandin") -> Iterator["Yahoo"]:
    """The real client before the stand-in, with time enough for a machine that does much else."""
    # yfinance takes seconds to import: only the tests that need it pay.
    from marketdata.sources.yahoo import Yahoo

    source = Yahoo(standin.proxy, standin.ca_file, timeout=30)
    yield source
    source.close()


@pytest.fixture
def simulated_market(settings: Any, transactional_db: None) -> None:
    """A market in which every symbol exists; sockets read the database from other threads."""
    settings.MARKET = "simulated"
