"""The vendor of `bench poll`: a stand-in that knows as many symbols as are polled, until its standard input ends."""

import json
import sys
from collections.abc import Sequence

from goldensignals.benchmarks.poll_cycles import names
from marketdata.standins import alpaca, polygon


def main(argv: Sequence[str]) -> None:
    """Tell the environment that leads a poller here, then the requests that were counted."""
    symbols = names(vendor := argv[0], int(argv[1]))
    with alpaca.AlpacaStandin() if vendor == "alpaca" else polygon.PolygonStandin() as standin:
        standin.table |= {symbol: 50.0 + place / 4 for place, symbol in enumerate(symbols)}
        print(json.dumps(address(standin)), flush=True)
        sys.stdin.read()
        print(json.dumps(standin.requests))


def address(standin: alpaca.AlpacaStandin | polygon.PolygonStandin) -> dict[str, str]:
    """The settings of a service that is to use it."""
    if isinstance(standin, polygon.PolygonStandin):
        return {"POLYGON_API_KEY": polygon.KEY, "POLYGON_BASE_URL": standin.base_url}
    keys = {"ALPACA_API_KEY": alpaca.KEY, "ALPACA_SECRET_KEY": alpaca.SECRET}
    return {**keys, "ALPACA_DATA_URL": standin.url, "ALPACA_TRADING_URL": standin.url}


if __name__ == "__main__":
    main(sys.argv[1:])
