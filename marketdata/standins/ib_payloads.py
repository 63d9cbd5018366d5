"""What TWS answers, in its real shape, out of a table of made-up prices that move."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from marketdata.standins.ib_frames import frame

NEW_YORK = ZoneInfo("America/New_York")
OPEN, CLOSE = time(9, 30), time(16)
HOURS = "20261120:0400-20261120:2000;20261121:CLOSED"
LENGTHS = {"min": 60, "mins": 60, "hour": 3600, "hours": 3600, "day": 86_400}
UNDERLYINGS = ("AAPL", "SPY", "SPX")
ALONE = date(2026, 12, 18)
"""The expiry of an option of AAPL that stands by itself: it is known, but listed on no date of its own."""
DELAYED = {1: 66, 2: 67, 4: 68, 0: 69, 3: 70, 5: 71, 6: 72, 7: 73, 8: 74, 9: 75, 14: 76, 45: 88, 49: 90, 13: 83}
"""Live tick type -> the same of delayed data."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An instrument of the table; `magnifier`: its prices are so many times those in its currency."""

    kind: str
    symbol: str
    exchange: str
    currency: str
    middle: float
    local: str = ""
    magnifier: int = 1
    multiplier: str = ""
    expiry: str = ""
    strike: float = 0.0
    right: str = ""
    trading_class: str = ""

    @property
    def number(self) -> int:
        """The contract's id."""
        return crc32(f"{self.kind}{self.symbol}{self.local}".encode()) % 900_000_000 + 1

    def price(self, at: float) -> float:
        """The price at an epoch second: waves of seven hours, five minutes and seventeen seconds around the middle."""
        phase = self.number % 1000
        wave = (0.010, 3600 * 7), (0.004, 301), (0.0008, 17)
        found = self.middle * math.exp(sum(size * math.sin(2 * math.pi * at / long + phase) for size, long in wave))
        return round(found, 5 if self.middle < 10 else 2)


def _shares(**middles: float) -> list[Listed]:
    return [Listed("STK", name, "SMART", "USD", middle, name) for name, middle in middles.items()]


TABLE = [
    *_shares(AAPL=210.0, GOOGL=170.0, TSLA=250.0, NVDA=130.0, META=560.0, AMZN=190.0, MSFT=420.0, SPY=560.0, QQQ=480.0),
    Listed("STK", "BRK B", "SMART", "USD", 450.0, "BRK B"),
    Listed("STK", "BAC PRL", "SMART", "USD", 1200.0, "BAC PRL"),
    Listed("STK", "OCDO", "LSE", "GBP", 310.0, "OCDO", magnifier=100),
    Listed("IND", "SPX", "CBOE", "USD", 5600.0, "SPX"),
    Listed("IND", "VIX", "CBOE", "USD", 17.0, "VIX"),
    Listed("CASH", "EUR", "IDEALPRO", "USD", 1.09, "EUR.USD"),
    Listed("CRYPTO", "BTC", "PAXOS", "USD", 60_000.0, "BTC.USD"),
]


def matching(table: list[Listed], asked: dict[str, str]) -> list[Listed]:
    """The instruments that a contract of a request may mean."""
    if number := int(asked["conId"] or 0):
        return [one for one in table if one.number == number]
    told = {
        "secType": "kind", "symbol": "symbol", "localSymbol": "local", "exchange": "exchange", "currency": "currency",
        "expiry": "expiry", "tradingClass": "trading_class",
    }  # fmt: skip
    return [
        one for one in table
        if all(getattr(one, ours) == asked[theirs] for theirs, ours in told.items() if asked[theirs])
    ]  # fmt: skip


def options(table: list[Listed], now: float) -> list[Listed]:
    """The chains of some underlyings: 31 strikes, three Fridays, and SPX's own that end trading on a Thursday.

    And one contract by itself that is known on any date.
    """
    found = [option(one, ALONE, 240.0, "C", now) for one in table if one.symbol == "AAPL"]
    for one in table:
        if one.symbol in UNDERLYINGS:
            step = max(1, round(one.middle / 100))
            strikes = [float(round(one.middle / step) * step + step * i) for i in range(-15, 16)]
            found += [
                option(one, day, strike, right, now)
                for day in expiries(now) for strike in strikes for right in "CP"
            ]  # fmt: skip
    return list({one.local: one for one in found}.values())


def expiries(now: float) -> list[date]:
    """The three Fridays to come."""
    today = datetime.fromtimestamp(now, UTC).astimezone(NEW_YORK).date()
    first = today + timedelta(days=(4 - today.weekday()) % 7 or 7)
    return [first + timedelta(days=7 * week) for week in range(3)]


def listings(request: str, one: Listed, chain: list[Listed]) -> Iterator[bytes]:
    """What is listed of an underlying, exchange by exchange."""
    own = [each for each in chain if each.symbol == one.symbol]
    if len(alone := [each for each in own if each.expiry == f"{ALONE:%Y%m%d}"]) == 1:
        own.remove(alone[0])
    days, strikes = sorted({each.expiry for each in own}), sorted({each.strike for each in own})
    for exchange in ("CBOE", "SMART") if own else ():
        yield frame(
            75, request, exchange, one.number, own[0].trading_class, 100, len(days), *days, len(strikes), *strikes
        )
    yield frame(76, request)


def model(request: str, one: Listed, now: float, delayed: bool) -> Iterator[bytes]:
    """What only options say: the model's Greeks (one in eleven without vega and theta) and the open interest."""
    call, plain = one.right == "C", one.number % 11
    rest = (0.12, -0.05) if plain else (-2, -2)
    yield frame(
        21, request, 83 if delayed else 13, 0, 0.25, 0.5 if call else -0.5, one.price(now), 0, 0.01, *rest, 210.0
    )
    yield frame(2, 6, request, 27 if call else 28, 1000 + plain)
    yield frame(2, 6, request, 28 if call else 27, 0)


