"""The bodies that Alpaca's addresses answer, in their real shape, out of a table of made-up prices that move."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marketdata.standins import polygon_payloads
from marketdata.standins.polygon_payloads import expiries, price

NEW_YORK, CHICAGO = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
TABLE = {
    "AAPL": 210.0, "GOOGL": 170.0, "TSLA": 250.0, "NVDA": 130.0, "META": 560.0, "AMZN": 190.0, "MSFT": 420.0,
    "BRK.B": 450.0, "BAC.PRL": 1200.0, "SPY": 560.0, "QQQ": 480.0, "BTC/USD": 60000.0, "ETH/USD": 2500.0,
    "AAPL261218C00240000": 8.5,
}  # fmt: skip
"""Alpaca's symbols and the middle of their price."""
LENGTHS = {"Min": 60, "Hour": 3600, "Day": 86400}
IEX_SHARE = 0.025
"""What the exchange IEX has of the market's volume."""
STRIKES = range(-5, 6)
Row = dict[str, Any]


def stamp(at: float) -> str:
    """An epoch second as Alpaca writes it, to the nanosecond."""
    return f"{datetime.fromtimestamp(int(at), UTC):%Y-%m-%dT%H:%M:%S}.{int(at % 1 * 1_000_000):06d}789Z"


def snapshot(symbol: str, middle: float, now: float, volume: float = 1.0) -> Row:
    """Trade, bid and ask, minute, day and the day before; `volume`: the feed's share of the market's."""
    last, day = price(symbol, middle, now), midnight(symbol, now)
    return {
        "latestTrade": {"t": stamp(now), "x": "V", "p": last, "s": 100, "c": ["@"], "i": 71675, "z": "C"},
        "latestQuote": book(last, now),
        "minuteBar": _candle(symbol, middle, now // 60 * 60, now, 900 * volume),
        "dailyBar": _candle(symbol, middle, day, now, (1e6 + int(now - day)) * volume),
        "prevDailyBar": _candle(symbol, middle, day - 86400, day - 3600, 5e7 * volume),
    }


def book(last: float, now: float) -> Row:
    """A bid and an ask around a price."""
    return {
        "t": stamp(now), "ax": "V", "ap": round(last * 1.0001, 4), "as": 300, "bx": "V", "bp": round(last * 0.9999, 4),
        "bs": 200, "c": ["R"], "z": "C",
    }  # fmt: skip


def bars(symbol: str, middle: float, length: int, start: float, end: float, now: float, volume: float) -> Iterator[Row]:
    """The bars that start in [start, end] (epoch seconds)."""
    # A crypto day begins at midnight in Chicago.
    shift = 6 * 3600 if "/" in symbol and length >= 86400 else 0
    ticker = f"X:{symbol}" if "/" in symbol else symbol
    for row in polygon_payloads.bars(ticker, middle, length, start - shift, end - shift, now - shift):
        at = datetime.fromtimestamp(row["t"] / 1000 + shift, UTC)
        yield {**row, "t": f"{at:%Y-%m-%dT%H:%M:%SZ}", "v": row["v"] * volume}


def contracts(symbol: str, middle: float, now: float) -> list[Row]:
    """All contracts of an underlying as the trading side lists them: one in eleven has no open interest."""
    step = max(1, round(middle / 50))
    strikes = [round(middle / step) * step + step * i for i in STRIKES]
    return [
        _contract(symbol, day, strike, right, now)
        for day in expiries(now) for strike in strikes for right in ("call", "put")
    ]  # fmt: skip


def option(named: Row, middle: float, now: float) -> Row:
    """A row of the chain: contracts that nobody trades carry a bid and an ask only."""
    spot, strike = price(named["underlying_symbol"], middle, now), float(named["strike_price"])
    value = round(max(spot - strike if named["type"] == "call" else strike - spot, 0) + 2, 2)
    row: Row = {"latestQuote": book(value, now)}
    if int(strike) % 11:
        row["latestTrade"] = {"c": "I", "p": value, "s": 1, "t": stamp(now), "x": "W"}
        row["dailyBar"] = {"t": stamp(midnight("AAPL", now)), "o": value, "h": value, "l": value, "c": value, "v": 8}
        row["greeks"] = {"delta": 0.6, "gamma": 0.006, "rho": 0.01, "theta": -0.03, "vega": 0.6}
        row["impliedVolatility"] = 0.35
    return row


def article(number: int, symbol: str, now: float) -> Row:
    """One piece of news about a symbol."""
    at = f"{datetime.fromtimestamp(now - 600 * number, UTC):%Y-%m-%dT%H:%M:%SZ}"
    id_ = 40_000_000 + sum(map(ord, symbol)) * 1000 - number
    return {
        "author": "A. Writer", "content": "", "created_at": at, "updated_at": at, "source": "benzinga",
        "headline": f"{symbol} did something for the {number}th time", "id": id_,
        "images": [], "summary": "" if number % 2 else "It did.", "symbols": [symbol, "SPY"],
        "url": f"https://news.invalid/{symbol}/{number}",
    }  # fmt: skip


def orderbook(symbol: str, middle: float, now: float) -> Row:
    """Five prices on each side of a pair's order book."""
    last, step = price(symbol, middle, now), middle / 1e4
    return {
        "t": stamp(now), "b": [{"p": last - step * i, "s": 0.5 * i} for i in range(1, 6)],
        "a": [{"p": last + step * i, "s": 0.5 * i} for i in range(1, 6)],
    }  # fmt: skip


def midnight(symbol: str, now: float) -> float:
    """The epoch second at which the day of a symbol began: of shares, their last day of trading."""
    at = datetime.fromtimestamp(now, UTC).astimezone(CHICAGO if "/" in symbol else NEW_YORK)
    back = 0 if "/" in symbol else max(0, at.weekday() - 4)
    return (at - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _candle(symbol: str, middle: float, start: float, at: float, volume: float) -> Row:
    path = [price(symbol, middle, at - 60 * i) for i in range(12)]
    begins = f"{datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "t": begins, "o": path[-1], "h": max(path), "l": min(path), "c": path[0], "v": volume, "n": 50, "vw": path[5]
    }  # fmt: skip


def _contract(symbol: str, day: date, strike: float, right: str, now: float) -> Row:
    occ = f"{symbol.replace('.', '')}{day:%y%m%d}{right[0].upper()}{int(strike * 1000):08d}"
    yesterday = (datetime.fromtimestamp(now, UTC) - timedelta(days=1)).date().isoformat()
    row: Row = {
        "id": occ, "symbol": occ, "name": occ, "status": "active", "tradable": True, "type": right,
        "expiration_date": day.isoformat(), "root_symbol": symbol.replace(".", ""), "underlying_symbol": symbol,
        "underlying_asset_id": "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415", "style": "american",
        "strike_price": f"{strike:g}", "size": "100", "multiplier": "100",
    }  # fmt: skip
    if int(strike) % 11:
        row |= {"open_interest": str(1000 + int(strike)), "open_interest_date": yesterday}
        row |= {"close_price": "2.5", "close_price_date": yesterday}
    return row
