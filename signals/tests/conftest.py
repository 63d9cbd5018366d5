"""The market behind the doors of this floor."""

from typing import Any

import pytest


@pytest.fixture
def simulated_market(settings: Any, db: None) -> None:
    """A market in which every symbol exists."""
    settings.MARKET = "simulated"
