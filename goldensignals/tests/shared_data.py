"""Real market data and recorded payloads that lie beside the repository: read in place, skipped where absent."""

import os
from pathlib import Path

import pytest

shared = Path(os.environ.get("GS_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")


def folder(name: str) -> Path:
    """The folder (or file) `name` of the shared data; skips the test where there is none."""
    path = shared / name
    if not path.exists():
        pytest.skip(f"no shared data here: {name} (set GS_SHARED to the folder that has it)")
    return path
