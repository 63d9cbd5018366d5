"""The bodies that Yahoo's options and news addresses answer, in their real shape, out of the made-up table."""

from datetime import UTC, datetime, timedelta
from typing import Any

from marketdata.standins.yahoo_instruments import Instrument
from marketdata.standins.yahoo_payloads import quote

FRIDAY, WEEKS, STRIKES, STEP = 4, 3, 3, 0.05
NO_VOLATILITY = 1.0000000000000003e-05
AD = {"id": "ad", "ad": [{"id": "1"}], "content": {"id": "ad", "title": "Buy", "pubDate": "2025-01-01T00:00:00Z"}}
Row = dict[str, Any]


def expiries(now: float) -> list[int]:
    """The second of midnight UTC of each of the next Fridays."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today + timedelta(days=(FRIDAY - today.weekday()) % 7)
    return [int((first + timedelta(weeks=week)).timestamp()) for week in range(WEEKS)]


def chain(one: Instrument, now: float, wanted: str | None) -> list[Row]:
    """The one result about an underlying: of the nearest expiry, or of the one whose second is `wanted`."""
    if one.quote_type not in ("EQUITY", "ETF", "INDEX") or one.currency != "USD":
        return []
    listed = expiries(now)
    at = int(wanted) if wanted else listed[0]
    strikes = [round(one.middle * (1 + STEP * i)) for i in range(-STRIKES, STRIKES + 1)] if at in listed else []
    sides = {
        name: [_contract(one, right, strike, at, now) for strike in strikes]
        for name, right in (("calls", "C"), ("puts", "P"))
    }
    return [
        {
            "underlyingSymbol": one.symbol, "expirationDates": listed, "strikes": strikes, "hasMiniOptions": False,
            "quote": quote(one, now), "options": [{"expirationDate": at, "hasMiniOptions": False, **sides}],
        }
    ]  # fmt: skip


def articles(symbol: str, now: float, count: int) -> list[Row]:
    """An advertisement and then an article a minute, every third also about SPY."""
    minute = int(now) // 60
    return [AD, *(_article(symbol, minute - i) for i in range(count))]


def _contract(one: Instrument, right: str, strike: int, expires: int, now: float) -> Row:
    root = one.symbol.lstrip("^").replace("-", "")
    day = datetime.fromtimestamp(expires, UTC)
    spot = one.price(now)
    inside = max(0.0, spot - strike if right == "C" else strike - spot)
    value = round(inside + 0.02 * spot * (1 + (expires - now) / 2e6), 2)
    quoted = abs(strike - one.middle) < STEP * STRIKES * one.middle * 0.9
    row: Row = {
        "contractSymbol": f"{root}{day:%y%m%d}{right}{strike * 1000:08d}", "strike": strike, "currency": "USD",
        "lastPrice": value, "change": 0, "percentChange": 0, "openInterest": strike % 1000,
        "bid": round(value - 0.05, 2) if quoted else 0, "ask": round(value + 0.05, 2) if quoted else 0,
        "contractSize": "REGULAR", "expiration": expires, "lastTradeDate": int(now) - 60,
        "impliedVolatility": 0.25 if quoted else NO_VOLATILITY, "inTheMoney": inside > 0,
    }  # fmt: skip
    return {**row, "volume": 12} if quoted else row


def _article(symbol: str, minute: int) -> Row:
    at = datetime.fromtimestamp(minute * 60, UTC)
    about = [symbol, "SPY"] if minute % 3 == 0 else [symbol]
    name = f"{symbol}-{minute}"
    return {
        "id": name,
        "content": {
            "id": name, "contentType": "STORY", "title": f"Made-up news of {symbol}", "description": "", "summary": "…",
            "pubDate": f"{at:%Y-%m-%dT%H:%M:%SZ}", "displayTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "provider": {"displayName": "Stand-in", "url": "https://example.com/"},
            "canonicalUrl": {"url": f"https://example.com/{name}"}, "clickThroughUrl": None,
            "finance": {"stockTickers": [{"symbol": one} for one in about]},
        },
    }  # fmt: skip
