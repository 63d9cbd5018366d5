"""The house rules that a machine can check."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
ROOMS = {"goldensignals", "marketdata", "options", "signals", "templates"}
PAPERS = {
    "manage.py",
    "requirements.txt",
    "docker-compose.yml",
    "Dockerfile",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "pyproject.toml",
    "conftest.py",
    ".gitignore",
    ".dockerignore",
    ".ci",
}
FORBIDDEN = {"utils", "common", "helpers", "services", "core", "manager"}


def tracked() -> list[str]:
    command = ["git", "-C", str(HOUSE), "ls-files"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return listed.stdout.split()


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading of the README."""
    text = (HOUSE / "README.md").read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


def test_the_one_way_rules_hold() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_only_the_agreed_names_stand_at_the_top() -> None:
    assert {path.split("/")[0] for path in tracked()} <= ROOMS | PAPERS


def test_no_room_is_a_drawer_for_everything() -> None:
    parts = {part.removesuffix(".py") for path in tracked() for part in path.split("/")}
    assert not parts & FORBIDDEN


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    settings = (HOUSE / "goldensignals" / "settings.py").read_text()
    read = re.findall(r'env(_\w+)?\(\s*"([A-Z_]+)"(?:,\s*("[^"]*"|\d[\w.]*|True|False))?', settings)
    told = {
        name.strip("` "): default.strip("` ")
        for names, defaults, *_ in table("Settings")
        for name, default in zip(names.split(","), defaults.split(",") if "," in names else [defaults], strict=False)
    }
    assert {name for _, name, _ in read} == {
        name.strip("` ") for row in table("Settings") for name in row[0].split(",")
    }
    plain = {name: default.strip('"') for kind, name, default in read if default and kind != "_url"}
    meant = {
        name: {"True": "1", "False": "0"}.get(default, default.replace("_", "")) for name, default in plain.items()
    }
    assert len(meant) > 40
    assert {name: told[name].replace("_", "") for name in meant} == meant


def test_every_dependency_has_its_reason_in_the_readme() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]
    names = {re.split(r"[\[<>=;,! ]", one)[0].lower() for one in wanted}
    told = {name.strip("` ").lower() for row in table("Dependencies") for name in row[0].split(",")}
    assert told == names
    assert all(len(row[1]) > 10 for row in table("Dependencies"))


def test_the_locks_pin_every_dependency_with_its_hash() -> None:
    for lock in ("requirements.txt", "goldensignals/tests/requirements.txt"):
        pins = re.findall(r"^([a-z0-9._-]+)==[^ ]+(.*)$", (HOUSE / lock).read_text(), re.MULTILINE | re.IGNORECASE)
        assert len(pins) > 20
        assert all("\\" in rest for _, rest in pins)


def test_recorded_market_data_is_not_shipped() -> None:
    assert not [path for path in tracked() if path.endswith((".csv", ".csv.gz", ".zip", ".parquet"))]


def test_only_the_simulated_market_draws_random_numbers() -> None:
    sources = [
        path for path in tracked() if path.endswith(".py") and "/tests/" not in path and "migrations" not in path
    ]
    drawing = {
        path
        for path in sources
        if re.search(r"np\.random|numpy\.random|^import random|^from random", (HOUSE / path).read_text(), re.MULTILINE)
    }
    allowed = re.compile(
        r"marketdata/(sources/simulated\w*|standins/\w+|stream\w*|reconnecting)\.py|options/simulated\w*\.py"
        r"|goldensignals/benchmarks/\w+\.py"
    )
    assert not {path for path in drawing if not allowed.fullmatch(path)}
