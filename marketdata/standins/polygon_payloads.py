"""The bodies that Polygon's addresses answer, in their real shape, out of a table of made-up prices that move."""

import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
NANO, MILLI = 1_000_000_000, 1_000
TABLE = {
    "AAPL": 210.0, "GOOGL": 170.0, "TSLA": 250.0, "NVDA": 130.0, "META": 560.0, "AMZN": 190.0, "MSFT": 420.0,
    "BRK.B": 450.0, "BACpL": 1200.0, "SPY": 560.0, "QQQ": 480.0, "I:SPX": 5600.0, "I:VIX": 17.0, "I:NDX": 19500.0,
    "X:BTCUSD": 60000.0, "X:ETHUSD": 2500.0, "C:EURUSD": 1.09, "O:AAPL261218C00240000": 8.5,
}  # fmt: skip
"""Polygon's tickers and the middle of their price."""
LENGTHS = {"minute": 60, "hour": 3600, "day": 86400}
STRIKES = range(-5, 6)
Row = dict[str, Any]


def price(ticker: str, middle: float, at: float) -> float:
    """The price at an epoch second: waves of seven hours, five minutes and seventeen seconds around the middle."""
    # The same at every vendor, however it spells the symbol.
    phase = crc32(re.sub(r"^\w:|[^A-Z0-9]", "", ticker).encode()) % 1000
    wave = (0.010, 3600 * 7), (0.004, 301), (0.0008, 17)
    found = middle * math.exp(sum(size * math.sin(2 * math.pi * at / long + phase) for size, long in wave))
    return round(found, 5 if middle < 10 else 2)


