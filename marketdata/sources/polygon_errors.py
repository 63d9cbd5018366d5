"""What Polygon, its library and urllib3 say went wrong, under the names of our own tree. No message carries a key."""

from typing import Any

import msgspec
from massive.exceptions import AuthError
from urllib3 import exceptions as http

from marketdata.sources.base import (
    AuthFailed,
    BadPayload,
    NotEntitled,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    VendorTimeout,
)
from marketdata.sources.polygon_line import Reply

PAUSE = 60.0
PLAN_WORDS = ("entitled", "plan", "upgrade", "not authorized", "access")
STATUSES: dict[str, type[SourceError]] = {
    "NOT_AUTHORIZED": NotEntitled, "NOT_ENTITLED": NotEntitled, "NOT_FOUND": UnknownSymbol,
}  # fmt: skip


def named(error: Exception, reply: Reply | None) -> SourceError:
    """The error of our tree for whatever a call to the library raised, given its last answer."""
    if isinstance(error, http.MaxRetryError) and isinstance(error.reason, Exception):
        error = error.reason
    if isinstance(error, SourceError):
        return error
    if reply is not None and reply.status != 200:
        return refused(reply)
    if isinstance(error, http.NewConnectionError):  # a kind of timeout to urllib3
        return Unavailable("Polygon cannot be reached")
    if isinstance(error, http.TimeoutError | TimeoutError):
        return VendorTimeout("Polygon did not answer in time")
    if isinstance(error, AuthError):
        return AuthFailed("Polygon does not know this key")
    if isinstance(error, http.DecodeError):
        return BadPayload("Polygon's answer cannot be unpacked")
    if isinstance(error, http.HTTPError | OSError):
        return Unavailable(f"Polygon cannot be reached ({type(error).__name__})")
    return BadPayload(f"Polygon answered what it never promised ({type(error).__name__})")


def refused(reply: Reply) -> SourceError:
    """The error for an answer that is not 200."""
    document = _document(reply.data)
    match reply.status:
        case 401:
            return AuthFailed("Polygon does not know this key (401)")
        case 403 if document:
            return NotEntitled("the plan at Polygon does not include this (403)")
        case 404 if document:
            return UnknownSymbol("Polygon does not know this symbol (404)")
        case 429:
            return RateLimited("Polygon asks for fewer requests (429)", _pause(reply.headers.get("Retry-After")))
        case 403 | 408:
            return Unavailable(f"Polygon answered {reply.status}")
        case status if status >= 500:
            return Unavailable(f"Polygon answered {status}")
    return BadPayload(f"Polygon answered {reply.status}")


def check(document: dict[str, Any]) -> dict[str, Any]:
    """The document of a 200 answer, unless it says itself that it is a refusal."""
    status = document.get("status")
    if not isinstance(status, str) or status.upper() not in {*STATUSES, "ERROR"}:
        return document
    if error := STATUSES.get(status.upper()):
        raise error(f"Polygon says {status.upper()}")
    raise said(str(document.get("error") or document.get("message") or ""))


def said(message: str) -> SourceError:
    """The error for a message of the vendor, which is not repeated: it might hold what was sent."""
    message = message.lower()
    if "api key" in message or "authentication" in message:
        return AuthFailed("Polygon does not know this key")
    if "maximum requests" in message or "max_connections" in message or "maximum number of" in message:
        return RateLimited("Polygon says that its limit is reached", PAUSE)
    if any(word in message for word in PLAN_WORDS):
        return NotEntitled("the plan at Polygon does not include this")
    return BadPayload("Polygon answered with an error")


def item(row: Any, symbol: str) -> SourceError | None:
    """The error of one row of a universal snapshot, if it is one."""
    status = row.get("error")
    if status is None:
        return None
    error = STATUSES.get(status.upper(), BadPayload) if isinstance(status, str) else BadPayload
    return error(f"Polygon has no {symbol} for us ({error.__name__})")


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _pause(header: str | None) -> float:
    return min(float(header), 3600.0) if header and header.isdecimal() else PAUSE
