"""/health, /livez and /readyz: the promised keys, and what they say when a neighbour dies."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.test import Client

from goldensignals.embedded import Servers
from goldensignals.guard import Guard
from goldensignals.probes import DEADLINE, Probe
from marketdata import counters, tasks
from marketdata.live.frames import UVICORN
from signals import tasks as signal_tasks

ROOT = Path(__file__).resolve().parents[2]
SEEN_WITHIN = 60.0
QUICK = 25.0
"""Seconds for one answer, whatever is dead: less than one that waits for the dead would take."""


@pytest.fixture
def market(settings: Any, transactional_db: None) -> None:
    settings.MARKET = "simulated"


def test_a_running_house_says_exactly_what_was_promised(client: Client, market: None) -> None:
    tasks.poll_quotes()
    answer = client.get("/health")
    said = answer.json()
    assert answer.status_code == 200
    assert list(said) == ["status", "database", "redis", "agents", "live_data"]
    assert list(said["live_data"]) == ["status", "quotes_fetched", "errors", "uptime"]
    assert (said["status"], said["database"], said["redis"]) == ("healthy", "connected", "connected")
    assert (said["live_data"]["status"], said["live_data"]["quotes_fetched"]) == ("running", 9)
    assert re.fullmatch(r"(\d+ days?, )?\d+:\d\d:\d\d", said["live_data"]["uptime"])
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache")


def test_without_live_data_the_house_is_degraded(client: Client, market: None) -> None:
    said = client.get("/health").json()
    assert (said["status"], said["live_data"]["status"]) == ("degraded", "stopped")


def test_agents_run_once_the_judge_has_looked_at_the_market(client: Client, market: None) -> None:
    assert client.get("/health").json()["agents"] == "stopped"
    signal_tasks.judge()
    assert client.get("/health").json()["agents"] == "running"


def test_health_tells_the_errors_that_were_counted(client: Client, market: None) -> None:
    counters.add(errors=3)
    assert client.get("/health").json()["live_data"]["errors"] == 3


def test_an_instance_that_can_work_is_ready(client: Client, market: None) -> None:
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_a_server_that_hangs_is_told_within_the_deadline_and_asked_once() -> None:
    free, asked = Event(), []

    def hang() -> None:
        asked.append(1)
        free.wait(30)

    probe = Probe(hang)
    began = time.monotonic()
    assert probe.failure() == f"no answer within {DEADLINE:g} s"
    assert DEADLINE <= time.monotonic() - began < QUICK
    began = time.monotonic()
    assert probe.failure()
    assert time.monotonic() - began < DEADLINE
    assert asked == [1]
    free.set()


def test_a_failure_is_told_by_its_kind_alone() -> None:
    def refuse() -> None:
        raise ConnectionError("host 10.1.2.3, user goldensignals")

    assert Probe(refuse).failure() == "ConnectionError"


class House:
    """A web process of its own with servers of its own, to be killed."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)
        self.guard = Guard()
        self.servers = Servers(folder, self.guard, durable=False)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]

    def start(self) -> None:
        env = {**os.environ, **self.servers.start(), "MARKET": "simulated", "THROTTLE_QUOTES": "3/min"}
        self.servers.await_ready()
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)
        web = ["-m", "uvicorn", "goldensignals.asgi:application", "--port", str(self.port), *UVICORN]
        self.web = subprocess.Popen([sys.executable, *web], cwd=ROOT, env=env)

    def stop(self) -> None:
        self.web.kill()
        self.web.wait()
        for server in (self.servers.redis, self.servers.postgres):
            assert server
            server.send(signal.SIGCONT)
        self.servers.stop()
        self.guard.close()

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON of an answer, which must come quickly."""
        began = time.monotonic()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=QUICK) as answer:
                said = answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                said = error.code, json.load(error)
        assert time.monotonic() - began < QUICK
        return said

    def until(self, path: str, **values: Any) -> tuple[int, dict[str, Any]]:
        """The first answer with these values; it must come soon."""
        deadline = time.monotonic() + SEEN_WITHIN
        while time.monotonic() < deadline:
            status, said = self.get(path)
            if all(said.get(name) == value for name, value in values.items()):
                return status, said
        raise AssertionError(f"{path} still says {said}")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="gs-health-", dir="/tmp") as folder:
        found = House(Path(folder))
        found.start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", found.port), 1).close()
                break
            except OSError:
                Event().wait(0.05)
        yield found
        found.stop()


def test_the_server_believes_no_forged_address(house: House) -> None:
    forged = [{"X-Forwarded-For": f"198.51.100.{i}", "Forwarded": f"for=198.51.100.{i}"} for i in range(5)]
    assert [house.get("/api/v1/market", **headers)[0] for headers in forged] == [200, 200, 200, 429, 429]


def test_the_death_of_a_neighbour_is_seen_and_its_return_too(house: House) -> None:
    assert house.get("/readyz") == (200, {"status": "ready"})
    redis, postgres = house.servers.redis, house.servers.postgres
    assert redis
    assert postgres
    redis.send(signal.SIGSTOP)
    status, said = house.until("/health", redis="disconnected")
    assert (status, said["status"], said["database"]) == (503, "unhealthy", "connected")
    assert house.get("/readyz")[0] == 503
    assert house.get("/livez") == (200, {"status": "alive"})
    redis.send(signal.SIGCONT)
    house.until("/health", redis="connected")
    redis.stop()
    assert house.until("/health", redis="disconnected")[0] == 503
    redis.start()
    redis.await_ready()
    house.until("/health", redis="connected")
    postgres.stop()
    status, said = house.until("/health", database="disconnected")
    assert (status, said["status"], said["redis"]) == (503, "unhealthy", "connected")
    assert house.get("/readyz")[1]["reasons"] == ["database: OperationalError"]
    postgres.start()
    postgres.await_ready()
    house.until("/readyz", status="ready")
