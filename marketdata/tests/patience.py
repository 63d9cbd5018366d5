"""How long a client in a test waits: shortly where the waiting itself is tested, else as a busy machine needs."""

from collections.abc import Callable, Collection
from time import monotonic
from typing import TypeVar

import pytest

from marketdata.sources.base import VendorTimeout

T = TypeVar("T")
PATIENT = 30.0
HUNG = 15.0
"""Seconds after which a call did not keep its time: much more than it may take, less than a stand-in's delay."""


def patience(
    request: pytest.FixtureRequest, shortly: float, slow: Collection[str | None], patiently: float = PATIENT
) -> float:
    """Seconds for a test's client: `shortly` where its parameter `fault` (None: it has none) is one of the slow."""
    found = getattr(request.node, "callspec", None)
    return shortly if (found.params.get("fault") if found else None) in slow else patiently


def again(ask: Callable[[], T]) -> T:
    """The answer of a client that may give up some times before it gets one."""
    ends = monotonic() + PATIENT
    while monotonic() < ends:
        try:
            return ask()
        except VendorTimeout:
            continue
    return ask()
