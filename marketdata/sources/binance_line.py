"""The line to Binance under ccxt: the deadline of a call, the weight of a request, and what the last answer was."""

import json
from io import BytesIO
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from marketdata.sources import spending
from marketdata.sources.base import BadPayload, VendorTimeout

CHUNK = 1 << 16
HEAD = 60
WEIGHTS = {"exchangeInfo": 20, "klines": 2}
BY_SYMBOLS = ((20, 2), (100, 40))
BY_DEPTH = ((100, 5), (500, 25), (1000, 50))
SHAPES = {
    "exchangeInfo": (b"{}", b'"symbols"'), "depth": (b"{}", b'"bids"'), "klines": (b"[]", b""), "24hr": (b"[]", b""),
}  # fmt: skip
HEAVIEST = {"24hr": 80, "depth": 250}


def weight(url: str) -> int:
    """What Binance counts for a request, out of the 6000 of a minute."""
    parts = urlsplit(url)
    what, asked = parts.path.rpartition("/")[2], parse_qs(parts.query)
    if what == "24hr":
        symbols = json.loads(asked.get("symbols", ["[]"])[0])
        return next((cost for most, cost in BY_SYMBOLS if len(symbols) <= most), HEAVIEST[what])
    if what == "depth":
        depth = int(asked.get("limit", ["100"])[0])
        return next((cost for most, cost in BY_DEPTH if depth <= most), HEAVIEST[what])
    return WEIGHTS.get(what, 1)


def _whole(url: str, body: bytes) -> bool:
    """Whether a body may be what was asked for: ccxt takes a page of HTML for an empty list."""
    what, body = urlsplit(url).path.rpartition("/")[2], body.strip()
    brackets, within = SHAPES.get(what, (body[:1] + body[-1:], b""))
    return len(body) > 1 and body[:1] + body[-1:] == brackets and within in body


class Line(requests.Session):
    """The session that ccxt asks through; whoever calls sets `ends`, by the monotonic clock."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = 0.0
        self.status: int | None = None
        self.retry_after: float | None = None
        self.said = ""

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        """One request, answered to its end in the time that is left; raises VendorTimeout."""
        self.status, self.retry_after, self.said = None, None, ""
        spending.request(weight(str(url)))
        options |= {"timeout": self._left(), "stream": True, "allow_redirects": False}
        response = super().request(method, url, *args, **options)
        try:
            body = self._read(response.raw)
        except BaseException:
            response.raw.close()
            raise
        response.raw.release_conn()
        response.raw = BytesIO(body)
        self.status, self.said = response.status_code, " ".join(body[:HEAD].decode(errors="replace").split())
        told = response.headers.get("Retry-After", "")
        self.retry_after = float(told) if told.isascii() and told.isdigit() and len(told) < 7 else None
        if response.ok and not _whole(str(url), body):
            raise BadPayload(f"Binance's answer is not what was asked for: {self.said}")
        return response

    def _read(self, raw: Any) -> bytes:
        """The body, decoded; requests' own reading waits for ever where bytes only drip."""
        parts = []
        while part := raw.read1(CHUNK, decode_content=True):
            parts.append(part)
            self._left()
        return b"".join(parts)

    def _left(self) -> float:
        left = self.ends - monotonic()
        if left <= 0:
            raise VendorTimeout("Binance did not answer in time")
        return left
