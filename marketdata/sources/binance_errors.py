"""What ccxt and requests raise, under the names of our own tree. No message carries an address."""

import requests
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as OutOfTime

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
from marketdata.sources.binance_line import Line

PAUSE, BAN = 60.0, 120.0
"""Seconds to be quiet after 429, and at least after 418 (banned for going on), where Binance names none."""


def named(error: Exception, line: Line) -> SourceError:
    """The error of our tree for whatever a call to ccxt raised."""
    import ccxt

    if isinstance(error, SourceError):
        return error
    if isinstance(error, ccxt.BadSymbol):
        return UnknownSymbol("Binance does not know this pair")
    return _by_status(line) or _by_line(error) or _strange(error, line)


def _by_status(line: Line) -> SourceError | None:
    status = line.status or 0
    match status:
        case 451:
            return NotEntitled("Binance does not serve this country (451); BINANCE_URL can name its public-data host")
        case 401:
            return AuthFailed("Binance asks for a key (401)")
        case 403 | 418 | 429:
            pause = PAUSE if status == 429 else BAN
            return RateLimited(f"Binance asks for fewer requests ({status})", line.retry_after or pause)
    if status >= 500:
        return Unavailable(f"Binance answered {status}")
    return BadPayload(f"Binance answered {status}: {line.said}") if status >= 300 else None


def _by_line(error: Exception) -> SourceError | None:
    import ccxt

    below = error.__cause__ or error
    if isinstance(error, ccxt.RequestTimeout) or isinstance(below, requests.Timeout | OutOfTime):
        return VendorTimeout("Binance did not answer in time")
    if isinstance(error, ccxt.NetworkError) or isinstance(below, requests.RequestException | HTTPError | OSError):
        return Unavailable(f"Binance cannot be reached ({type(below).__name__})")
    return None


def _strange(error: Exception, line: Line) -> SourceError:
    return BadPayload(f"Binance answered what it never promised ({type(error).__name__}): {line.said}")
