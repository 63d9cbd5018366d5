"""What `manage.py test` counts."""

import os
import sys
from pathlib import Path

import pytest

from goldensignals.checks import AGAIN, Check, checks, node
from goldensignals.tally import Tally, counted


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["3 passed, 1 failed, 2 skipped, 1 error in 0.5s"], {"passed": 3, "failed": 2, "skipped": 2}),
        (["=== 5 passed in 1.00s ===", ""], {"passed": 5}),
        (["5 passed, 1 rerun in 1.00s"], {"passed": 5, "rerun": 1}),
        (["ℹ tests 7", "ℹ pass 5", "ℹ fail 1", "ℹ cancelled 1", "ℹ skipped 0"], {"passed": 5, "failed": 2}),
        (["All checks passed!"], {}),
        ([], {}),
    ],
)
def test_the_words_of_the_runners(lines: list[str], expected: dict[str, int]) -> None:
    assert counted(lines) == expected


def test_the_last_line_counts_everything_and_a_silent_failure_too(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    assert tally.run(Check("well", (sys.executable, "-c", "print('3 passed in 1s')")))[0] == "3 passed"
    assert tally.run(Check("ill", (sys.executable, "-c", "raise SystemExit(2)")))[0] == "1 failed"
    assert tally.run(Check("absent", (), "no Node"))[0] == "skipped"
    assert tally.summary().startswith("3 passed, 1 failed, 1 skipped in ")
    assert tally.failed
    assert tally.skips == ["absent: no Node"]
    assert "3 passed" in capsys.readouterr().out


UNSTEADY = """
import pathlib

def test_once():
    mark = pathlib.Path(__file__).with_suffix(".mark")
    if not mark.exists():
        mark.touch()
        raise OSError("the first time")

def test_never():
    raise OSError("every time")
"""


def test_a_test_that_passes_only_the_second_time_is_named_with_its_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module, tally = tmp_path / "test_unsteady.py", Tally()
    module.write_text(UNSTEADY)
    alone = ("-c", os.devnull, "--rootdir", str(tmp_path), "-p", "no:asyncio", "--reruns-delay", "0")
    result, _ = tally.run(Check("pytest", (sys.executable, "-m", "pytest", *AGAIN, *alone, str(module))))
    assert result == "1 failed, 1 passed, 2 rerun"
    assert tally.failed
    assert tally.unsteady == ["test_unsteady.py::test_once"]
    assert "OSError: the first time" in capsys.readouterr().out


def test_arguments_mean_pytest_alone() -> None:
    assert [check.name for check in checks([])] == ["ruff", "mypy", "import-linter", "node --test", "pytest"]
    assert [check.command[-2:] for check in checks(["-k", "quote"])] == [("-k", "quote")]


def test_node_comes_with_the_tests_dependencies() -> None:
    assert node()
