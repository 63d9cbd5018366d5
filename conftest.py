"""What every test may ask for. The servers themselves come from goldensignals/tests/servers.py."""

from pathlib import Path

import pytest

from goldensignals.tests.shared_data import folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; skips the test where there is none."""
    return folder(".")
