"""The first start: what it says when it cannot go on, and that it leaves a finished environment alone."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
"""The interpreter under this virtual environment: it has none of our dependencies."""
BARE = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CERT": "", "NO_PROXY": "*"}
"""No package index: nothing listens on the discard port."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that a first start needs, as a clone has them."""
    target = tmp_path / "clone"
    (target / "goldensignals" / "tests").mkdir(parents=True)
    for name in ("manage.py", "pyproject.toml", "requirements.txt", "goldensignals/tests/requirements.txt"):
        shutil.copy(ROOT / name, target / name)
    for path in (ROOT / "goldensignals").glob("*.py"):
        shutil.copy(path, target / "goldensignals" / path.name)
    return target


def manage(
    clone: Path, *words: str, python: str | Path = BASE, **environment: str
) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "VIRTUAL_ENV"))}
    command = [str(python), "manage.py", *words]
    return subprocess.run(
        command, cwd=clone, env={**kept, **BARE, **environment}, capture_output=True, text=True, timeout=300
    )


def only_line(done: "subprocess.CompletedProcess[str]") -> str:
    """What it said at last; it must not be a traceback."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 8, 18), (3, 10, 13)])
def test_an_old_python_is_told_so_before_anything_else(clone: Path, version: tuple[int, ...]) -> None:
    pretend = f"import sys, runpy; sys.version_info = {version}; sys.version = '{'.'.join(map(str, version))} (old)'; "
    run = pretend + "runpy.run_path('manage.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", run], cwd=clone, capture_output=True, text=True)
    assert "needs Python 3.11 or newer, this is " + ".".join(map(str, version)) in only_line(done)


def test_an_old_python_can_read_the_file_that_tells_it() -> None:
    tree = ast.parse((ROOT / "manage.py").read_text(), feature_version=(3, 7))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign)]


def test_without_a_network_it_names_the_network(clone: Path) -> None:
    said = only_line(manage(clone, "up"))
    assert "package index cannot be reached" in said
    assert "PIP_INDEX_URL" in said


def test_without_pip_and_ensurepip_it_names_the_package_to_install(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['ensurepip'] = sys.modules['pip'] = None")
    said = only_line(manage(clone, "up", PYTHONPATH=str(tmp_path)))
    assert "sudo apt-get install python3-venv" in said


def test_an_incomplete_python_is_named(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['sqlite3'] = sys.modules['zlib'] = None")
    said = only_line(manage(clone, "up", PYTHONPATH=str(tmp_path)))
    assert "incomplete (no zlib, sqlite3)" in said


def test_a_folder_that_cannot_be_written_is_named(clone: Path) -> None:
    (clone / ".local").write_text("in the way")
    assert f"{clone} cannot be written" in only_line(manage(clone, "up"))


@pytest.fixture
def small_disk(clone: Path) -> Iterator[Path]:
    folder = clone.with_name("small")
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "none", folder], capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted by root")
    yield Path(shutil.copytree(clone, folder / "clone"))
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_before_anything_is_made(small_disk: Path) -> None:
    assert "MB are needed. Free some space." in only_line(manage(small_disk, "up"))
    assert not (small_disk / ".venv").exists()


def test_an_environment_that_has_everything_is_left_alone(clone: Path) -> None:
    go_on = "from goldensignals import bootstrap; bootstrap.ensure(['manage.py', 'up']); print('went on')"
    done = subprocess.run([sys.executable, "-c", go_on], cwd=clone, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("went on\n", "")
    assert not (clone / ".venv").exists()


WAITING = """
import fcntl, sys
from goldensignals import bootstrap
bootstrap.ROOT.joinpath(".local").mkdir()
with bootstrap.alone():
    print("first", flush=True)
    sys.stdin.readline()
"""


def test_two_first_starts_install_one_after_the_other(clone: Path) -> None:
    first = subprocess.Popen([BASE, "-c", WAITING], cwd=clone, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with first:
        assert first.stdout
        assert first.stdin
        assert first.stdout.readline() == "first\n"
        second = "from goldensignals import bootstrap\nwith bootstrap.alone(): print('second')"
        with subprocess.Popen(
            [BASE, "-c", second], cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as other:
            assert other.stderr
            assert other.stdout
            assert other.stderr.readline() == "Another start is installing; waiting for it.\n"
            first.stdin.write("go on\n")
            first.stdin.flush()
            assert other.stdout.read() == "second\n"
