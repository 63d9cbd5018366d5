"""Alpaca's side of the wire, for tests and for a developer without a network: REST, stream, plans and faults."""

import base64
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Self

from marketdata.standins import alpaca_payloads as payloads
from marketdata.standins.alpaca_faults import Fault, as_json, broken
from marketdata.standins.alpaca_socket import AlpacaSocket
from marketdata.standins.plain import Asked, PlainServer
from marketdata.standins.proxy import Response

KEY, SECRET = "PKTHEKEYOFALPACA", "the-secret-of-alpaca"
SYMBOL = re.compile(r"[A-Z]{1,7}(\.[A-Z]{1,4})?|[A-Z]{2,6}/[A-Z]{3,4}|[A-Z]{1,6}[0-9]?[0-9]{6}[CP][0-9]{8}")
RECENT = 900
Route = Callable[[Asked, re.Match[str]], Response]


class AlpacaStandin:
    """A context manager: `url`, `stream_url`, KEY and SECRET are what a client needs, the rest is what a test turns.

    `plan`: basic (IEX, late SIP, indicative options) or plus (SIP, OPRA); `lacks`: kinds of requests refused with 403;
    `per_minute`: the limit; `page`: most rows on one; `recorded`: bodies by path, answered first.
    """

    def __init__(self, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        self._http = PlainServer(self.answer, port)
        self.now = clock
        self.socket = AlpacaSocket(self, (KEY, SECRET))
        self.table = dict(payloads.TABLE)
        self.recorded: dict[str, bytes] = {}
        self.requests: Counter[str] = Counter()
        self.asked: list[Asked] = []
        self.fault: Fault | None = None
        self.delay = 30.0
        self.limit_ends: int | None = None
        self.plan = "basic"
        self.lacks: set[str] = set()
        self.per_minute = 10**9
        self.page = 10_000
        self._minute: Counter[int] = Counter()

    @property
    def url(self) -> str:
        """ALPACA_DATA_URL and ALPACA_TRADING_URL."""
        return f"http://{self._http.address}"

    @property
    def stream_url(self) -> str:
        """ALPACA_STREAM_URL."""
        return f"ws://{self.socket.address}"

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
                self.asked.append(asked)
                return (
                    self._refusal(asked, kind) or self._broken() or self._recorded(asked) or route(self, asked, match)
                )
        return as_json(404, {"message": "endpoint not found."})

    def _control(self, asked: Asked) -> Response:
        """PUT /fault/<name>, DELETE /fault, GET /requests: for whoever runs it in another process."""
        if asked.path.startswith("/fault"):
            name = asked.path.removeprefix("/fault").strip("/")
            self.fault = Fault(name) if name in set(Fault) else None
        return as_json(200, {"fault": self.fault, "requests": dict(self.requests)})

    def _refusal(self, asked: Asked, kind: str) -> Response | None:
        keys = (asked.headers.get("apca-api-key-id"), asked.headers.get("apca-api-secret-key"))
        if keys != (KEY, SECRET) or self.fault is Fault.FORBIDDEN:
            return as_json(403, {"message": "forbidden."})
        if self.fault is Fault.UNAUTHORIZED:
            return as_json(401, {"code": 40110000, "message": "request is not authorized"})
        minute = int(self.now() // 60)
        self._minute[minute] += 1
        if self.fault is Fault.RATE_LIMITED or self.per_minute < self._minute[minute]:
            ends = {} if self.limit_ends is None else {"X-RateLimit-Reset": str(self.limit_ends)}
            return as_json(429, {"message": "too many requests."}, ends)
        if self.fault is Fault.NOT_ENTITLED or kind in self.lacks:
            return as_json(403, {"message": "subscription does not permit querying this data"})
        return self._of_the_plan(asked.query, kind) or self._invalid(asked.query)

    def _of_the_plan(self, query: Mapping[str, str], kind: str) -> Response | None:
        """What the free plan refuses: the whole market's data of the last quarter of an hour, and OPRA."""
        feed, end = query.get("feed"), query.get("end")
        recent = end is None or _epoch(end) > self.now() - RECENT
        if self.plan == "basic" and feed == "sip" and recent:
            return as_json(403, {"message": "subscription does not permit querying recent SIP data"})
        if self.plan == "basic" and feed == "opra":
            return as_json(403, {"code": 40310000, "message": "OPRA agreement is not signed"})
        if feed == "delayed_sip" and kind == "bars":
            return as_json(400, {"message": "invalid feed: delayed_sip"})
        return None

    def _invalid(self, query: Mapping[str, str]) -> Response | None:
        for symbol in filter(None, query.get("symbols", "").split(",")):
            if not SYMBOL.fullmatch(symbol):
                return as_json(400, {"message": f"code=400, message=invalid symbol: {symbol}"})
        return None

    def _broken(self) -> Response | None:
        self._http.drips = self.fault is Fault.DRIP
        return broken(self.fault, self.delay)

    def _recorded(self, asked: Asked) -> Response | None:
        body = self.recorded.get(asked.path)
        return Response(200, body, {"Content-Type": "application/json"}) if body is not None else None

    def _part(self, asked: Asked) -> float:
        return payloads.IEX_SHARE if asked.query.get("feed") == "iex" else 1.0

    def _snapshots(self, asked: Asked, match: re.Match[str]) -> Response:
        at = self.now() - (RECENT if asked.query.get("feed") == "delayed_sip" else 0)
        names = asked.query.get("symbols", "").split(",")
        rows = {
            one: payloads.snapshot(one, self.table[one], at, self._part(asked)) for one in names if one in self.table
        }
        return as_json(200, rows if asked.path.startswith("/v2/") else {"snapshots": rows})

    def _bars(self, asked: Asked, match: re.Match[str]) -> Response:
        query, found = asked.query, re.fullmatch(r"(\d+)(Min|Hour|Day)", asked.query["timeframe"])
        length = int(found[1]) * payloads.LENGTHS[found[2]] if found else 60
        start, end = (_epoch(query[name]) for name in ("start", "end"))
        rows = (
            (one, row)
            for one in query["symbols"].split(",") if one in self.table
            for row in payloads.bars(one, self.table[one], length, start, end, self.now(), self._part(asked))
        )  # fmt: skip
        page, token = self._page(asked, rows)
        bars: dict[str, list[Any]] = {}
        for one, row in page:
            bars.setdefault(one, []).append(row)
        return as_json(200, {"bars": bars, "next_page_token": token})

    def _chain(self, asked: Asked, match: re.Match[str]) -> Response:
        underlying = match["symbol"]
        listed = payloads.contracts(underlying, self.table[underlying], self.now()) if underlying in self.table else []
        first, last = asked.query.get("expiration_date_gte", ""), asked.query.get("expiration_date_lte", "9")
        chosen = (one for one in listed if first <= one["expiration_date"] <= last)
        page, token = self._page(asked, chosen)
        rows = {one["symbol"]: payloads.option(one, self.table[underlying], self.now()) for one in page}
        return as_json(200, {"snapshots": rows, "next_page_token": token})

    def _contracts(self, asked: Asked, match: re.Match[str]) -> Response:
        names = [one for one in asked.query.get("underlying_symbols", "").split(",") if one in self.table]
        weekend = datetime.fromtimestamp(self.now(), UTC) + timedelta(days=7)
        # Without a last day Alpaca lists those of the coming week only.
        last = asked.query.get("expiration_date_lte", weekend.date().isoformat())
        first = asked.query.get("expiration_date_gte", "")
        found = (row for one in names for row in payloads.contracts(one, self.table[one], self.now()))
        page, token = self._page(asked, (row for row in found if first <= row["expiration_date"] <= last), 100)
        return as_json(200, {"option_contracts": page, "next_page_token": token})

    def _named(self, asked: Asked, match: re.Match[str]) -> Response:
        if match["symbol"] not in self.table:
            return as_json(404, {"code": 40410000, "message": f"asset not found for {match['symbol']}"})
        return as_json(200, {"symbol": match["symbol"], "status": "active", "tradable": True})

    def _news(self, asked: Asked, match: re.Match[str]) -> Response:
        names = [
            one
            for one in asked.query.get("symbols", "").split(",")
            if one in self.table or f"{one[:3]}/{one[3:]}" in self.table
        ]
        rows = sorted(
            (payloads.article(i, one, self.now()) for one in names for i in range(60)),
            key=lambda row: row["created_at"], reverse=True,
        )  # fmt: skip
        page, token = self._page(asked, rows, 10)
        return as_json(200, {"news": page, "next_page_token": token})

    def _books(self, asked: Asked, match: re.Match[str]) -> Response:
        names = [one for one in asked.query.get("symbols", "").split(",") if one in self.table]
        books = {one: payloads.orderbook(one, self.table[one], self.now()) for one in names}
        return as_json(200, {"orderbooks": books})

    def _page(self, asked: Asked, rows: Iterable[Any], usual: int = 1000) -> tuple[list[Any], str | None]:
        """The rows of one page, and the token of the next one."""
        token = asked.query.get("page_token")
        first = int(base64.urlsafe_b64decode(token)) if token else 0
        size = min(int(asked.query.get("limit", usual)), self.page)
        found = list(islice(rows, first, first + size + 1))
        more = base64.urlsafe_b64encode(str(first + size).encode()).decode() if len(found) > size else None
        return found[:size], more


ROUTES: list[tuple[str, str, Callable[..., Response]]] = [
    ("snapshots", r"/v2/stocks/snapshots", AlpacaStandin._snapshots),
    ("crypto", r"/v1beta3/crypto/us/snapshots", AlpacaStandin._snapshots),
    ("option_snapshots", r"/v1beta1/options/snapshots", AlpacaStandin._snapshots),
    ("bars", r"/v2/stocks/bars", AlpacaStandin._bars),
    ("crypto_bars", r"/v1beta3/crypto/us/bars", AlpacaStandin._bars),
    ("option_bars", r"/v1beta1/options/bars", AlpacaStandin._bars),
    ("chain", r"/v1beta1/options/snapshots/(?P<symbol>[^/]+)", AlpacaStandin._chain),
    ("contracts", r"/v2/options/contracts", AlpacaStandin._contracts),
    ("named", r"/v2/(assets|options/contracts)/(?P<symbol>.+)", AlpacaStandin._named),
    ("news", r"/v1beta1/news", AlpacaStandin._news),
    ("books", r"/v1beta3/crypto/us/latest/orderbooks", AlpacaStandin._books),
]


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
