"""What a REST answer adds to a value: its JSON shape, its ETag, and how long it may be kept."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from rest_framework.request import Request
from rest_framework.response import Response

from marketdata import wire
from marketdata.history import History
from marketdata.reading import Reading


def quote(value: Reading) -> dict[str, Any]:
    """A quote with its age."""
    return {**wire.quote(value.quote), "stale": value.stale, "age": value.age}


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
