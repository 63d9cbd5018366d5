"""The servers of this clone: started for one command, or found where another command of this clone runs them."""

import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from goldensignals.binaries import ServerFailed
from goldensignals.embedded import Servers
from goldensignals.guard import Guard
from goldensignals.throwaway import servers

if TYPE_CHECKING:
    from goldensignals.front import Front

FOLDER = Path(__file__).resolve().parent.parent / ".local"
WITHOUT_SERVERS = {
    "",
    "help",
    "version",
    "--version",
    "--help",
    "-h",
    "test",
    "standins",
    "check",
    "collectstatic",
    "diffsettings",
}
APART = {"drill"}
"""Commands with servers of their own, whatever the environment names: what is kept must not be touched."""
PATIENCE = 60.0
"""Seconds to wait for a start that goes on elsewhere."""


class Refused(RuntimeError):
    """Why this command cannot run now, and what to do, in one line."""


class Clone:
    """What one command holds while it runs: the lock, the guard, the servers it started."""

    def __init__(self, folder: Path, lock: IO[str], environment: Mapping[str, str]) -> None:
        self.folder, self.lock = folder, lock
        self.guard = Guard()
        self.servers = Servers(folder, self.guard, keep=[lock.fileno()], given=given(environment))
        self.urls: dict[str, str] = {}
        self.front: Front | None = None

    def start(self) -> None:
        self.urls = self.servers.start()
        os.environ.update(self.urls)

    def await_ready(self) -> None:
        """Wait for Postgres, then let other commands of this clone find the servers."""
        self.servers.await_ready()
        note(self.folder, self.urls)

    def stop(self) -> None:
        """End everything, the processes before the servers they use."""
        if self.front:
            self.front.supervisor.stop()
        (self.folder / "servers.json").unlink(missing_ok=True)
        self.servers.stop()
        self.guard.close()


current: Clone | None = None
"""What this process started, for `up`."""


def given(environment: Mapping[str, str]) -> set[str]:
    """The servers that the environment names."""
    names = {name for name in ("DATABASE_URL", "REDIS_URL") if environment.get(name, "").strip()}
    return names | ({"REDIS_URL"} if environment.get("REDIS_HOST", "").strip() else set())


def note(folder: Path, urls: Mapping[str, str]) -> None:
    """Write down what runs here; the addresses have the password, so only the owner may read them."""
    path = folder / "servers.json"
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text(json.dumps({"pid": os.getpid(), "command": " ".join(sys.argv[1:2]), "urls": dict(urls)}))


def noted(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "servers.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def take(path: Path, how: int = fcntl.LOCK_EX) -> IO[str] | None:
    """The lock, or None while somebody else holds it."""
    file = path.open("a")
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
        (folder / "logs").mkdir(exist_ok=True)
        (folder / "owner.lock").touch()
    except OSError as error:
        raise Refused(
            f"{folder} cannot be written ({error.strerror}). It may be another user's: run as that user, or remove it."
        ) from None


def wait_for(path: Path) -> IO[str]:
    """The lock that the servers hold: after a hard kill it is free once the guard has ended them."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if lock := take(path):
            return lock
        time.sleep(0.05)
    raise Refused(f"servers of an earlier start still run (see `fuser {path}`). End them and start again.")


@contextmanager
def servers_for(command: str, folder: Path = FOLDER) -> Iterator[None]:
    """The environment names servers that run; raises Refused or ServerFailed."""
    global current
    if command in APART:
        with servers(command) as urls:
            os.environ.update(urls)
            yield
        return
    if command in WITHOUT_SERVERS or (command != "up" and len(given(os.environ)) == 2):
        yield
        return
    make(folder)
    owner = take(folder / "owner.lock")
    if owner is None:
        with joined(command, folder):
            yield
        return
    with owner, wait_for(folder / "servers.lock") as lock, ExitStack() as stack:
        note(folder, {})
        current = Clone(folder, lock, os.environ)
        stack.callback(current.stop)
        current.start()
        if command != "up":
            current.await_ready()
            stack.callback(let_others_finish, folder)
        yield


@contextmanager
def joined(command: str, folder: Path) -> Iterator[None]:
    """Use the servers of the command that runs them."""
    if command == "up":
        raise Refused(f"already running in this clone: {described(noted(folder))}. End that first.")
    with (folder / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        deadline = time.monotonic() + PATIENCE
        while not (urls := noted(folder).get("urls")):
            if time.monotonic() > deadline:
                raise Refused(f"{described(noted(folder))} is starting and does not get ready.")
            time.sleep(0.05)
        os.environ.update(urls)
        yield


def described(found: Mapping[str, object]) -> str:
    return f"`manage.py {found.get('command', '?')}`, process {found.get('pid', '?')}"


def let_others_finish(folder: Path) -> None:
    """Commands that joined us still need the servers."""
    with (folder / "users.lock").open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another command of this clone still uses the database; waiting for it.", file=sys.stderr)
            fcntl.flock(users, fcntl.LOCK_EX)


def run(argv: Sequence[str]) -> None:
    """Django's commands, with servers."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldensignals.settings")
    command = "help" if {"-h", "--help"} & set(argv) else "".join(argv[1:2])
    try:
        with servers_for(command):
            if command == "up" and current:
                from goldensignals import front

                current.front = front.start(argv[2:], current)
            command_of_django(argv)
    except (Refused, ServerFailed) as problem:
        sys.exit(f"GoldenSignals: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)


def command_of_django(argv: Sequence[str]) -> None:
    """What Django knows to do; raises Refused where a setting is wrong (with --traceback: what Django raised)."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(list(argv))
    except ImproperlyConfigured as error:
        if "--traceback" in argv:
            raise
        raise Refused(str(error)) from None
