"""The bodies that Yahoo's quote and chart addresses answer, in their real shape, out of the made-up table."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from marketdata.standins.yahoo_instruments import Instrument

SECONDS = {"1m": 60, "2m": 120, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "60m": 3600, "1d": 86400}
LONGEST = {"1m": 8 * 86400}
KEPT = {"1m": 30 * 86400, "1h": 730 * 86400, "60m": 730 * 86400}
KEPT_ELSE = 60 * 86400
SAMPLES = 12
Row = dict[str, Any]


def quote(one: Instrument, now: float) -> Row:
    """A row of the v7 quote list; currencies have no volume, indices no bid."""
    at = now - 1 - 60 * one.delayed
    price, tick = round(one.price(at), one.digits), 10**-one.digits
    today, before = one.session(one.day(at)) or (int(at) - 3600, 0), one.price(at - 86400)
    path = [one.price(today[0] + (at - today[0]) * i / SAMPLES) for i in range(SAMPLES + 1)]
    row: Row = {
        "language": "en-US", "region": "US", "quoteType": one.quote_type, "quoteSourceName": "Nasdaq Real Time Price",
        "triggerable": True, "currency": one.currency, "shortName": one.symbol, "marketState": "REGULAR",
        "regularMarketPrice": price, "regularMarketTime": int(at), "exchange": one.exchange,
        "exchangeTimezoneName": one.zone, "sourceInterval": 15, "exchangeDataDelayedBy": one.delayed,
        "regularMarketOpen": round(path[0], one.digits), "regularMarketPreviousClose": round(before, one.digits),
        "regularMarketDayHigh": round(max(*path, price), one.digits), "priceHint": one.digits,
        "regularMarketDayLow": round(min(*path, price), one.digits), "tradeable": False, "symbol": one.symbol,
        "regularMarketChange": price - before, "regularMarketChangePercent": 100 * (price / before - 1),
        "regularMarketVolume": 0 if one.quote_type == "CURRENCY" else max(1, int(at - today[0])) * 900,
    }  # fmt: skip
    if one.quote_type != "CRYPTOCURRENCY":
        spread = 0 if one.quote_type == "INDEX" else tick
        row |= {"bid": round(price - spread, one.digits) if spread else 0, "bidSize": 3 if spread else 0}
        row |= {"ask": round(price + spread, one.digits) if spread else 0, "askSize": 5 if spread else 0}
    return row


def chart(one: Instrument, interval: str, start: float, end: float, now: float, prepost: bool) -> Row:
    """The result of a v8 chart: bars that start in [start, end) and are not in the future; no bars, no timestamps."""
    rows = [_bar(one, begin, min(stop, now), now) for begin, stop in _spans(one, interval, start, min(end, now))]
    result: Row = {"meta": _meta(one, interval, start, min(end, now), now, prepost), "indicators": {"quote": [{}]}}
    if rows:
        columns = {name: [row[name] for row in rows] for name in ("open", "high", "low", "close", "volume")}
        result |= {"timestamp": [row["start"] for row in rows], "indicators": {"quote": [columns]}}
        if interval == "1d":
            result["indicators"]["adjclose"] = [{"adjclose": columns["close"]}]
            result |= _events(one, start, end)
    return result


def _days(one: Instrument, start: float, end: float) -> Iterator[date]:
    day = one.day(start)
    while day <= one.day(end):
        yield day
        day += timedelta(days=1)


def _spans(one: Instrument, interval: str, start: float, end: float) -> Iterator[tuple[int, int]]:
    for day in _days(one, start, end):
        session = one.session(day)
        if session is None:
            continue
        opens, closes = session
        step = closes - opens if interval == "1d" else SECONDS[interval]
        yield from ((at, min(at + step, closes)) for at in range(opens, closes, step) if start <= at < end)


def _bar(one: Instrument, start: int, end: float, now: float) -> Row:
    path = [one.price(start + (end - start) * i / SAMPLES) for i in range(SAMPLES + 1)]
    volume = 0 if one.quote_type == "CURRENCY" else int(end - start) * 900
    return {
        "start": start, "open": path[0], "high": max(path), "low": min(path), "close": path[-1],
        "volume": 0 if end >= now and end - start < 60 else volume,
    }  # fmt: skip


def _events(one: Instrument, start: float, end: float) -> Row:
    """What a company did between: each under its second, which is the opening of the session."""
    splits = {at: {"numerator": ratio, "denominator": 1, "splitRatio": f"{ratio:g}:1"} for at, ratio in one.splits}
    dividends = {at: {"amount": amount} for at, amount in one.dividends}
    found: Row = {}
    for name, rows in (("splits", splits), ("dividends", dividends)):
        opened = {one.session(at)[0]: row for at, row in rows.items() if one.session(at)}  # type: ignore[index]
        if told := {str(at): {**row, "date": at} for at, row in opened.items() if start <= at < end}:
            found[name] = told
    return {"events": found} if found else {}


def _meta(one: Instrument, interval: str, start: float, end: float, now: float, prepost: bool) -> Row:
    day = one.day(now)
    opens, closes = one.session(day) or (int(now) - 86400, int(now) - 60000)
    meta: Row = {
        "currency": one.currency, "symbol": one.symbol, "exchangeName": one.exchange,
        "instrumentType": one.quote_type, "firstTradeDate": 345479400, "regularMarketTime": int(now),
        "gmtoffset": 0, "timezone": "UTC", "exchangeTimezoneName": one.zone, "regularMarketPrice": one.price(now),
        "priceHint": one.digits, "dataGranularity": interval, "range": "",
        "currentTradingPeriod": {
            "pre": _period(opens - 19800, opens), "regular": _period(opens, closes),
            "post": _period(closes, closes + 14400),
        },
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }  # fmt: skip
    if interval != "1d":
        regular = [[_period(*span)] for day in _days(one, start, end) if (span := one.session(day))]
        meta["tradingPeriods"] = {"pre": regular, "regular": regular, "post": regular} if prepost else regular
    return meta


def _period(start: int, end: int) -> Row:
    return {"timezone": "UTC", "start": start, "end": end, "gmtoffset": 0}
