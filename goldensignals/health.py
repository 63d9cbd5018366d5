"""/health for people and monitors, /livez and /readyz for whoever starts and stops this process."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from goldensignals import metrics, probes
from marketdata import wiring
from signals import standing


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """The promised keys and no others; 503 when a part is missing without which nothing works."""
    found = report()
    return JsonResponse(found, status=503 if found["status"] == "unhealthy" else 200)


@require_safe
@never_cache
def livez(request: HttpRequest) -> JsonResponse:
    """That this process answers; it says nothing of its neighbours, whose death no restart of it would cure."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether requests may be sent here; 503 with the reasons when not."""
    reasons = unready()
    if reasons:
        return JsonResponse({"status": "not ready", "reasons": reasons}, status=503)
    return JsonResponse({"status": "ready"})


def report() -> dict[str, Any]:
    """What /health says."""
    database, redis = probes.database.failure() is None, probes.redis_server.failure() is None
    live = metrics.figures() if redis else metrics.nothing()
    return {
        "status": _status(database and redis, live["status"]),
        "database": "connected" if database else "disconnected",
        "redis": "connected" if redis else "disconnected",
        "agents": _agents() if redis else "unknown",
        "live_data": {name: live[name] for name in ("status", "quotes_fetched", "errors", "uptime")},
    }


def unready() -> list[str]:
    """Why requests should not be sent here."""
    asked = {"database": probes.database.failure(), "redis": probes.redis_server.failure()}
    reasons = [f"{name}: {failure}" for name, failure in asked.items() if failure]
    if not asked["database"] and _unmigrated():
        reasons.append("database: migrations are missing; run manage.py migrate")
    if not asked["redis"] and not wiring.decided():
        reasons.append("market: not chosen yet; manage.py up or manage.py prepare does it")
    return reasons


def _agents() -> str:
    try:
        return "running" if standing.is_running() else "stopped"
    except RedisError:
        return "unknown"


def _status(servers: bool, live: str) -> str:
    if not servers:
        return "unhealthy"
    return "healthy" if live == "running" else "degraded"


_migrated: set[str] = set()


def _unmigrated() -> bool:
    """Asked until it is not so once: a schema does not go back by itself."""
    database = connections[DEFAULT_DB_ALIAS]
    name = str(database.settings_dict["NAME"])
    if name not in _migrated:
        executor = MigrationExecutor(database)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return True
        _migrated.add(name)
    return False
