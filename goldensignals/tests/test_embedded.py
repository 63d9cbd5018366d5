"""The embedded servers are real, keep what they were given, and leave nothing behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from goldensignals.binaries import reachable, server_user
from goldensignals.embedded import Servers
from goldensignals.guard import Guard
from goldensignals.tests.waiting import all_gone, until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users can pass through, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="gs-home-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard()
    yield guard
    guard.close()


def started(folder: Path, guard: Guard) -> Servers:
    servers = Servers(folder, guard)
    servers.start()
    servers.await_ready()
    return servers


def addresses(servers: Servers) -> tuple[str, str]:
    assert servers.postgres
    assert servers.redis
    return servers.postgres.url, servers.redis.url


def remember(urls: tuple[str, str]) -> None:
    with psycopg.connect(urls[0]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with redis.Redis.from_url(urls[1]) as client:
        client.set("kept", "42")


def recall(urls: tuple[str, str]) -> tuple[object, object]:
    with psycopg.connect(urls[0]) as connection, redis.Redis.from_url(urls[1]) as client:
        return connection.execute("SELECT answer FROM kept").fetchone(), client.get("kept")


def test_what_was_stored_is_there_after_an_orderly_and_after_a_hard_stop(folder: Path, guard: Guard) -> None:
    first = started(folder, guard)
    remember(addresses(first))
    first.stop()
    second = started(folder, guard)
    assert recall(addresses(second)) == ((42,), b"42")
    assert second.postgres
    second.postgres.send(signal.SIGKILL)
    second.stop()
    assert (folder / "postgres" / "postmaster.pid").exists()
    third = started(folder, guard)
    assert recall(addresses(third)) == ((42,), b"42")
    third.stop()


def test_the_password_is_needed_and_stands_nowhere_in_the_process_list(folder: Path, guard: Guard) -> None:
    servers = started(folder, guard)
    assert servers.postgres
    assert servers.redis
    secret = servers.postgres.secret
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(servers.postgres.url.replace(secret, "wrong"))
    with (
        redis.Redis.from_url(servers.redis.url.replace(secret, "wrong")) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
    shown = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True).stdout
    assert "postgres" in shown
    assert secret not in shown
    assert Path(servers.postgres.log.parent / "password").stat().st_mode & 0o077 == 0
    servers.stop()


def test_a_database_of_a_run_is_never_dropped_while_somebody_may_be_connected(django_db_keepdb: bool) -> None:
    assert django_db_keepdb, "dropping it is an error of the run's last test: it ends with its server"


def test_postgres_speaks_utc_and_utf8_and_is_version_16(servers: Servers) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"].rpartition("/")[0] + "/postgres") as connection:
        asked = connection.execute("SELECT current_setting('timezone'), current_setting('server_encoding')").fetchone()
        assert asked == ("UTC", "UTF8")
        assert connection.info.server_version // 10000 == 16


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands its servers to another user")
def test_under_a_closed_folder_root_keeps_the_data_where_nobody_can_reach_it(tmp_path: Path, guard: Guard) -> None:
    tmp_path.chmod(0o700)
    home = reachable(tmp_path)
    try:
        assert home != tmp_path
        user = server_user(home)
        assert user
        assert user.pw_name == "nobody"
        servers = started(tmp_path, guard)
        remember(addresses(servers))
        assert recall(addresses(servers)) == ((42,), b"42")
        servers.stop()
        assert (home / "postgres").stat().st_uid == user.pw_uid
    finally:
        shutil.rmtree(home)


ORPHANS = """
import os, sys, time
from pathlib import Path
from goldensignals.embedded import Servers
from goldensignals.guard import Guard
guard = Guard()
folder = Path(sys.argv[1])
guard.remove(folder / "postgres")
servers = Servers(folder, guard, durable=False)
servers.start()
servers.await_ready()
print(guard.pid, servers.postgres.pid, servers.redis.pid, flush=True)
time.sleep(100)
"""


def test_a_hard_kill_of_the_parent_leaves_no_server_and_no_guard(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANS, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout
        pids = [int(pid) for pid in re.findall(r"\d+", parent.stdout.readline())]
        assert len(pids) == 3
        parent.kill()
    assert until(lambda: all_gone(pids))
    assert not (folder / "postgres").exists()
