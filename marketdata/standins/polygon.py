"""Polygon's side of the wire, for tests and for a developer without a network: REST, stream, plans and faults."""

import base64
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any, Self

from marketdata.standins import polygon_payloads as payloads
from marketdata.standins.plain import Asked, PlainServer
from marketdata.standins.polygon_socket import PolygonSocket
from marketdata.standins.proxy import Response

KEY = "a-key-of-polygon"
VENDOR_HOST = "https://api.polygon.io"
"""Every `next_url` names the vendor's own host, whoever was asked."""
MOST_TICKERS = 250
Route = Callable[[Asked, re.Match[str]], Response]


class Fault(StrEnum):
    """What can be wrong with Polygon; `slow` waits for `delay` seconds, the last five concern the stream only."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    SLOW = "slow"
    DRIP = "drip"
    GARBAGE = "garbage"
    HTML = "html"
    EMPTY_OBJECT = "empty_object"
    EMPTY_RESULT = "empty_result"
    RESET = "reset"
    MUTE = "mute"
    SILENT = "silent"
    CLEAN_CLOSE = "clean_close"
    MAX_CONNECTIONS = "max_connections"
    NOISE = "noise"


class PolygonStandin:
    """A context manager: `base_url`, `stream_host` and KEY are what a client needs, the rest is what a test turns.

    `lacks`: what the plan does not include (snapshots, trades, quotes, bars, options, news, book, stream);
    `per_minute`: its limit; `delayed`: whether it runs 15 minutes behind; `recorded`: bodies by path, answered first;
    `chains`: rows of an underlying's chain instead of made-up ones.
    """

    def __init__(self, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        self._http = PlainServer(self.answer, port)
        self._clock = clock
        self.socket = PolygonSocket(self)
        self.table = dict(payloads.TABLE)
        self.recorded: dict[str, bytes] = {}
        self.chains: dict[str, list[payloads.Row]] = {}
        self.requests: Counter[str] = Counter()
        self.fault: Fault | None = None
        self.delay = 30.0
        self.retry_after: int | None = None
        self.lacks: set[str] = set()
        self.per_minute: int | None = None
        self.delayed = False
        self.market = "open"
        self.page = 50_000
        self._minute: Counter[int] = Counter()

    @property
    def base_url(self) -> str:
        """POLYGON_BASE_URL."""
        return f"http://{self._http.address}"

    @property
    def stream_host(self) -> str:
        """POLYGON_STREAM_HOST."""
        return f"ws://{self.socket.address}"

    def now(self) -> float:
        """Epoch seconds of what is told: 15 minutes ago on a delayed plan."""
        return self._clock() - (900 if self.delayed else 0)

    def __enter__(self) -> Self:
        self._http.__enter__()
        self.socket.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.__exit__()
        self._http.__exit__()

    def release(self) -> None:
        """End every answer that is still being delayed, without answering."""
        self._http.stopping.set()

    def answer(self, asked: Asked) -> Response:
        """The answer to one request, counted under the kind of its path."""
        if asked.path.startswith("/fault") or asked.path == "/requests":
            return self._control(asked)
        for kind, pattern, route in ROUTES:
            if match := re.fullmatch(pattern, asked.path):
                self.requests[kind] += 1
                return (
                    self._refusal(asked, kind) or self._broken() or self._recorded(asked) or route(self, asked, match)
                )
        return _json(404, {"status": "NOT_FOUND", "request_id": "0", "message": "Not found."})

    def _control(self, asked: Asked) -> Response:
        """PUT /fault/<name>, DELETE /fault, GET /requests: for whoever runs it in another process."""
        if asked.path.startswith("/fault"):
            name = asked.path.removeprefix("/fault").strip("/")
            self.fault = Fault(name) if name in set(Fault) else None
        return _json(200, {"fault": self.fault, "requests": dict(self.requests)})

    def _refusal(self, asked: Asked, kind: str) -> Response | None:
        if asked.headers.get("authorization") != f"Bearer {KEY}" or self.fault is Fault.UNAUTHORIZED:
            return _json(401, {"status": "ERROR", "request_id": "1", "error": "Unknown API Key"})
        minute = int(self._clock() // 60)
        self._minute[minute] += 1
        if self.fault is Fault.RATE_LIMITED or (self.per_minute or 1e9) < self._minute[minute]:
            limit = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
            error = "You've exceeded the maximum requests per minute, please wait or upgrade your subscription."
            return _json(429, {"status": "ERROR", "request_id": "2", "error": error}, limit)
        if self.fault is Fault.FORBIDDEN or kind in self.lacks:
            message = "You are not entitled to this data. Please upgrade your plan at https://polygon.io/pricing"
            return _json(403, {"status": "NOT_AUTHORIZED", "request_id": "3", "message": message})
        return None

    def _broken(self) -> Response | None:
        self._http.drips = self.fault is Fault.DRIP
        found = {
            Fault.SERVER_ERROR: Response(500, b"<html><body>Internal Server Error</body></html>"),
            Fault.SLOW: Response(200, b"{}", delay=self.delay),
            Fault.GARBAGE: Response(200, b'\xff\xfe{"status":"OK","tick'),
            Fault.HTML: Response(200, b"<!DOCTYPE html><html><body>Be right back</body></html>"),
            Fault.EMPTY_OBJECT: _json(200, {}),
            Fault.EMPTY_RESULT: _json(200, {"status": "OK", "count": 0, "tickers": [], "results": []}),
            Fault.RESET: Response(drop=True),
        }
        return found.get(self.fault) if self.fault else None

    def _recorded(self, asked: Asked) -> Response | None:
        body = self.recorded.get(asked.path)
        return Response(200, body, {"Content-Type": "application/json"}) if body is not None else None

    def _status(self) -> str:
        return "DELAYED" if self.delayed else "OK"

    def _market(self, asked: Asked, match: re.Match[str]) -> Response:
        return _json(200, {"market": self.market, "currencies": {"crypto": "open", "fx": "open"}})

    def _snapshot(self, asked: Asked, match: re.Match[str]) -> Response:
        tickers = [one for one in asked.query.get("tickers", "").split(",") if one in self.table]
        trades, quotes = "trades" not in self.lacks, "quotes" not in self.lacks
        rows = [payloads.share(one, self.table[one], self.now(), trades, quotes) for one in tickers if ":" not in one]
        return _json(200, {"count": len(rows), "status": self._status(), "tickers": rows})

    def _universal(self, asked: Asked, match: re.Match[str]) -> Response:
        if "cursor" in asked.query:
            return self._pages(asked, lambda query: self._any_rows(query))
        if asked.query.get("ticker.any_of", "").count(",") >= MOST_TICKERS:
            return _json(400, {"status": "ERROR", "error": "ticker.any_of: too many"})
        return self._pages(asked, lambda query: self._any_rows(query))

    def _any_rows(self, query: dict[str, str]) -> list[Any]:
        missing = {"error": "NOT_FOUND", "message": "Ticker not found."}
        return [
            payloads.universal(one, self.table[one], self.now(), self.delayed)
            if one in self.table else {"ticker": one, **missing}
            for one in query.get("ticker.any_of", "").split(",")
        ]  # fmt: skip

    def _bars(self, asked: Asked, match: re.Match[str]) -> Response:
        ticker, length = match["ticker"], int(match["count"]) * payloads.LENGTHS[match["unit"]]
        zone = UTC if ticker[:2] in ("X:", "C:") else payloads.NEW_YORK
        start, end = _bound(match["start"], zone), _bound(match["end"], zone, 86399)

        def rows(_: dict[str, str]) -> list[Any]:
            if ticker not in self.table:
                return []
            return list(payloads.bars(ticker, self.table[ticker], length, start, end, self.now()))

        return self._pages(asked, rows, {"ticker": ticker, "adjusted": True})

    def _chain(self, asked: Asked, match: re.Match[str]) -> Response:
        ticker = match["ticker"]
        if ticker not in self.table:
            return self._pages(asked, lambda query: [])
        rows = self.chains.get(ticker) or payloads.chain(ticker, self.table[ticker], self.now())

        def chosen(query: dict[str, str]) -> list[Any]:
            first, last = query.get("expiration_date.gte", ""), query.get("expiration_date.lte", "9")
            return [row for row in rows if first <= row["details"]["expiration_date"] <= last]

        return self._pages(asked, chosen)

    def _contracts(self, asked: Asked, match: re.Match[str]) -> Response:
        def rows(query: dict[str, str]) -> list[Any]:
            ticker = query.get("underlying_ticker", "")
            known = next((one for one in (ticker, f"I:{ticker}") if one in self.table), None)
            found = payloads.chain(known, self.table[known], self.now()) if known else []
            return [{**row["details"], "underlying_ticker": ticker} for row in found]

        return self._pages(asked, rows)

    def _details(self, asked: Asked, match: re.Match[str]) -> Response:
        if match["ticker"] not in self.table:
            return _json(404, {"status": "NOT_FOUND", "request_id": "4", "message": "Ticker not found."})
        return _json(200, {"status": "OK", "results": {"ticker": match["ticker"], "active": True}})

    def _news(self, asked: Asked, match: re.Match[str]) -> Response:
        def rows(query: dict[str, str]) -> list[Any]:
            ticker = query.get("ticker", "")
            return [payloads.headline(i, ticker, self.now()) for i in range(30)] if ticker in self.table else []

        return self._pages(asked, rows)

    def _book(self, asked: Asked, match: re.Match[str]) -> Response:
        ticker = match["ticker"]
        if ticker not in self.table:
            return _json(404, {"status": "NOT_FOUND", "request_id": "5", "message": "Ticker not found."})
        return _json(200, {"status": "OK", "data": payloads.book(ticker, self.table[ticker], self.now())})

    def _pages(
        self, asked: Asked, rows: Callable[[dict[str, str]], list[Any]], more: dict[str, Any] | None = None
    ) -> Response:  # fmt: skip
        """One page; the cursor of the next one carries the question and where it goes on."""
        cursor = asked.query.get("cursor")
        query, first = json.loads(base64.urlsafe_b64decode(cursor)) if cursor else (asked.query, 0)
        found, size = rows(query), min(int(query.get("limit", 10)), self.page)
        part = found[first : first + size]
        body = {
            "status": self._status(),
            "request_id": "6",
            "resultsCount": len(part),
            "count": len(part),
            **(more or {}),
        }
        if part or not more:
            body["results"] = part
        if first + size < len(found):
            token = base64.urlsafe_b64encode(json.dumps([query, first + size]).encode()).decode()
            body["next_url"] = f"{VENDOR_HOST}{asked.path}?cursor={token}"
        return _json(200, body)


ROUTES: list[tuple[str, str, Callable[..., Response]]] = [
    ("market", r"/v1/marketstatus/now", PolygonStandin._market),
    ("snapshots", r"/v2/snapshot/locale/us/markets/stocks/tickers", PolygonStandin._snapshot),
    ("universal", r"/v3/snapshot", PolygonStandin._universal),
    (
        "bars", r"/v2/aggs/ticker/(?P<ticker>[^/]+)/range/(?P<count>\d+)/(?P<unit>\w+)/(?P<start>.+)/(?P<end>.+)",
        PolygonStandin._bars,
    ),
    ("options", r"/v3/snapshot/options/(?P<ticker>[^/]+)", PolygonStandin._chain),
    ("contracts", r"/v3/reference/options/contracts", PolygonStandin._contracts),
    ("details", r"/v3/reference/(tickers|options/contracts)/(?P<ticker>[^/]+)", PolygonStandin._details),
    ("news", r"/v2/reference/news", PolygonStandin._news),
    ("book", r"/v2/snapshot/locale/global/markets/crypto/tickers/(?P<ticker>[^/]+)/book", PolygonStandin._book),
]  # fmt: skip


def _bound(text: str, zone: tzinfo, after: int = 0) -> float:
    """Epoch seconds of a bound in the path: epoch ms, or so many seconds after the midnight that begins a date."""
    if "-" not in text:
        return int(text) / 1000
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() + after


def _json(status: int, body: object, headers: dict[str, str] | None = None) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})
