"""The line to Polygon under its client library: one call's deadline, and what the last answer was."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

import urllib3

from marketdata.sources import spending
from marketdata.sources.base import VendorTimeout

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read to its end: what the library looks at."""

    status: int
    data: bytes
    headers: urllib3.HTTPHeaderDict


class Line:
    """Stands in the library's client where its pool would be, for one call of `seconds` in all, with all its pages."""

    def __init__(self, pool: urllib3.PoolManager, seconds: float) -> None:
        self._pool = pool
        self._ends = monotonic() + seconds
        self.last: Reply | None = None

    def request(self, method: str, url: str, fields: Any = None, headers: Any = None) -> Reply:
        """One request; neither repeated nor redirected."""
        self.last = None
        spending.request()
        # The pool's own timeout starts again with every byte that arrives.
        response = self._pool.request(
            method, url, fields=fields, headers=headers, preload_content=False, retries=False, redirect=False,
            timeout=urllib3.Timeout(total=self._left()),
        )  # fmt: skip
        try:
            body = self._read(response)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        self.last = Reply(response.status, body, response.headers)
        return self.last

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes:
        parts = []
        while part := response.read1(CHUNK, decode_content=True):
            parts.append(part)
            self._left()
        return b"".join(parts)

    def _left(self) -> float:
        left = self._ends - monotonic()
        if left <= 0:
            raise VendorTimeout("Polygon did not answer in time")
        return left
