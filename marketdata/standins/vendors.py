"""The stand-ins of several vendors under one roof: how a source finds each, and the faults that all can have."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import time as clock_time
from typing import Any, Self

from marketdata import symbols
from marketdata.standins import alpaca, polygon, yahoo
from marketdata.standins.line import Line
from marketdata.standins.yahoo_instruments import Instrument

PAIRS = {
    "BTC-USD": 60000.0, "ETH-USD": 2500.0, "SOL-USD": 150.0, "LTC-USD": 80.0, "XRP-USD": 2.5, "DOGE-USD": 0.4,
}  # fmt: skip
"""What every stand-in here trades, at any hour, and the middle of its price."""
BEHIND = 3600
"""Seconds by which the prices of a stale vendor are old."""
Standin = yahoo.YahooStandin | polygon.PolygonStandin | alpaca.AlpacaStandin
Clock = Callable[[], float]


class Vendor:
    """A vendor that can be broken; a context manager. `options`: of its entry in MARKETDATA_SOURCES."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._behind = 0.0
        self._standin, self._address, self._faults = OPENERS[name](lambda: time.time() - self._behind)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._standin)
        self._line = self._stack.enter_context(Line(self._address(self._standin).rpartition("/")[2]))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def options(self) -> dict[str, Any]:
        """How its source finds it."""
        return OPTIONS[self.name](self._standin, f"http://{self._line.address}")

    def begin(self, fault: str, seconds: float) -> None:
        """Break it; `seconds`: for how long, which a vendor that limits us tells."""
        if fault == "kill":
            self._line.cut()
        elif fault == "stale":
            self._behind = BEHIND
        else:
            self._standin.fault = self._faults[fault]
            _tell_limit(self._standin, seconds)

    def end(self, fault: str) -> None:
        """Make it whole."""
        self._behind, self._standin.fault = 0.0, None
        if fault == "kill":
            self._line.mend()


def _tell_limit(standin: Any, seconds: float) -> None:
    if isinstance(standin, alpaca.AlpacaStandin):
        standin.limit_ends = int(time.time() + seconds) + 1
    else:
        standin.retry_after = int(seconds) + 1


def _yahoo(clock: Clock) -> tuple[Any, Callable[[Any], str], Mapping[str, Any]]:
    standin = yahoo.YahooStandin(clock=clock)
    midnight = clock_time(0)
    for symbol, middle in PAIRS.items():
        standin.table[symbol] = Instrument(
            symbol, "CRYPTOCURRENCY", middle, "USD", "CCC", "UTC", midnight, midnight, weekends=True, digits=5
        )
    return standin, lambda opened: opened.proxy, _faults(yahoo.Fault, "truncated")


def _polygon(clock: Clock) -> tuple[Any, Callable[[Any], str], Mapping[str, Any]]:
    standin = polygon.PolygonStandin(clock=clock)
    standin.table |= {theirs: middle for symbol, middle in PAIRS.items() if (theirs := symbols.polygon(symbol))}
    return standin, lambda opened: opened.base_url, _faults(polygon.Fault, "garbage")


def _alpaca(clock: Clock) -> tuple[Any, Callable[[Any], str], Mapping[str, Any]]:
    standin = alpaca.AlpacaStandin(clock=clock)
    standin.table |= {theirs: middle for symbol, middle in PAIRS.items() if (theirs := symbols.alpaca(symbol))}
    return standin, lambda opened: opened.url, _faults(alpaca.Fault, "garbage")


def _faults(of: Any, garbage: str) -> dict[str, Any]:
    return {"timeout": of("slow"), "429": of("rate_limited"), "garbage": of(garbage), "mute": of("empty_object")}


OPENERS = {"yahoo": _yahoo, "polygon": _polygon, "alpaca": _alpaca}
OPTIONS: dict[str, Callable[[Any, str], dict[str, Any]]] = {
    "yahoo": lambda standin, url: {"proxy": url, "ca_file": standin.ca_file},
    "polygon": lambda standin, url: {"key": polygon.KEY, "base_url": url},
    "alpaca": lambda standin, url: {
        "key": alpaca.KEY, "secret": alpaca.SECRET, "data_url": url, "trading_url": url,
    },
}  # fmt: skip
