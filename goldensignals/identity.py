"""As whom the embedded servers run, and the password they ask for."""

import os
import secrets
from pathlib import Path
from typing import Any

from goldensignals.binaries import server_user

CLEAN = {"LC_ALL": "C", "TZ": "UTC", "PGTZ": "UTC"}
"""Environment of the servers: the same on every machine."""


class Identity:
    """The user the servers of one folder run as."""

    def __init__(self, folder: Path) -> None:
        self._user = server_user(folder)

    @property
    def options(self) -> dict[str, Any]:
        """For subprocess."""
        user = self._user
        return {"cwd": "/", "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {"cwd": "/"}

    def give(self, path: Path) -> Path:
        if self._user:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)
        return path

    def make_folder(self, path: Path) -> Path:
        """A private folder of that user."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.give(path)


def password(folder: Path) -> str:
    """The servers' password, made once and readable by its owner only."""
    path = folder / "password"
    if not path.exists():
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()
