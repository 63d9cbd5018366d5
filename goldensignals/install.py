"""Making `.venv` and filling it, by uv where it can be had (five times as fast as pip), else by pip."""

import errno
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence

from goldensignals.bootstrap import LOCKS, PYTHON, ROOT, VENV, CannotInstall, locked, say, stamp, stamped

SPACE = {"run": 900, "test": 1700}
"""MB that the dependencies take."""
ENOUGH_PYTHON = ("ssl", "zlib", "ctypes", "venv", "sqlite3")
PIP = ["-m", "pip", "--disable-pip-version-check", "--no-input"]
NO_PIP = "This Python has neither pip nor ensurepip. On Debian and Ubuntu: sudo apt-get install python3-venv"


def check(parts: Sequence[str]) -> None:
    """Say what is missing before anything is made."""
    if missing := [name for name in ENOUGH_PYTHON if importlib.util.find_spec(name) is None]:
        raise CannotInstall(
            f"the Python at {sys.executable} is incomplete (no {', '.join(missing)}). "
            "Use one from your system's packages or from python.org."
        )
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free < (needed := SPACE["test" if "test" in parts else "run"]) and not PYTHON.exists():
        raise CannotInstall(f"the disk of {ROOT} has {free} MB free, {needed} MB are needed. Free some space.")


def install(parts: Sequence[str]) -> None:
    """Make `.venv` and install these parts of the lock; raises CannotInstall."""
    check(parts)
    try:
        if not works():
            say("First start: installing into .venv (once, about a minute).")
            make_venv()
        for part in parts:
            say(f"  {len(locked(LOCKS[part]))} packages of {LOCKS[part].relative_to(ROOT)}")
            fill(part)
            stamped(part).write_text(stamp(part))
    except OSError as error:
        raise CannotInstall(explain(error)) from None


def explain(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk of {ROOT} is full. Free about 1 GB and start again."
    return f"{error.filename or ROOT}: {error.strerror}. Run as the owner of {ROOT}."


def works() -> bool:
    """Whether `.venv` runs and belongs to the interpreter that made it (a system upgrade may have swapped it)."""
    if not PYTHON.exists():
        return False
    probe = "import sys, sysconfig, os; sys.exit(not os.path.isdir(sysconfig.get_path('purelib')))"
    return subprocess.run([PYTHON, "-c", probe], capture_output=True).returncode == 0


def make_venv() -> None:
    """A virtual environment that has uv; pip comes from ensurepip, or from outside where that is missing."""
    bundled = importlib.util.find_spec("ensurepip") is not None
    outer = importlib.util.find_spec("pip") is not None
    if not bundled and not outer:
        raise CannotInstall(NO_PIP)
    command = [sys.executable, "-m", "venv", "--clear", str(VENV), *([] if bundled else ["--without-pip"])]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and outer:
        done = subprocess.run([*command, "--without-pip"], capture_output=True, text=True)
    if done.returncode:
        words = (done.stderr or done.stdout).strip()
        raise CannotInstall(NO_PIP if "ensurepip" in words else f"`python -m venv` failed: {last_line(words)}")


def pip() -> list[str]:
    """The pip that installs into `.venv`: its own, or this interpreter's."""
    if subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0:
        return [str(PYTHON), *PIP]
    return [sys.executable, *PIP, "--python", str(PYTHON)]


def fill(part: str) -> None:
    """Install one lock file with its hashes."""
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        fetch_uv()
    command = [str(uv), "pip", "install", "--python", str(PYTHON), "--require-hashes", "-r", str(LOCKS[part])]
    if uv.exists() and show(command, {**os.environ, **as_uv(pip_settings())}):
        return
    say("  uv could not; trying pip.")
    words = run([*pip(), "install", "--retries", "1", "--require-hashes", "-r", str(LOCKS[part])])
    if words is not None:
        raise CannotInstall(diagnose(words))


def fetch_uv() -> None:
    """Install the locked uv; a failure is fatal only if the network or the disk is to blame."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as only:
        entry = re.search(r"^uv==.*?(?=^\S|\Z)", LOCKS["run"].read_text(), re.MULTILINE | re.DOTALL)
        only.write(entry.group() if entry else "uv\n")
        only.flush()
        words = run([*pip(), "install", "--retries", "1", "--timeout", "20", "--no-deps", "-r", only.name])
    if words is not None and (shutil.disk_usage(ROOT).free < 50_000_000 or not online()):
        raise CannotInstall(diagnose(words))


def show(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Run it where the person can watch it."""
    quiet = None if sys.stderr.isatty() else subprocess.DEVNULL
    return subprocess.run(command, env=environment, stdout=quiet, stderr=quiet).returncode == 0


def run(command: Sequence[str]) -> str | None:
    """Run it silently; what it said if it failed."""
    done = subprocess.run(command, capture_output=True, text=True)
    return f"{done.stdout}\n{done.stderr}" if done.returncode else None


def pip_settings() -> dict[str, str]:
    """The index, mirror and certificates that pip was told to use, which uv does not read."""
    words = subprocess.run([*pip(), "config", "list"], capture_output=True, text=True).stdout
    found = re.findall(r"^[^.]+\.([a-z-]+)='(.*)'$", words, re.MULTILINE)
    return {name: value.replace("\\n", " ").strip() for name, value in found}


def as_uv(settings: Mapping[str, str]) -> dict[str, str]:
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
    names |= {"cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY"}
    given = {names[name]: value for name, value in settings.items() if name in names and value}
    return {**given, "UV_PYTHON_DOWNLOADS": "never", "UV_INDEX_STRATEGY": "unsafe-best-match", "UV_LINK_MODE": "copy"}


def online() -> bool:
    """Whether the package index answers at all."""
    index = pip_settings().get("index-url", "https://pypi.org/simple")
    try:
        urllib.request.urlopen(f"{index.rstrip('/')}/pip/", timeout=10).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False
    return True


def diagnose(words: str) -> str:
    if shutil.disk_usage(ROOT).free < 50_000_000 or "No space left" in words:
        return f"the disk of {ROOT} is full. Free about 1 GB and start again."
    if not online():
        return "the package index cannot be reached. Check the network (or PIP_INDEX_URL, HTTPS_PROXY) and start again."
    return f"the dependencies cannot be installed: {last_line(words)}"


def last_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return next(
        (line for line in reversed(lines) if "error" in line.lower()), lines[-1] if lines else "no reason given"
    )
