"""A package that brings sources, built and installed by the real pip into a folder of its own."""

import importlib.util
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "toy-vendors"
version = "1.0"
[project.entry-points."goldensignals.sources"]
toyvendor = "toyvendor:Toy"
nosuch = "toyvendor:NoSuch"
fragile = "fragilevendor:Fragile"
halfway = "toyvendor:Halfway"
[tool.setuptools]
py-modules = ["toyvendor", "fragilevendor"]
"""
SOUND = '''
from datetime import UTC, datetime

from marketdata.domain import Quote, Session
from marketdata.sources.base import Capability, UnknownSymbol, Unsupported


class Toy:
    """One price for two shares."""

    name, capabilities, simulated = "toyvendor", frozenset({Capability.QUOTES}), False

    def quotes(self, symbols):
        now = datetime.now(UTC)
        fields = {"vendor": self.name, "as_of": now, "received_at": now, "price": 12.5, "session": Session.REGULAR}
        return {
            symbol: Quote(symbol=symbol, **fields) if symbol in ("AAPL", "MSFT") else UnknownSymbol(f"no {symbol!r}")
            for symbol in symbols
        }

    def bars(self, symbol, interval, start, end):
        raise Unsupported("no bars here")

    def knows(self, symbol):
        return symbol in ("AAPL", "MSFT")

    def close(self):
        pass


class Halfway:
    name, capabilities, simulated = "halfway", frozenset({Capability.QUOTES}), False
'''


def install(folder: Path) -> Path:
    """Build and install the package; the folder that a process must have on its path."""
    project, site = folder / "project", folder / "site"
    project.mkdir()
    (project / "pyproject.toml").write_text(PROJECT)
    (project / "toyvendor.py").write_text(SOUND)
    (project / "fragilevendor.py").write_text('raise RuntimeError("this library needs another Python")\n')
    command = [*_pip(), "install", "--no-index", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    environment = os.environ | {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        [*command, "--target", str(site), str(project)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return site


def _pip() -> list[str]:
    """This environment's pip, or the one that Python carries to make environments with."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    bundle = importlib.util.find_spec("ensurepip")
    folders = [sysconfig.get_config_var("WHEEL_PKG_DIR"), bundle and bundle.origin and Path(bundle.origin).parent]
    for folder in filter(None, folders):
        for wheel in Path(folder).rglob("pip-*.whl"):
            return [sys.executable, str(wheel / "pip")]
    pytest.skip("this Python has neither pip nor ensurepip")
