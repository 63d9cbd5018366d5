"""Questions to Alpaca through its library's own clients: every page of the answer, every failure by its name."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import requests
from alpaca.common.rest import RESTClient
from alpaca.data.historical import (
    CryptoHistoricalDataClient,
    NewsClient,
    OptionHistoricalDataClient,
    StockHistoricalDataClient,
)
from alpaca.trading.client import TradingClient
from requests.adapters import HTTPAdapter

from marketdata.sources import alpaca_errors
from marketdata.sources.alpaca_line import Line
from marketdata.sources.base import AuthFailed

C = TypeVar("C", bound=RESTClient)


@dataclass(frozen=True, slots=True)
class Library:
    """The library's clients, one for each part of Alpaca."""

    stocks: StockHistoricalDataClient
    crypto: CryptoHistoricalDataClient
    options: OptionHistoricalDataClient
    news: NewsClient
    trading: TradingClient


Ask = Callable[[Library], Any]
"""A call of the library; its answers stay JSON: its own models drop fields, and fail where one is missing."""


class Call:
    """Some questions that together take `seconds` at most."""

    def __init__(self, library: Library, pool: HTTPAdapter, seconds: float) -> None:
        self._library = library
        self._line = Line(pool, seconds)

    def ask(self, ask: Ask, again: bool = False) -> Any:
        """The answer, with all its pages (`again`: it is a further page itself); raises errors of the tree only."""
        if not again:
            self._line.forget()
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, self._line)
        clients = {field.name: _through(session, getattr(self._library, field.name)) for field in fields(Library)}
        try:
            return ask(Library(**clients))
        except Exception as error:
            raise alpaca_errors.named(error) from None


class Client:
    """The library's clients for one key; `timeout` in seconds for a call with all its pages."""

    def __init__(self, key: str, secret: str, data_url: str, trading_url: str, timeout: float) -> None:
        self._timeout = timeout
        self._pool = HTTPAdapter(pool_connections=4, pool_maxsize=10, max_retries=0)
        self._library = _library(key, secret, data_url, trading_url) if _is_possible(key, secret) else None

    def call(self, seconds: float | None = None) -> Call:
        """Begin a call, of `seconds` where it takes longer than usual; raises AuthFailed where no key can be right."""
        if self._library is None:
            raise AuthFailed("the key or the secret of Alpaca is empty or holds characters that no key has")
        return Call(self._library, self._pool, seconds or self._timeout)

    def ask(self, ask: Ask, seconds: float | None = None) -> Any:
        """One question in a call of its own."""
        return self.call(seconds).ask(ask)

    def close(self) -> None:
        """End the connections."""
        self._pool.close()


def _library(key: str, secret: str, data_url: str, trading_url: str) -> Library:
    named: dict[str, Any] = {"api_key": key, "secret_key": secret, "raw_data": True}
    data = {**named, "url_override": data_url.rstrip("/")}
    library = Library(
        StockHistoricalDataClient(**data), CryptoHistoricalDataClient(**data), OptionHistoricalDataClient(**data),
        NewsClient(**data), TradingClient(**named, url_override=trading_url.rstrip("/")),
    )  # fmt: skip
    for field in fields(Library):
        # Left alone it waits three times three seconds when it is told to slow down.
        getattr(library, field.name)._retry = 0
    return library


def _through(session: requests.Session, client: C) -> C:
    client = copy.copy(client)
    client._session = session
    return client


def _is_possible(*keys: str) -> bool:
    return all(key and key.isascii() and key.isprintable() and " " not in key for key in keys)
