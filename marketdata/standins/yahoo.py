"""Yahoo's side of the wire, for tests and for a developer without a network: cookie, crumb, answers, faults."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from itertools import count
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from marketdata.standins import yahoo_answers, yahoo_more, yahoo_payloads
from marketdata.standins.proxy import Request, Response, TlsProxy
from marketdata.standins.yahoo_instruments import TABLE, Instrument
from marketdata.standins.yahoo_socket import StreamFault, YahooSocket

QUOTES, CHART, CRUMB, COOKIE = "/v7/finance/quote", "/v8/finance/chart", "/v1/test/getcrumb", "/"
OPTIONS, NEWS = "/v7/finance/options", "/xhr/ncp"
NAMES = ("yahoo.com", "*.yahoo.com", "*.finance.yahoo.com")
MOST_SYMBOLS = 100
KEPT_HEADERS = ("content-type", "cache-control", "age", "date", "server", "vary")


class Fault(StrEnum):
    """What can be wrong with Yahoo; `slow` and `slow_crumb` wait for `delay` seconds."""

    RATE_LIMITED = "rate_limited"
    CRUMB_RATE_LIMITED = "crumb_rate_limited"
    SERVER_ERROR = "server_error"
    SLOW = "slow"
    SLOW_CRUMB = "slow_crumb"
    HTML = "html"
    TRUNCATED = "truncated"
    EMPTY_OBJECT = "empty_object"
    EMPTY_RESULT = "empty_result"
    BAD_CRUMB = "bad_crumb"
    DROP = "drop"


class YahooStandin:
    """A context manager: `proxy` and `ca_file` are what a client needs, `fault` and `missing` what a test turns.

    `quotes`, `charts`, `chains` and `news` (Yahoo's symbol -> row, or body) answer before the made-up table; `requests`
    counts.
    """

    def __init__(self, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        self._tls = TlsProxy(self, NAMES, port)
        self._clock = clock
        self._numbers = count(1)
        self._crumbs: dict[str, str] = {}
        self.fault: Fault | None = None
        self.delay = 30.0
        self.retry_after: int | None = None
        self.missing: set[str] = set()
        self.table: dict[str, Instrument] = dict(TABLE)
        self.quotes: dict[str, Mapping[str, Any]] = {}
        self.charts: dict[str, Any] = {}
        self.chains: dict[str, Any] = {}
        self.news: dict[str, Any] = {}
        self._recorded: dict[tuple[str, ...], Response] = {}
        self.requests: Counter[str] = Counter()
        self.socket = YahooSocket(self.table, clock)

    @property
    def proxy(self) -> str:
        """YAHOO_PROXY."""
        return self._tls.url

    @property
    def stream_url(self) -> str:
        """YAHOO_STREAM_URL."""
        return self.socket.url

    @property
    def ca_file(self) -> str:
        """YAHOO_CA_FILE."""
        return self._tls.ca_file

    def __enter__(self) -> Self:
        self._tls.__enter__()
        self.socket.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.__exit__()
        self._tls.__exit__(None, None, None)

    def release(self) -> None:
        """Let go of whoever waits for a slow answer."""
        self.fault = None
        self._tls.hang_up()

    def forget_crumbs(self) -> None:
        """From now on every crumb given so far is refused."""
        self._crumbs.clear()

    def replay(self, exchange: Mapping[str, Any]) -> None:
        """Answer as in a recorded exchange: status, headers and body for the same path and symbols."""
        url, answer = urlsplit(exchange["request"]["url"]), exchange["response"]
        body = json.dumps(answer["bodyJson"]) if "bodyJson" in answer else answer["bodyText"]
        kept = {name: answer["headers"][name] for name in KEPT_HEADERS if name in answer["headers"]}
        self._recorded[_key(url.path, dict(parse_qsl(url.query)))] = Response(answer["status"], body.encode(), kept)

    def __call__(self, request: Request) -> Response:
        """The answer to one request, counted under its path (charts and chains without their symbol)."""
        if not request.host:
            return self._control(request)
        path = next((one for one in (CHART, OPTIONS) if request.path.startswith(one)), request.path)
        self.requests[path] += 1
        match path:
            case "/":
                return self._cookie()
            case "/v1/test/getcrumb":
                return self._crumb(request)
            case "/v7/finance/quote":
                return self._refusal(request) or self._broken() or self._replayed(request) or self._quotes(request)
            case "/v8/finance/chart":
                return self._broken() or self._replayed(request) or self._chart(request)
            case "/v7/finance/options":
                return self._refusal(request) or self._broken() or self._replayed(request) or self._chain(request)
            case "/xhr/ncp":
                return self._broken() or self._articles(request)
        return Response(404, b"<html><body>Not Found</body></html>", {"Content-Type": "text/html"})

    def _control(self, request: Request) -> Response:
        """PUT /fault/<name>, DELETE /fault, GET /requests: for whoever runs it in another process."""
        if request.path.startswith("/fault"):
            name = request.path.removeprefix("/fault").strip("/")
            self.fault = Fault(name) if name in set(Fault) else None
            self.socket.fault = StreamFault(name) if name in set(StreamFault) else None
        return yahoo_answers.as_json(200, {"fault": self.fault or self.socket.fault, "requests": dict(self.requests)})

    def _cookie(self) -> Response:
        name = f"d=AQAB{next(self._numbers):06d}"
        lasts = "Expires=Fri, 31 Dec 2032 23:59:59 GMT; Max-Age=31557600"
        cookie = f"A3={name}; {lasts}; Domain=.yahoo.com; Path=/; SameSite=None; Secure; HttpOnly"
        return Response(404, b"<!DOCTYPE html>", {"Content-Type": "text/html", "Set-Cookie": cookie})

    def _crumb(self, request: Request) -> Response:
        if self.fault is Fault.CRUMB_RATE_LIMITED:
            return Response(429, b"Too Many Requests\r\n", {"Content-Type": "text/plain"})
        cookie = request.cookies.get("A3")
        if cookie is None:
            return yahoo_answers.as_json(
                401, {"finance": {"result": None, "error": yahoo_answers.unauthorized("Invalid Cookie")}}
            )
        crumb = self._crumbs.setdefault(cookie, f"cr/{next(self._numbers)}.x")
        delay = self.delay if self.fault is Fault.SLOW_CRUMB else 0.0
        return Response(200, crumb.encode(), {"Content-Type": "text/plain;charset=utf-8"}, delay)

    def _refusal(self, request: Request) -> Response | None:
        expected = self._crumbs.get(request.cookies.get("A3", ""))
        if expected and request.query.get("crumb") == expected and self.fault is not Fault.BAD_CRUMB:
            return None
        return yahoo_answers.as_json(
            401, {"finance": {"result": None, "error": yahoo_answers.unauthorized("Invalid Crumb")}}
        )

    def _broken(self) -> Response | None:
        limit = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return {
            Fault.RATE_LIMITED: Response(429, b"Too Many Requests\r\n", {"Content-Type": "text/plain", **limit}),
            Fault.SERVER_ERROR: Response(500, b"<html><body>Internal Server Error</body></html>"),
            Fault.SLOW: Response(200, b"{}", delay=self.delay),
            Fault.HTML: Response(200, b"<!DOCTYPE html><html><body>Will be right here</body></html>"),
            Fault.TRUNCATED: Response(200, b'{"quoteResponse":{"result":[{"symbol":"AA'),
            Fault.EMPTY_OBJECT: Response(200, b"{}", {"Content-Type": "application/json"}),
            Fault.DROP: Response(drop=True),
        }.get(self.fault or Fault.BAD_CRUMB)

    def _replayed(self, request: Request) -> Response | None:
        return self._recorded.get(_key(request.path, request.query))

    def _quotes(self, request: Request) -> Response:
        asked = request.query.get("symbols", "").split(",")
        if len(asked) > MOST_SYMBOLS:
            error = {"code": "Bad Request", "description": f"Too many symbols: {len(asked)}"}
            return yahoo_answers.as_json(400, {"quoteResponse": {"result": None, "error": error}})
        rows = [] if self.fault is Fault.EMPTY_RESULT else [row for symbol in asked if (row := self._row(symbol))]
        return yahoo_answers.as_json(200, {"quoteResponse": {"result": rows, "error": None}})

    def _row(self, symbol: str) -> Mapping[str, Any] | None:
        if symbol in self.missing:
            return None
        one = self.table.get(symbol)
        return self.quotes.get(symbol) or (yahoo_payloads.quote(one, self._clock()) if one else None)

    def _chart(self, request: Request) -> Response:
        symbol = unquote(request.path.removeprefix(CHART).strip("/"))
        if symbol in self.charts:
            return yahoo_answers.as_json(200, self.charts[symbol])
        one, now, query = self.table.get(symbol), self._clock(), request.query
        if one is None or symbol in self.missing:
            return yahoo_answers.no_chart(404, "Not Found", "No data found, symbol may be delisted")
        if self.fault is Fault.EMPTY_RESULT:
            return yahoo_answers.as_json(200, {"chart": {"result": [], "error": None}})
        start, end = float(query.get("period1", now - 86400 * 5)), float(query.get("period2", now))
        interval = query.get("interval", "1d")
        if (refusal := yahoo_answers.out_of_reach(interval, start, end, now)) is not None:
            return refusal
        prepost = query.get("includePrePost", "").lower() == "true"
        result = yahoo_payloads.chart(one, interval, start, end, now, prepost)
        return yahoo_answers.as_json(200, {"chart": {"result": [result], "error": None}})

    def _chain(self, request: Request) -> Response:
        symbol = unquote(request.path.removeprefix(OPTIONS).strip("/"))
        if symbol in self.chains:
            return yahoo_answers.as_json(200, self.chains[symbol])
        one = None if symbol in self.missing or self.fault is Fault.EMPTY_RESULT else self.table.get(symbol)
        found = yahoo_more.chain(one, self._clock(), request.query.get("date")) if one else []
        return yahoo_answers.as_json(200, {"optionChain": {"result": found, "error": None}})

    def _articles(self, request: Request) -> Response:
        wanted = json.loads(request.body)["serviceConfig"]
        (symbol,), count = wanted["s"], wanted["snippetCount"]
        if symbol in self.news:
            return yahoo_answers.as_json(200, self.news[symbol])
        none = symbol in self.missing or symbol not in self.table or self.fault is Fault.EMPTY_RESULT
        found = [] if none else yahoo_more.articles(symbol, self._clock(), count)
        return yahoo_answers.as_json(200, {"data": {"tickerStream": {"stream": found}}, "status": "OK"})


def _key(path: str, query: Mapping[str, str]) -> tuple[str, ...]:
    return unquote(path), query.get("symbols", ""), query.get("date", "")
