"""The vendor of `bench chain`: Polygon's side of the wire, with a chain of the simulated market to give."""

import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from marketdata.chains import OptionQuote
from marketdata.sources.simulated_world import World
from marketdata.standins import polygon
from options.simulated_chain import moment, quotes
from options.simulated_listing import expiries

SYMBOL, SEED, RATE = "SPY", 7, 0.04
NANO = 1_000_000_000


def main(argv: Sequence[str]) -> None:
    """Tell the environment that leads a worker here, then answer."""
    at = datetime.fromisoformat(argv[1])
    with polygon.PolygonStandin(clock=at.timestamp) as standin:
        standin.table = {SYMBOL: 500.0}
        standin.chains = {SYMBOL: rows(int(argv[0]), at)}
        # Chain after chain without a pause is more than a poll ever asks for.
        limits = {"POLYGON_LIMITS": "10000/second"}
        address = {"POLYGON_API_KEY": polygon.KEY, "POLYGON_BASE_URL": standin.base_url}
        print(json.dumps(address | limits), flush=True)
        sys.stdin.read()


def rows(contracts: int, at: datetime) -> list[dict[str, Any]]:
    """So many contracts: the simulated expiries, and as often as it takes the same again a day later."""
    shown = moment(World(SEED, edge=0.0), SYMBOL, at, RATE)
    told = [quote for expiry in expiries(at.date()) if expiry > at.date() for quote in quotes(shown, expiry)]
    later = (timedelta(days=turn) for turn in range(contracts // len(told) + 1))
    return [row(one, one.contract.expiry + days, at) for days in later for one in told][:contracts]


def row(one: OptionQuote, expiry: date, at: datetime) -> dict[str, Any]:
    """A row of Polygon's chain snapshot."""
    said, named = int(at.timestamp() * NANO), one.contract
    return {
        "break_even_price": named.strike, "open_interest": one.open_interest, "implied_volatility": one.iv,
        "day": {"close": one.last, "volume": one.volume, "last_updated": said, "vwap": one.last},
        "details": {
            "contract_type": named.right.value, "exercise_style": "american", "shares_per_contract": named.multiplier,
            "expiration_date": expiry.isoformat(), "strike_price": named.strike,
            "ticker": f"O:{named.root}{expiry:%y%m%d}{named.symbol[-9:]}",
        },
        "greeks": {"delta": one.delta, "gamma": one.gamma, "theta": one.theta, "vega": one.vega},
        "last_quote": {
            "ask": one.ask, "ask_size": one.ask_size, "bid": one.bid, "bid_size": one.bid_size, "last_updated": said,
            "timeframe": "REAL-TIME",
        },
        "last_trade": {"price": one.last, "size": 1, "sip_timestamp": said, "conditions": [209]},
        "underlying_asset": {
            "ticker": SYMBOL, "price": one.underlying_price, "last_updated": said, "timeframe": "REAL-TIME",
        },
    }  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
