"""Questions to Polygon through its library's own client: every page of the answer, every failure by its name."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from massive import RESTClient

from marketdata.sources import polygon_errors
from marketdata.sources.base import AuthFailed
from marketdata.sources.polygon_line import Line
from marketdata.sources.polygon_values import decode, following

Ask = Callable[[RESTClient], Any]
"""A call of the library with `raw=True`: its own reading takes any failure for an empty list."""


class Client:
    """The library's client for one key; `timeout` in seconds for a call with all its pages."""

    def __init__(self, key: str, base_url: str, timeout: float) -> None:
        self._is_possible = bool(key) and key.isascii() and key.isprintable()
        self._timeout = timeout
        self._client = RESTClient(
            api_key=key, base=base_url.rstrip("/"), connect_timeout=timeout, read_timeout=timeout, retries=0,
            connection_pool_kw={"retries": False},
        )  # fmt: skip

    def ask(self, ask: Ask) -> dict[str, Any]:
        """The first page of an answer."""
        return next(self.pages(ask))

    def pages(self, ask: Ask, seconds: float | None = None) -> Iterator[dict[str, Any]]:
        """Each page of an answer, as JSON; `seconds` for all of them where it takes longer than usual."""
        if not self._is_possible:
            raise AuthFailed("the key of Polygon is empty or holds characters that no key has")
        line = Line(self._client.client, seconds or self._timeout)
        client = copy.copy(self._client)
        client.client = line
        seen: set[str | None] = {None}
        while True:
            try:
                document = polygon_errors.check(decode(ask(client).data))
                path = following(document)
            except Exception as error:
                raise polygon_errors.named(error, line.last) from None
            yield document
            if path in seen:  # the end, or a vendor that goes round in circles
                return
            seen.add(path)
            ask = _page(str(path))

    def close(self) -> None:
        """End the connections."""
        self._client.client.clear()
        self._client.vx.client.clear()


def _page(path: str) -> Ask:
    return lambda client: client._get(path, raw=True)