def share(ticker: str, middle: float, now: float, trades: bool = True, quotes: bool = True) -> Row:
    """A row of the stocks' snapshot; `trades` and `quotes`: whether the plan includes them."""
    last = price(ticker, middle, now)
    row: Row = {
        "ticker": ticker, "updated": int(now * NANO), "todaysChange": last - middle,
        "todaysChangePerc": 100 * (last / middle - 1), "prevDay": {**_candle(ticker, middle, now - 86400), "v": 5e7},
        "day": {**_candle(ticker, middle, now), "v": 1000 * int(now % 86400)},
        "min": {**_candle(ticker, middle, now), "v": 900, "av": 1e6, "n": 7, "t": int(now // 60 * 60 * MILLI)},
    }  # fmt: skip
    if trades:
        row["lastTrade"] = {"c": [14, 41], "i": "71675577320245", "p": last, "s": 100, "t": int(now * NANO), "x": 4}
    if quotes:
        row["lastQuote"] = {"P": last + 0.01, "S": 300, "p": last - 0.01, "s": 200, "t": int(now * NANO)}
    return row


def universal(ticker: str, middle: float, now: float, delayed: bool) -> Row:
    """A row of the universal snapshot: indices have a value, currencies only a bid and an ask."""
    last, candle = price(ticker, middle, now), _candle(ticker, middle, now)
    timeframe, at = "DELAYED" if delayed else "REAL-TIME", int(now * NANO)
    day = {"open": candle["o"], "high": candle["h"], "low": candle["l"], "close": candle["c"]}
    day |= {"previous_close": price(ticker, middle, now - 86400), "change": 0.5, "change_percent": 0.1}
    row: Row = {"ticker": ticker, "name": ticker, "market_status": "open", "session": day, "last_updated": at}
    if ticker.startswith("I:"):
        return {**row, "type": "indices", "value": last, "timeframe": timeframe}
    row |= {"type": {"X": "crypto", "C": "fx", "O": "options"}.get(ticker[:1], "stocks")}
    quote = {"bid": last * 0.9999, "ask": last * 1.0001, "last_updated": at, "timeframe": timeframe}
    row |= {"last_quote": {**quote, "bid_size": 2, "ask_size": 3}}
    if not ticker.startswith("C:"):
        row |= {"last_trade": {"price": last, "size": 0.5, "sip_timestamp": at, "timeframe": timeframe}}
        day["volume"] = 12345.5
    return row


def bars(ticker: str, middle: float, length: int, start: float, end: float, now: float) -> Iterator[Row]:
    """The bars that start in [start, end] (epoch seconds): shares from 4 to 20 o'clock in New York, others always."""
    always = ticker[:2] in ("X:", "C:")
    day = datetime.fromtimestamp(start, UTC).date() - timedelta(days=1)
    while day <= datetime.fromtimestamp(min(end, now), UTC).date():
        for at in _starts(day, length, always):
            if start <= at <= min(end, now):
                yield _bar(ticker, middle, at, length)
        day += timedelta(days=1)


def expiries(now: float) -> list[date]:
    """The four Fridays to come."""
    today = datetime.fromtimestamp(now, UTC).astimezone(NEW_YORK).date()
    first = today + timedelta(days=(4 - today.weekday()) % 7)
    return [first + timedelta(days=7 * i) for i in range(4)]


def chain(ticker: str, middle: float, now: float) -> list[Row]:
    """All contracts of an underlying: one in eleven has neither Greeks nor volatility nor trade."""
    step = max(1, round(middle / 50))
    strikes = [round(middle / step) * step + step * i for i in STRIKES]
    return [
        _contract(ticker, middle, day, strike, right, now)
        for day in expiries(now) for strike in strikes for right in ("call", "put")
    ]  # fmt: skip


def headline(number: int, ticker: str, now: float) -> Row:
    """One piece of news about a ticker."""
    at = datetime.fromtimestamp(now - 600 * number, UTC)
    return {
        "id": f"{ticker}-{number}", "title": f"{ticker} did something for the {number}th time", "author": "A. Writer",
        "publisher": {"name": "The Wire", "homepage_url": "https://news.invalid/"}, "tickers": [ticker, "SPY"],
        "published_utc": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "article_url": f"https://news.invalid/{ticker}/{number}",
        "description": "It did.", "insights": [
            {"ticker": ticker, "sentiment": ("positive", "neutral", "negative")[number % 3], "sentiment_reasoning": "."}
        ],
    }  # fmt: skip


def book(ticker: str, middle: float, now: float) -> Row:
    """An order book of five prices on each side, each from two exchanges."""
    last, step = price(ticker, middle, now), middle / 1e4
    sides = {
        name: [{"p": last + sign * step * i, "x": {"1": 0.5 * i, "6": 0.25}} for i in range(1, 6)]
        for name, sign in (("bids", -1), ("asks", 1))
    }
    return {
        "ticker": ticker,
        **sides,
        "bidCount": 8.75,
        "askCount": 8.75,
        "spread": 2 * step,
        "updated": int(now * MILLI),
    }


def _candle(ticker: str, middle: float, at: float) -> Row:
    path = [price(ticker, middle, at - 60 * i) for i in range(12)]
    return {"o": path[-1], "h": max(path), "l": min(path), "c": path[0], "v": 1000, "vw": path[5]}


def _starts(day: date, length: int, always: bool) -> Iterator[int]:
    if always:
        midnight = int(datetime.combine(day, time(), UTC).timestamp())
        yield from range(midnight, midnight + 86400, length)
    elif day.weekday() < 5:
        midnight = int(datetime.combine(day, time(), NEW_YORK).timestamp())
        yield from [midnight] if length >= 86400 else range(midnight + 4 * 3600, midnight + 20 * 3600, length)


def _bar(ticker: str, middle: float, at: int, length: int) -> Row:
    path = [price(ticker, middle, at + length * i / 4) for i in range(5)]
    return {
        "v": 25.0 * length, "vw": sum(path) / 5, "o": path[0], "c": path[-1], "h": max(path), "l": min(path),
        "t": at * MILLI, "n": length,
    }  # fmt: skip


def _contract(ticker: str, middle: float, day: date, strike: float, right: str, now: float) -> Row:
    spot, root = price(ticker, middle, now), ticker.removeprefix("I:").replace(".", "")
    value = round(max(spot - strike if right == "call" else strike - spot, 0) + 2, 2)
    symbol = f"O:{root}{day:%y%m%d}{right[0].upper()}{int(strike * 1000):08d}"
    at = int(now * NANO)
    row: Row = {
        "break_even_price": strike + value, "open_interest": 1000 + int(strike),
        "day": {"close": value, "open": value, "high": value, "low": value, "volume": 8, "last_updated": at},
        "details": {
            "contract_type": right, "exercise_style": "american", "expiration_date": day.isoformat(),
            "shares_per_contract": 100, "strike_price": strike, "ticker": symbol,
        },
        "greeks": {}, "last_quote": {
            "ask": value + 0.05, "ask_size": 20, "bid": value - 0.05, "bid_size": 30, "last_updated": at,
            "midpoint": value, "timeframe": "REAL-TIME",
        },
        "underlying_asset": {"ticker": ticker, "price": spot, "last_updated": at, "timeframe": "REAL-TIME"},
    }  # fmt: skip
    if int(strike) % 11:
        row["greeks"] = {"delta": 0.6, "gamma": 0.006, "theta": -0.03, "vega": 0.6}
        row["implied_volatility"] = 0.35
        row["last_trade"] = {"price": value, "size": 1, "sip_timestamp": at, "conditions": [209]}
    return row
