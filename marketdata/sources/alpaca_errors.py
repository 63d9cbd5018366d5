"""What Alpaca, its library and requests say went wrong, under the names of our own tree. No message carries a key."""

import re
from time import time

import msgspec
import requests
from alpaca.common.exceptions import APIError
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

PAUSE, LONGEST_PAUSE = 60.0, 3600.0
PLAN_WORDS = ("subscription", "permit", "agreement", "entitled", "not enabled", "upgrade")
NAMED = re.compile(r"invalid symbols?:? *\"?([A-Za-z0-9./^=-]{1,32})")

SLOT_REMEDY = "Alpaca grants one connection per account and feed: end the other program that streams with this key."
CODES: dict[int, tuple[str, type[SourceError]]] = {
    401: ("not authenticated", AuthFailed), 402: ("auth failed", AuthFailed), 404: ("auth timeout", VendorTimeout),
    405: ("symbol limit exceeded", NotEntitled), 406: ("connection limit exceeded", RateLimited),
    407: ("slow client", Unavailable), 408: ("v2 not enabled", NotEntitled),
    409: ("insufficient subscription", NotEntitled), 500: ("internal error", Unavailable),
}  # fmt: skip
"""What the stream's refusals mean."""


class RefusedSymbol(UnknownSymbol):
    """The vendor refused a whole request because of the one symbol that it names."""

    def __init__(self, spelling: str) -> None:
        super().__init__("Alpaca says that this is not a symbol (400)")
        self.spelling = spelling


def named(error: Exception) -> SourceError:
    """The error of our tree for whatever a call to the library raised."""
    if isinstance(error, SourceError):
        return error
    if isinstance(error, APIError) and isinstance(error.response, requests.Response):
        return refused(error.response.status_code, error.response.content, error.response.headers)
    if isinstance(error, requests.Timeout | http.TimeoutError | TimeoutError):
        return VendorTimeout("Alpaca did not answer in time")
    if isinstance(error, requests.JSONDecodeError | requests.exceptions.ContentDecodingError | http.DecodeError):
        return BadPayload("Alpaca's answer is not JSON")
    if isinstance(error, requests.RequestException | http.HTTPError | OSError):
        return Unavailable(f"Alpaca cannot be reached ({type(error).__name__})")
    return BadPayload(f"Alpaca answered what it never promised ({type(error).__name__})")


def refused(
    status: int, body: bytes, headers: "requests.structures.CaseInsensitiveDict[str] | dict[str, str]"
) -> SourceError:
    """The error for an answer of 400 or above."""
    message = _message(body)
    match status:
        case 401:
            return AuthFailed("Alpaca does not know this key (401)")
        case 403 if message is not None and any(word in message.lower() for word in PLAN_WORDS):
            return NotEntitled("the subscription at Alpaca does not include this (403)")
        case 403 if message is not None:
            return AuthFailed("Alpaca does not accept this key (403)")
        case 404 if message is not None:
            return UnknownSymbol("Alpaca does not know this symbol (404)")
        case 400 | 422 if message is not None and (found := NAMED.search(message)):
            return RefusedSymbol(found[1])
        case 400 | 422 if message is not None and "symbol" in message.lower():
            return UnknownSymbol(f"Alpaca says that this is not a symbol ({status})")
        case 429:
            return RateLimited("Alpaca asks for fewer requests (429)", _pause(headers.get("X-RateLimit-Reset")))
        case 403 | 408:
            return Unavailable(f"Alpaca answered {status}")
        case _ if status >= 500:
            return Unavailable(f"Alpaca answered {status}")
    return BadPayload(f"Alpaca answered {status}")


def refused_stream(code: object, message: object) -> SourceError:
    """The error for a refusal of the stream, known by its code or, where that is missing, by its text."""
    by_text = next((one for one, (text, _) in CODES.items() if text in str(message).lower()), None)
    number = code if isinstance(code, int) and code in CODES else by_text
    if number is None:
        return BadPayload("Alpaca's stream refuses what was asked")
    text, error = CODES[number]
    found = error(f"Alpaca's stream says {text} ({number})")
    if number == 406:
        found.remedy = SLOT_REMEDY
    return found


def _message(body: bytes) -> str | None:
    """What a refusal says; None where it is not Alpaca's own."""
    try:
        found = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
    return str(found.get("message", "")) if isinstance(found, dict) else None


def _pause(reset: str | None) -> float:
    """Seconds until the epoch second at which the limit ends."""
    if reset is None or not re.fullmatch(r"[0-9]{1,12}", reset):
        return PAUSE
    return min(max(int(reset) - time(), 1.0), LONGEST_PAUSE)
