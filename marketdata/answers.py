"""What a REST answer adds to a value: its JSON shape, its ETag, and how long it may be kept."""

import dataclasses
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec
from django.conf import settings
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from rest_framework.request import Request
from rest_framework.response import Response

from marketdata import said, wire, wiring, witnesses
from marketdata.explaining import Origin, explain
from marketdata.history import History
from marketdata.reading import Reading


def quote(value: Reading) -> dict[str, Any]:
    """A quote with its age."""
    return {**wire.quote(value.quote), "stale": value.stale, "age": value.age}


def explained(value: Reading) -> dict[str, Any]:
    """Where each field of a quote comes from, and who disagrees about its price; asks no vendor."""
    words = [(channel.value, quote) for channel, quote in said.everything(_vendors(), value.quote.symbol)]
    origins = explain(value.quote, words, wiring.clock()())
    contest = witnesses.of(value.quote.symbol)
    return {
        "origins": {name: one and _origin(one) for name, one in origins.items()},
        "contested": contest and {
            "vendors": list(contest.vendors), "prices": list(contest.prices), "since": _instant(contest.since),
            "difference": wire.number(contest.difference),
        },
    }  # fmt: skip


def history(value: History) -> dict[str, Any]:
    """Bars and how complete they are."""
    bars, known = value.bars, value.coverage
    counts = {state: known.count(state) for state in ("complete", "partial", "missing")}
    return {
        "symbol": bars.symbol,
        "period": value.period.value,
        "interval": bars.interval.value,
        "market": value.market,
        "vendor": bars.vendor or None,
        "adjust": value.adjust.value,
        "adjusted": bars.adjusted,
        "simulated": bars.simulated,
        "bars": wire.bars(bars),
        "coverage": {
            "interval": known.interval.value,
            "expected": value.expected,
            **counts,
            "unknown": max(0, value.expected - sum(counts.values())),
            "checked_at": wire.instant(known.checked_at),
        },
    }


def source(standing: dict[str, Any]) -> dict[str, Any]:
    """A source with its times as JSON has them."""
    failure = standing["last_failure"]
    return {
        **standing,
        "last_success": _instant(standing["last_success"]),
        "last_failure": failure and {**failure, "at": _instant(failure["at"])},
    }


def conditional(request: Request, data: dict[str, Any], max_age: int, tag_of: Any = None) -> Response:
    """The answer with a weak ETag over `tag_of` (default: the data), or 304 where the asker has it already."""
    digest = blake2b(msgspec.json.encode(data if tag_of is None else tag_of), digest_size=12).hexdigest()
    etag = f"W/{quote_etag(digest)}"
    response = Response(data)
    response.headers["ETag"] = etag
    patch_cache_control(response, public=True, max_age=max_age)
    return get_conditional_response(request._request, etag=etag, response=response)


def _instant(second: float | None) -> str | None:
    return None if second is None else wire.instant(datetime.fromtimestamp(second, UTC))


def _vendors() -> list[str]:
    """The sources of this market; their clients are not needed to read what they said."""
    market = wiring.market()
    return [name for name, entry in settings.MARKETDATA_SOURCES.items() if entry.get("MARKET", wiring.LIVE) == market]


def _origin(value: Origin) -> dict[str, Any]:
    return {**dataclasses.asdict(value), "value": wire.number(value.value), "as_of": wire.instant(value.as_of)}
