"""The first start: makes `.venv`, installs the locked dependencies there and goes on inside it.

Standard library only. An interpreter that already has the dependencies (a container, a virtual environment of your
own) is left alone.
"""

import fcntl
import hashlib
import importlib.metadata
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NEED_TESTS = (["test"], ["standins"], ["drill"], ["bench"])
"""Commands that use what only tests need: the stand-ins' certificates, the peers of a benchmark."""
LOCKS = {"run": ROOT / "requirements.txt", "test": ROOT / "goldensignals" / "tests" / "requirements.txt"}


class CannotInstall(RuntimeError):
    """Why the dependencies are not there, and what to do about it, in one line."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(path: Path) -> dict[str, set[str]]:
    """Package name -> versions of a lock file; it may have one for each version of Python."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", path.read_text(), re.MULTILINE):
        pins.setdefault(normal(name), set()).add(version)
    return pins


def named(parts: Sequence[str]) -> list[str]:
    """The packages that pyproject.toml asks for by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wishes = [*project["project"]["dependencies"], *(project["dependency-groups"]["test"] if "test" in parts else ())]
    return [normal(re.split(r"[^A-Za-z0-9._-]", wish, maxsplit=1)[0]) for wish in wishes if "win32" not in wish]


def has_dependencies(parts: Sequence[str]) -> bool:
    """Whether this very interpreter has what pyproject.toml names, in the locked versions."""
    pins: dict[str, set[str]] = {}
    for part in parts:
        pins |= locked(LOCKS[part])
    try:
        return all(importlib.metadata.version(name) in pins[name] for name in named(parts) if name in pins)
    except importlib.metadata.PackageNotFoundError:
        return False


def stamp(part: str) -> str:
    """What `.venv` must have been made from: this lock, this interpreter."""
    real = PYTHON.resolve()
    age = real.stat().st_mtime_ns if real.exists() else 0
    return hashlib.sha256(LOCKS[part].read_bytes() + f"{real} {age}".encode()).hexdigest()


def stamped(part: str) -> Path:
    return VENV / f"goldensignals-{part}.stamp"


def is_ready(parts: Sequence[str]) -> bool:
    return all(stamped(part).exists() and stamped(part).read_text() == stamp(part) for part in parts)


@contextmanager
def alone() -> Iterator[None]:
    """One installation at a time: a second start waits for the first."""
    folder = ROOT / ".local"
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / "install.lock").open("w")
    except OSError as error:
        raise CannotInstall(
            f"{ROOT} cannot be written ({error.strerror}). Run as its owner, or clone into a folder of yours."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is installing; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def ensure(argv: Sequence[str]) -> None:
    """Return inside an interpreter that has the dependencies; see NEED_TESTS."""
    parts = ["run", "test"] if argv[1:2] in NEED_TESTS else ["run"]
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    if is_ready(parts) if inside else has_dependencies(parts):
        return
    try:
        if not is_ready(parts):
            from goldensignals import install

            with alone():
                if not is_ready(parts):
                    install.install(parts)
    except CannotInstall as problem:
        sys.exit(f"GoldenSignals cannot start: {problem}")
    except KeyboardInterrupt:
        sys.exit("Stopped. The next start goes on from here.")
    os.environ.pop("PYTHONHOME", None)
    os.environ.pop("__PYVENV_LAUNCHER__", None)
    keep_bytecode()
    os.execv(PYTHON, [str(PYTHON), *argv])  # noqa: S606


def keep_bytecode() -> None:
    """Where nobody wants bytecode beside the sources it goes to `.local`: without any, each start compiles for seconds.

    A folder that cannot be written does no harm: Python then compiles again.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".local" / "bytecode"))