def depth(request: str, one: Listed, rows: int, now: float) -> Iterator[bytes]:
    """An order book of two exchanges at each price."""
    last, step = one.price(now), max(round(one.middle * 1e-4, 5), 0.01)
    for i in range(rows):
        for side, sign in ((0, 1), (1, -1)):
            maker = ("ARCA", "ISLAND")[i % 2]
            yield frame(
                13, 1, request, i, maker, 0, side, round(last + sign * step * (i // 2 + 1), 5), 100 * (i + 1), 1
            )


def details(request: str, one: Listed) -> bytes:
    """A message of contract details."""
    strike = f"{one.strike:g}"
    return frame(
        10, request, one.symbol, one.kind, one.expiry, strike, one.right, one.exchange, one.currency, one.local, "NMS",
        one.trading_class or one.symbol, one.number, "0.01", one.multiplier, "LMT,MKT", one.exchange, one.magnifier, 0,
        f"{one.symbol} INC", "NASDAQ" if one.kind == "STK" else "", "", "Technology", "Computers", "Computers",
        "US/Eastern", HOURS, HOURS, "", "", 0, 1, "", "", "26", "", "COMMON", 1, 1, 100,
    )  # fmt: skip


def ticks(request: str, one: Listed, now: float, delayed: bool, first: bool, number: int) -> Iterator[bytes]:
    """What a line says: everything at first, then the trade and the quotes."""
    now -= 900 if delayed else 0
    last, step = one.price(now), max(round(one.middle * 1e-4, 5), 0.00005 if one.middle < 10 else 0.01)

    def kind(live: int) -> int:
        return DELAYED[live] if delayed else live

    if first:
        yield frame(81, request, "0.01", "9c0001", 3)
        yield frame(58, 1, request, 3 if delayed else 1)
        for tick, value in ((9, one.price(now - 86_400)), (14, last * 0.999), (6, last * 1.01), (7, last * 0.99)):
            if one.kind != "CASH" or tick != 14:
                yield frame(1, 6, request, kind(tick), round(value, 5), 0, 0)
        yield frame(45, 6, request, kind(49), 0.0)
    if one.kind == "IND":
        yield frame(1, 6, request, kind(1), -1, 0, 0)
        yield frame(1, 6, request, kind(2), -1, 0, 0)
    else:
        yield frame(1, 6, request, kind(1), round(last - step, 5), 200, 1)
        yield frame(1, 6, request, kind(2), round(last + step, 5), 300, 1)
    if one.kind != "CASH":
        yield frame(1, 6, request, kind(4), last, 0 if one.kind == "IND" else 100, 0)
        yield frame(2, 6, request, kind(8), 1000 * int(now % 86_400) + number)
        yield frame(46, 6, request, kind(45), int(now))
        if not delayed and one.kind != "IND":
            yield frame(46, 6, request, 48, f"{last};100;{int(now * 1000)};{int(now % 86_400)};{last};true")


def bars(one: Listed, start: float, end: float, size: str, only_regular: bool, now: float) -> list[list[object]]:
    """The rows of the bars that start in [start, end): epoch seconds, or dates for days."""
    count, unit = size.split()
    length = int(count) * LENGTHS[unit]
    day = datetime.fromtimestamp(start, UTC).astimezone(NEW_YORK).date()
    last = datetime.fromtimestamp(min(end, now), UTC).astimezone(NEW_YORK).date()
    rows: list[list[object]] = []
    while day <= last:
        rows += [
            [f"{day:%Y%m%d}" if unit == "day" else int(at), *_candle(one, at, length)]
            for at in _starts(day, length, only_regular)
            if (start <= at < min(end, now)) or (unit == "day" and at < now)
        ]
        day += timedelta(days=1)
    return rows


def option(under: Listed, expiry: date, strike: float, right: str, now: float) -> Listed:
    """One contract of an underlying."""
    local = f"{under.symbol:<6}{expiry:%y%m%d}{right}{round(strike * 1000):08d}"
    intrinsic = max(0.0, (under.price(now) - strike) * (1 if right == "C" else -1))
    # Settled in the morning: no trading on the day itself.
    last_day = expiry - timedelta(days=under.symbol == "SPX")
    return replace(
        under, kind="OPT", exchange="SMART", local=local, middle=round(intrinsic + under.middle * 0.02, 2),
        multiplier="100", expiry=f"{last_day:%Y%m%d}", strike=strike, right=right, trading_class=under.symbol,
    )  # fmt: skip


def _starts(day: date, length: int, only_regular: bool) -> Iterator[float]:
    if only_regular and day.weekday() > 4:
        return
    bounds = (datetime.combine(day, at, NEW_YORK).timestamp() for at in (OPEN, CLOSE))
    first, last = bounds if only_regular else (_midnight(day), _midnight(day + timedelta(days=1)))
    if length >= 86_400:
        yield first
        return
    at = first
    while at < last:
        yield at
        at = (at // length + 1) * length


def _candle(one: Listed, at: float, length: int) -> list[object]:
    points = [one.price(at + length * i / 8) for i in range(9)]
    volume = -1 if one.kind == "CASH" else 0 if one.kind == "IND" else length * 10
    return [points[0], max(points), min(points), points[-1], volume, -1 if volume < 0 else points[4], length]


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), NEW_YORK).timestamp()
