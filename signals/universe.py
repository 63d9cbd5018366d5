"""Which symbols are judged: what is watched, and enough others that there is something to learn from."""

from django.conf import settings

from marketdata import store, wiring
from marketdata.domain import Interval
from marketdata.symbols import canonical

SIMULATED = tuple(f"SIM{number:02}" for number in range(1, 41))
"""Made-up symbols of the made-up market."""
LIVE = (
    "ABT", "ADBE", "AMGN", "AXP", "BA", "BAC", "CAT", "COST", "CSCO", "CVX", "DIS", "GE", "GS", "HD", "HON", "IBM",
    "INTC", "JNJ", "JPM", "KO", "LLY", "LOW", "MCD", "MRK", "NKE", "ORCL", "PEP", "PFE", "PG", "QCOM", "TXN", "UNH",
    "UPS", "V", "VZ", "WMT", "XOM",
)  # fmt: skip
"""Large US shares of many trades."""


def symbols(market: str) -> list[str]:
    """The universe of a market: the watchlist, then the symbols of SIGNALS_UNIVERSE or those above; InvalidSymbol."""
    more = tuple(map(canonical, settings.SIGNALS_UNIVERSE)) or _DEFAULT.get(market, ())
    return list(dict.fromkeys([*store.watchlist(), *more]))


def judged(market: str, interval: Interval) -> list[str]:
    """The symbols that are judged on bars of an interval: minutes are polled of the watchlist only."""
    return symbols(market) if interval is Interval.DAY else store.watchlist()


_DEFAULT = {wiring.SIMULATED: SIMULATED, wiring.LIVE: LIVE}
