"""What every test may ask for. The servers themselves come from goldensignals/tests/servers.py."""

from pathlib import Path

import pytest
from hypothesis import settings

from goldensignals.tests.shared_data import folder

# The same examples in every run: a failure is the code's, not the dice's.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; skips the test where there is none."""
    return folder(".")
