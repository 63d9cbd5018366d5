"""The HTTP session that yfinance borrows: it keeps a deadline over a whole call and remembers what went wrong."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from curl_cffi import requests

from marketdata.sources import spending

HEAD, SHOWN = 200, 60
NOTED = ("/finance/", "/xhr/", "getcrumb")
"""What is asked for its answer; the others are asked for a cookie."""


@dataclass(slots=True)
class Trouble:
    """What the answers of one call looked like: last status and head of a body, and whether the crumb was refused."""

    status: int | None = None
    head: str = ""
    retry_after: float | None = None
    crumb_limited: bool = False

    @property
    def shown(self) -> str:
        """As much of the body as may stand in a message."""
        return self.head[:SHOWN]


class Session(requests.Session[requests.Response]):
    """A browser-like session whose requests, cookie and crumb included, all end before the deadline of their call."""

    def __init__(self, proxy: str | None = None, ca_file: str | None = None) -> None:
        verify: Any = ca_file or True
        super().__init__(impersonate="chrome", proxy=proxy, verify=verify)
        self._call = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[Trouble]:
        """Everything this thread asks inside ends after `seconds`; gives the record of what was answered."""
        self._call.deadline, self._call.trouble = time.monotonic() + seconds, Trouble()
        try:
            yield self._call.trouble
        finally:
            del self._call.deadline, self._call.trouble

    def request(self, method: Any, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        """As in curl_cffi, with the time that is left; raises Timeout when none is."""
        left = getattr(self._call, "deadline", time.monotonic() + 30) - time.monotonic()
        if left <= 0:
            raise requests.exceptions.Timeout("no time left")
        asked = options.get("timeout")
        options["timeout"] = min(asked, left) if isinstance(asked, int | float) else left
        spending.request()
        response = super().request(method, url, **options)
        self._note(url, response)
        return response

    def _note(self, url: str, response: requests.Response) -> None:
        trouble = getattr(self._call, "trouble", None)
        if trouble is None or not any(part in url for part in NOTED):
            return
        if "getcrumb" in url:
            trouble.crumb_limited = response.status_code == 429 or "Too Many Requests" in response.text
        else:
            trouble.status = response.status_code
            trouble.head = " ".join(response.text[:HEAD].split())
        if response.status_code == 429:
            trouble.retry_after = _seconds(response.headers.get("retry-after"))


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None
