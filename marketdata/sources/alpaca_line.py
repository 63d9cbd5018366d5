"""The line to Alpaca under its client library: the deadline of a call, which the library does not have."""

import re
from io import BytesIO
from time import monotonic
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter, HTTPAdapter

from marketdata.sources import spending
from marketdata.sources.base import VendorTimeout

CHUNK = 1 << 16
TOKEN = re.compile(rb'("next_page_token"\s*:\s*)"([^"]*)"')


class Line(BaseAdapter):
    """Stands before the connections in the library's session, for one call of `seconds` in all, with all its pages."""

    def __init__(self, pool: HTTPAdapter, seconds: float) -> None:
        super().__init__()
        self._pool = pool
        self._ends = monotonic() + seconds
        self._tokens: set[bytes] = set()

    def send(
        self, request: PreparedRequest, stream: bool = False, timeout: Any = None, verify: Any = True, cert: Any = None,
        proxies: Any = None,
    ) -> Response:  # fmt: skip
        """One request, answered to its end in the time that is left."""
        spending.request()
        # The session's own timeout starts again with every byte that arrives.
        response = self._pool.send(request, True, self._left(), verify, cert, proxies)
        try:
            body = self._read(response.raw)
        except BaseException:
            response.raw.close()
            raise
        response.raw.release_conn()
        response.raw = BytesIO(TOKEN.sub(self._onwards, body))
        # Without it the library would guess the encoding of each answer, which takes longer than reading it.
        response.encoding = "utf-8"
        return response

    def forget(self) -> None:
        """Another question begins: it may ask again what the last one asked."""
        self._tokens.clear()

    def close(self) -> None:
        """The connections stay: other calls use them."""

    def _onwards(self, found: re.Match[bytes]) -> bytes:
        """The way to the next page, unless it was gone before: the library would go round in circles."""
        known = found[2] in self._tokens
        self._tokens.add(found[2])
        return found[1] + b"null" if known else found[0]

    def _read(self, raw: Any) -> bytes:
        parts = []
        while part := raw.read1(CHUNK, decode_content=True):
            parts.append(part)
            self._left()
        return b"".join(parts)

    def _left(self) -> float:
        left = self._ends - monotonic()
        if left <= 0:
            raise VendorTimeout("Alpaca did not answer in time")
        return left
