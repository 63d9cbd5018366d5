"""The dashboard as it is served: the last known numbers are on it before any script has run."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from marketdata import calendar, reading, store, wiring
from marketdata.domain import Quote

log = logging.getLogger(__name__)

NONE, MINUS = "–", "−"
SHEETS = tuple(
    f"marketdata/css/{name}.css" for name in ("tokens", "base", "layout", "components", "watchlist", "chart")
)


@dataclass(frozen=True, slots=True)
class Row:
    """A symbol as the page writes it; the same words as `format.js` has for the same numbers."""

    symbol: str = ""
    name: str = ""
    tag: str = ""
    last: str = NONE
    change: str = NONE
    direction: str = "flat"
    bid: str = NONE
    ask: str = NONE
    volume: str = NONE
    previous: str = NONE


def dashboard(request: HttpRequest) -> HttpResponse:
    """The whole page. Without a database or Redis it still comes, empty, and its script says what is missing."""
    rows: list[Row] = []
    market, is_open = settings.MARKET, False
    try:
        market = wiring.market()
        rows, is_open = _rows(store.watchlist()), _is_open(market)
    except (DatabaseError, redis.RedisError) as error:
        log.warning("The page is served without numbers: %s", type(error).__name__)
    shown = {"market": market, "is_open": is_open, "rows": rows, "blank": Row(), "selected": rows[0] if rows else Row()}
    fixed = {"sheets": SHEETS, "every": settings.MARKETDATA_QUOTES_EVERY}
    response = render(request, "dashboard.html", {**shown, **fixed})
    add_never_cache_headers(response)
    return response


def row(symbol: str, name: str, quote: Quote | None) -> Row:
    """The words for a symbol and its quote, if there is one."""
    if quote is None:
        return Row(symbol, name)
    return Row(
        symbol, name, _tag(quote), price(quote.price), percent(quote.change_percent), direction(quote.change_percent),
        price(quote.bid), price(quote.ask), compact(quote.volume), price(quote.previous_close),
    )  # fmt: skip


def price(value: float | None) -> str:
    """231.37; four decimals below one."""
    if value is None:
        return NONE
    return f"{value:.{2 if abs(value) >= 1 or value == 0 else 4}f}".replace("-", MINUS)


def percent(value: float | None) -> str:
    """+0.62%, −0.01%; zero has no sign."""
    if value is None:
        return NONE
    text = f"{abs(value):.2f}"
    sign = "" if float(text) == 0 else MINUS if value < 0 else "+"
    return f"{sign}{text}%"


def direction(value: float | None) -> str:
    """up, down or flat, as it is shown: −0.001 % is flat."""
    if value is None or float(f"{value:.2f}") == 0:
        return "flat"
    return "up" if value > 0 else "down"


def compact(value: float | None) -> str:
    """950, 44.6K, 13.2M, 1.0B."""
    if value is None:
        return NONE
    if abs(value) < 1000:
        return f"{value:.0f}"
    step = 1 if abs(value) < 999_500 else 2 if abs(value) < 999_500_000 else 3
    scaled = value / 1000**step
    return f"{scaled:.{1 if abs(scaled) < 99.95 else 0}f}{' KMB'[step]}"


def _rows(symbols: Sequence[str]) -> list[Row]:
    quotes, names = reading.quotes(symbols), store.names()
    found = {symbol: quotes[symbol].quote for symbol in symbols if symbol in quotes}
    return [row(symbol, names.get(symbol, ""), found.get(symbol)) for symbol in symbols]


def _tag(quote: Quote) -> str:
    if quote.simulated:
        return "SIM"
    return f"{MINUS}{quote.delayed_by / 60:.0f}m" if quote.delayed_by else ""


def _is_open(market: str) -> bool:
    try:
        return calendar.is_open(wiring.clock()(), market)
    except calendar.OutOfCalendar:
        return False
