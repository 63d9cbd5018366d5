"""What yfinance and curl raise, under the names of our own tree. No message carries an address, a cookie or a crumb."""

from curl_cffi.requests import exceptions as curl
from yfinance import exceptions as yf

from marketdata.sources.base import (
    BadPayload,
    NoData,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownSymbol,
    VendorTimeout,
)
from marketdata.sources.yahoo_session import Trouble


def named(error: Exception, trouble: Trouble, pause: float) -> SourceError:
    """The error of our tree for whatever a call to yfinance raised; `pause` in seconds if Yahoo names none."""
    if isinstance(error, SourceError):
        return error
    if isinstance(error, yf.YFRateLimitError) or trouble.crumb_limited or trouble.status == 429:
        return RateLimited("Yahoo asks for fewer requests (429)", trouble.retry_after or pause)
    if isinstance(error, curl.Timeout):
        return VendorTimeout("Yahoo did not answer in time")
    if isinstance(error, curl.SSLError):
        return Unavailable("No trusted connection to Yahoo; behind a proxy, YAHOO_CA_FILE names the file of its CA")
    if isinstance(error, curl.ProxyError):
        return Unavailable("The proxy to Yahoo cannot be used; see YAHOO_PROXY and HTTPS_PROXY")
    if _broken_line(error):
        return Unavailable(f"Yahoo cannot be reached ({type(error).__name__})")
    return _by_status(error, trouble) or _by_kind(error, trouble)


def _broken_line(error: Exception) -> bool:
    answered = (curl.HTTPError, curl.InvalidJSONError)
    whole = isinstance(error, answered) and not isinstance(error, curl.IncompleteRead)
    return isinstance(error, curl.RequestException) and not whole


def _by_status(error: Exception, trouble: Trouble) -> SourceError | None:
    status = trouble.status or 0
    if status in (401, 403):
        return Unavailable(f"Yahoo refused the session ({status}); the next call opens a new one")
    if status == 404:
        return UnknownSymbol("Yahoo does not know this symbol")
    if status >= 500:
        return Unavailable(f"Yahoo answered {status}")
    if status >= 400 and not isinstance(error, yf.YFPricesMissingError):
        return BadPayload(f"Yahoo answered {status}: {trouble.shown}")
    return None


def _by_kind(error: Exception, trouble: Trouble) -> SourceError:
    if isinstance(error, yf.YFPricesMissingError):
        if not error.yahoo_reason and '"meta"' not in trouble.head:
            return BadPayload(f"Yahoo's answer holds no chart: {trouble.shown}")
        reason = str(error.yahoo_reason or "no bars in this range")[:120]
        return UnknownSymbol(reason) if "delisted" in reason else NoData(f"Yahoo: {reason}")
    if isinstance(error, yf.YFTickerMissingError):
        return UnknownSymbol("Yahoo does not know this symbol")
    return BadPayload(f"Yahoo answered what it never promised ({type(error).__name__}): {trouble.shown}")
