"""Binance's side of the wire, for tests and for a developer without a network: all that is public, and faults."""

import json
import math
import time
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Self
from zlib import crc32

from marketdata.standins.plain import Asked, PlainServer
from marketdata.standins.proxy import Response

API = "/api/v3/"
MINUTE = 60_000
STEPS = {"1m": MINUTE, "5m": 5 * MINUTE, "15m": 15 * MINUTE, "30m": 30 * MINUTE, "1h": 60 * MINUTE, "1d": 1440 * MINUTE}
TABLE = {("BTC", "USDT"): 60_000.0, ("ETH", "USDT"): 3_000.0, ("ETH", "BTC"): 0.05, ("SOL", "USDC"): 150.0}
MOST_ROWS = 1000


class Fault(StrEnum):
    """What can be wrong with Binance; `slow` waits for `delay` seconds, `drip` sends a byte at a time."""

    RATE_LIMITED = "rate_limited"
    BANNED = "banned"
    FIREWALL = "firewall"
    COUNTRY = "country"
    UNAUTHORIZED = "unauthorized"
    SERVER_ERROR = "server_error"
    SLOW = "slow"
    DRIP = "drip"
    GARBAGE = "garbage"
    HTML = "html"
    EMPTY_OBJECT = "empty_object"
    EMPTY_LIST = "empty_list"
    EMPTY_BODY = "empty_body"
    RESET = "reset"


