"""/metrics for Prometheus and /metrics/live-data for people: both read the counters that all processes share."""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from goldensignals import probes
from marketdata import counters, standing, wiring
from marketdata.live.figures import BOUNDS
from marketdata.live.hub import hub

COUNTERS = {
    "quotes_fetched": "Quotes that sources delivered.",
    "quotes_stored": "Quotes that were new and stored.",
    "quotes_rejected": "Quotes that failed the quality checks.",
    "chains_stored": "Option chains, or parts of them, that were new and stored.",
    "contracts_fetched": "Option contracts that sources delivered.",
    "alerts_raised": "Alerts of unusual options activity.",
    "errors": "Calls to a source, or single symbols of one, that failed.",
    "signals_judged": "Closed bars that were judged.",
    "signals_announced": "Signals that everybody was told.",
    "signals_scored": "Signals whose outcome is known.",
}
"""Every counter that /metrics shows, with its meaning; the list is closed so that no label or name can pile up."""


@require_safe
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """The text format of Prometheus."""
    return HttpResponse(generate_latest(_registry), content_type=CONTENT_TYPE_LATEST)


@require_safe
@never_cache
def live_data(request: HttpRequest) -> JsonResponse:
    """The same figures as JSON."""
    try:
        return JsonResponse(statistics())
    except redis.RedisError:
        return JsonResponse(nothing(), status=503)


def statistics() -> dict[str, Any]:
    """What the live data service has done since its counters began, and how it is now; raises redis.RedisError."""
    count, sources = counters.read(), standing.sources({})
    hits, misses = count.get("cache_hits", 0), count.get("cache_misses", 0)
    last = max((one["last_success"] or 0.0 for one in sources), default=0.0)
    return nothing() | {
        "status": "running" if any(one["status"] == "ok" for one in sources) else "stopped",
        "market": wiring.market(),
        **{name: int(count.get(name, 0)) for name in COUNTERS},
        "cache_hits": int(hits),
        "cache_misses": int(misses),
        "cache_hit_rate": round(hits / (hits + misses), 4) if hits + misses else None,
        "last_quote_age": round(max(0.0, time.time() - last), 3) if last else None,
        "sources": {one["name"]: one for one in sources},
    }


def figures() -> dict[str, Any]:
    """The statistics, or nothing where Redis does not give them in time."""
    try:
        return _statistics.answer()
    except (probes.NoAnswer, redis.RedisError):
        return nothing()


def nothing() -> dict[str, Any]:
    """What can be said when the counters cannot be read."""
    uptime = int(time.time() - settings.STARTED_AT)
    return {
        "status": "unknown",
        "market": None,
        **dict.fromkeys((*COUNTERS, "cache_hits", "cache_misses"), 0),
        "cache_hit_rate": None,
        "last_quote_age": None,
        "sources": {},
        "connections": len(hub().connections()),
        "uptime": str(timedelta(seconds=uptime)),
        "uptime_seconds": uptime,
    }


class _Live:
    """Read anew at each scrape."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("up", "Whether a server answers (1) or not (0).", "server", {
            "database": float(probes.database.failure() is None), "redis": float(probes.redis_server.failure() is None),
        })  # fmt: skip
        yield from _socket_metrics()
        try:
            found = statistics()
        except redis.RedisError:
            return
        for name, meaning in COUNTERS.items():
            yield _counter(name, meaning, "", {"": found[name]})
        results = {"hit": found["cache_hits"], "miss": found["cache_misses"]}
        yield _counter("cache_requests", "Quotes asked for, by whether Redis had them.", "result", results)
        if found["last_quote_age"] is not None:
            age = {"": found["last_quote_age"]}
            yield _gauge("last_quote_age_seconds", "Since a source last answered.", "", age)
        yield from _source_metrics(found["sources"])


def _socket_metrics() -> Iterator[Metric]:
    """Of this process: Prometheus adds up the processes."""
    figures = hub().figures
    yield _gauge("connections", "Open sockets of this process.", "", {"": float(len(hub().connections()))})
    yield _counter("deliveries", "Messages written to sockets.", "", {"": figures.delivered})
    yield _counter("drops", "Quotes that a slow client missed for newer ones.", "", {"": figures.dropped})
    yield _counter("sockets_closed", "Sockets by close code.", "code", {str(c): n for c, n in figures.closed.items()})
    bounds = [*map(str, BOUNDS), "+Inf"]
    buckets = list(zip(bounds, accumulate(figures.latency.counts), strict=True))
    yield HistogramMetricFamily(
        "goldensignals_delivery_seconds", "From publishing to the socket.", buckets, figures.latency.total
    )


def _source_metrics(sources: dict[str, dict[str, Any]]) -> Iterator[Metric]:
    running = {name: float(said["status"] == "ok") for name, said in sources.items()}
    yield _gauge("source_up", "Whether the last call to the source succeeded.", "source", running)
    took = {name: said["latency_ms"] / 1000 for name, said in sources.items() if said["latency_ms"] is not None}
    yield _gauge("source_latency_seconds", "What the last successful call took.", "source", took)
    at = {name: said["last_success"] for name, said in sources.items() if said["last_success"] is not None}
    yield _gauge("source_last_success_timestamp_seconds", "When the source last answered.", "source", at)


def _gauge(name: str, meaning: str, label: str, values: dict[str, float]) -> Metric:
    return _filled(GaugeMetricFamily(f"goldensignals_{name}", meaning, labels=[label] if label else []), values)


def _counter(name: str, meaning: str, label: str, values: dict[str, float]) -> Metric:
    return _filled(CounterMetricFamily(f"goldensignals_{name}", meaning, labels=[label] if label else []), values)


def _filled(family: Any, values: dict[str, float]) -> Metric:
    for label, value in values.items():
        family.add_metric([label] if label else [], value)
    return family


_statistics = probes.Probe(statistics, kept=0)
_registry = CollectorRegistry()
_registry.register(_Live())  # type: ignore[arg-type]
ProcessCollector(registry=_registry)
