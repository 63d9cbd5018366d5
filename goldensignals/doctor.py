"""The three complaints that a house like this hears, each examined: sockets, data, latency."""

import time
from collections.abc import Callable, Iterator
from statistics import median

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect

from goldensignals import probes
from marketdata import checkup
from marketdata.cache import client
from marketdata.checkup import Finding, Level
from options import checkup as options

SLOW = {"redis": 5.0, "postgres": 20.0}
"""Milliseconds of one small question beyond which a server is called slow."""
TRIES = 5


def examine() -> dict[str, list[Finding]]:
    """Findings by complaint; a dead server is one finding, and what it would have told is left out."""
    servers = list(_servers())
    if any(one.level is Level.BAD for one in servers):
        return {"Servers": servers, "WebSocket connection failed": list(_sockets())}
    return {
        "Servers": servers,
        "WebSocket connection failed": list(_sockets()),
        "No market data": [*_safely(checkup.data), *_safely(options.chains)],
        "High latency": [*_safely(_round_trips), *_safely(checkup.latency)],
    }


def _servers() -> Iterator[Finding]:
    step = "Run `python3 manage.py up`, or check {}"
    for name, probe, variable in (
        ("Postgres", probes.database, "DATABASE_URL"), ("Redis", probes.redis_server, "REDIS_URL")
    ):  # fmt: skip
        failure = probe.failure()
        level, evidence = (Level.BAD, f"no answer ({failure})") if failure else (Level.FINE, "answers")
        yield Finding(level, name, evidence, step.format(variable) if failure else "")


def _sockets() -> Iterator[Finding]:
    address = f"ws://127.0.0.1:{settings.WS_PORT}/ws"
    try:
        with connect(address, open_timeout=3, close_timeout=1, proxy=None):
            yield Finding(Level.FINE, "socket", f"{address} accepts connections")
    except InvalidStatus as error:
        step = "Add the page's origin to WS_ALLOWED_ORIGINS, its host name to ALLOWED_HOSTS"
        yield Finding(Level.BAD, "socket", f"{address} answered {error.response.status_code}", step)
    except (OSError, WebSocketException, TimeoutError) as error:
        step = "Run `python3 manage.py up`; if it runs elsewhere, set WS_PORT; then look at firewall and proxy"
        yield Finding(Level.BAD, "socket", f"{address}: {type(error).__name__}", step)
    others = ", ".join(settings.WS_ALLOWED_ORIGINS) or "none but our own host"
    yield Finding(Level.FINE, "origins", f"may open sockets: {others}; hosts: {', '.join(settings.ALLOWED_HOSTS)}")
    if settings.WS_AUTH_REQUIRED:
        yield Finding(Level.NOTE, "sign-in", "sockets need a token (WS_AUTH_REQUIRED)", "POST /api/v1/token/ gives one")


def _round_trips() -> Iterator[Finding]:
    questions: dict[str, Callable[[], object]] = {"redis": client().ping, "postgres": _ask_postgres}
    for name, ask in questions.items():
        took = median(_milliseconds(ask) for _ in range(TRIES))
        slow = took > SLOW[name]
        step = "Is the machine short of memory or processor time, or the server far away?" if slow else ""
        yield Finding(Level.NOTE if slow else Level.FINE, name, f"answers in {took:.2f} ms", step)


def _ask_postgres() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _milliseconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began)


def _safely(findings: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What is missing in a house that was never prepared is a finding too."""
    try:
        yield from findings()
    except (DatabaseError, redis.RedisError) as error:
        yield Finding(Level.BAD, "tables", type(error).__name__, "Run `python3 manage.py prepare`")
