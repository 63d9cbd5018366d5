"""ccxt's client of Binance, opened when it is first needed, one call at a time, each with an end that has a name."""

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, TypeVar

from marketdata.sources.base import BadPayload, Unsupported, VendorTimeout
from marketdata.sources.binance_errors import named
from marketdata.sources.binance_line import Line

LISTED_FOR = 86_400.0
"""Seconds after which the list of markets is asked again."""
SPOT = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False}

T = TypeVar("T")


class Client:
    """Asks Binance at `base_url`; `timeout` in seconds."""

    def __init__(self, base_url: str, timeout: float) -> None:
        self._base_url, self._timeout = base_url.rstrip("/"), timeout
        self._line = Line()
        self._free, self._opening = threading.Lock(), threading.Lock()
        self._exchange: Any = None
        self._listed_at = -LISTED_FOR

    def begin(self, patience: float = 1.0) -> float:
        """When a call that begins now must have ended; ccxt is not a second's import, and no part of it."""
        with self._opening:
            self._exchange = self._exchange or self._open()
        return monotonic() + self._timeout * patience

    def ask(self, call: Callable[[Any], T], ends: float) -> T:
        """What one call to ccxt gives; raises SourceError."""
        if not self._free.acquire(timeout=max(0.0, ends - monotonic())):
            raise VendorTimeout("Binance still has not answered the call before")
        try:
            self._line.ends = ends
            return call(self._exchange)
        except Exception as error:
            raise named(error, self._line) from None
        finally:
            self._free.release()

    def markets(self, ends: float) -> Mapping[str, Any]:
        """The pairs that Binance lists, asked once a day."""
        return self.ask(self._list, ends)

    def close(self) -> None:
        """End the connections."""
        self._line.close()

    def _list(self, exchange: Any) -> Mapping[str, Any]:
        if monotonic() - self._listed_at >= LISTED_FOR:
            found: Mapping[str, Any] = exchange.load_markets(True)
            if not found:
                raise BadPayload("Binance lists no pair")
            self._listed_at = monotonic()
        markets: Mapping[str, Any] = exchange.markets
        return markets

    def _open(self) -> Any:
        try:
            import ccxt
        except ImportError:
            raise Unsupported("Binance needs ccxt, the extra `crypto` (README, dependencies)") from None
        # Our budget limits the requests; ccxt's own limiter would sleep.
        exchange = ccxt.binance({"options": dict(SPOT), "enableRateLimit": False, "timeout": self._timeout * 1000})
        exchange.urls["api"]["public"] = f"{self._base_url}/api/v3"
        exchange.session.close()
        exchange.session = self._line
        return exchange