class BinanceStandin:
    """A context manager: `url` is BINANCE_URL, `fault` and `gone` (pairs no longer listed) what a test turns.

    `recorded`: bodies by the last part of the path, answered first; `requests` counts by the same.
    """

    def __init__(self, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        self._http = PlainServer(self.answer, port)
        self.now = clock
        self.table = {base + quote: (base, quote, middle) for (base, quote), middle in TABLE.items()}
        self.recorded: dict[str, bytes] = {}
        self.gone: set[str] = set()
        self.requests: Counter[str] = Counter()
        self.fault: Fault | None = None
        self.delay = 30.0
        self.retry_after: int | None = None

    @property
    def url(self) -> str:
        """BINANCE_URL."""
        return f"http://{self._http.address}"

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.__exit__()

    def release(self) -> None:
        """End every answer that is still being delayed, without answering."""
        self._http.stopping.set()

    def answer(self, asked: Asked) -> Response:
        """The answer to one request, counted under the last part of its path."""
        if asked.path.startswith("/fault") or asked.path == "/requests":
            return self._control(asked)
        what = asked.path.removeprefix(API)
        self.requests[what] += 1
        self._http.drips = self.fault is Fault.DRIP
        return self._broken() or self._recorded(what) or self._answered(what, asked.query)

    def _control(self, asked: Asked) -> Response:
        """PUT /fault/<name>, DELETE /fault, GET /requests: for whoever runs it in another process."""
        if asked.path.startswith("/fault"):
            name = asked.path.removeprefix("/fault").strip("/")
            self.fault = Fault(name) if name in set(Fault) else None
        return _json(200, {"fault": self.fault, "requests": dict(self.requests)})

    def _broken(self) -> Response | None:
        limit = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        many = {"code": -1003, "msg": "Too many requests; current limit is 6000 request weight per 1 MINUTE."}
        place = {"code": 0, "msg": "Service unavailable from a restricted location according to 'b. Eligibility'."}
        html = {"Content-Type": "text/html"}
        found = {
            Fault.RATE_LIMITED: _json(429, many, limit), Fault.BANNED: _json(418, many, limit),
            Fault.FIREWALL: Response(403, b"<html><body>403 Forbidden</body></html>", html),
            Fault.COUNTRY: _json(451, place),
            Fault.UNAUTHORIZED: _json(401, {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}),
            Fault.SERVER_ERROR: Response(502, b"<html><body>Bad Gateway</body></html>", html),
            Fault.SLOW: Response(200, b"{}", delay=self.delay),
            Fault.GARBAGE: Response(200, b'\xff\xfe[{"symbol":"BTC', {"Content-Type": "application/json"}),
            Fault.HTML: Response(200, b"<!DOCTYPE html><html><body>Maintenance</body></html>", html),
            Fault.EMPTY_OBJECT: _json(200, {}), Fault.EMPTY_LIST: _json(200, []), Fault.EMPTY_BODY: Response(200, b""),
            Fault.RESET: Response(drop=True),
        }  # fmt: skip
        return found.get(self.fault) if self.fault else None

    def _recorded(self, what: str) -> Response | None:
        body = self.recorded.get(what)
        return Response(200, body, {"Content-Type": "application/json"}) if body is not None else None

    def _answered(self, what: str, query: dict[str, str]) -> Response:
        if what == "exchangeInfo":
            return _json(200, {"timezone": "UTC", "symbols": [_market(*row[:2]) for row in self.table.values()]})
        names = json.loads(query.get("symbols", "null")) or [query.get("symbol", "")]
        if any(name not in self.table or name in self.gone for name in names):
            return _json(400, {"code": -1121, "msg": "Invalid symbol."})
        match what:
            case "ticker/24hr":
                return _json(200, [self._ticker(name) for name in names])
            case "klines":
                return _json(200, self._candles(names[0], query))
            case "depth":
                return _json(200, self._depth(names[0], int(query.get("limit", "100"))))
        return _json(404, {"code": -1, "msg": "no such address"})

    def _price(self, name: str, at: float) -> float:
        waves = (0.01, 25_200), (0.004, 301), (0.0008, 17)
        phase = crc32(name.encode()) % 1000
        return self.table[name][2] * math.exp(
            sum(size * math.sin(2 * math.pi * at / long + phase) for size, long in waves)
        )

    def _ticker(self, name: str) -> dict[str, Any]:
        now = self.now()
        path = [self._price(name, now - 3600 * hour) for hour in range(25)]
        last, opened = path[0], path[-1]
        return {
            "symbol": name, "priceChange": _text(last - opened), "priceChangePercent": _text(100 * (last / opened - 1)),
            "weightedAvgPrice": _text(opened), "prevClosePrice": _text(opened), "lastPrice": _text(last),
            "lastQty": "0.50000000", "bidPrice": _text(last * 0.9999), "bidQty": "0.65849000",
            "askPrice": _text(last * 1.0001), "askQty": "0.13802000", "openPrice": _text(opened),
            "highPrice": _text(max(path)), "lowPrice": _text(min(path)), "volume": "33136.69765000",
            "quoteVolume": "1592599905.80360790", "openTime": int(now * 1000) - 86_400_000,
            "closeTime": int(now * 1000), "firstId": 1, "lastId": 2, "count": 1053126,
        }  # fmt: skip

    def _candles(self, name: str, query: dict[str, str]) -> list[list[Any]]:
        step, now = STEPS[query["interval"]], int(self.now() * 1000)
        end = min(int(query.get("endTime", now)), now)
        start = int(query.get("startTime", end - 500 * step))
        first = -(-start // step) * step
        starts = range(first, end + 1, step)[: min(int(query.get("limit", "500")), MOST_ROWS)]
        return [self._candle(name, at, step) for at in starts]

    def _candle(self, name: str, start: int, step: int) -> list[Any]:
        path = [self._price(name, (start + step * i / 4) / 1000) for i in range(5)]
        prices = [_text(value) for value in (path[0], max(path), min(path), path[-1])]
        return [start, *prices, "12.50000000", start + step - 1, "1.0", 43, "6.0", "0.5", "0"]

    def _depth(self, name: str, limit: int) -> dict[str, Any]:
        last = self._price(name, self.now())
        rows = range(1, min(limit, MOST_ROWS) + 1)
        bids, asks = ([[_text(last * (1 + side * i * 1e-5)), "1.50000000"] for i in rows] for side in (-1, 1))
        return {"lastUpdateId": 1, "bids": bids, "asks": asks}


def _market(base: str, quote: str) -> dict[str, Any]:
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "0.00000100", "maxPrice": "1000000.00", "tickSize": "0.00000100"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000", "stepSize": "0.00001000"},
        {"filterType": "NOTIONAL", "minNotional": "5.00000000"},
    ]
    return {
        "symbol": base + quote, "status": "TRADING", "baseAsset": base, "baseAssetPrecision": 8, "quoteAsset": quote,
        "quotePrecision": 8, "quoteAssetPrecision": 8, "orderTypes": ["LIMIT", "MARKET"], "icebergAllowed": True,
        "isSpotTradingAllowed": True, "isMarginTradingAllowed": False, "filters": filters, "permissions": [],
        "permissionSets": [["SPOT"]],
    }  # fmt: skip


def _text(value: float) -> str:
    return f"{value:.8f}"


def _json(status: int, body: object, headers: dict[str, str] | None = None) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})
