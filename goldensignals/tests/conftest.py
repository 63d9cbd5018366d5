"""What the tests of the page share."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from goldensignals.tests.site import Site


@pytest.fixture
async def site(settings: Any, transactional_db: None) -> AsyncIterator[Site]:
    """The site on the simulated market, listening, with a quote for each symbol of its watchlist."""
    settings.MARKET = "simulated"
    found = Site()
    await found.watch()
    await found.start()
    yield found
    await found.stop()
