"""News and order books: values that only some vendors have."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One piece of news, as a vendor gave it. `symbols` are canonical; `tone` in [-1, 1] only if the vendor says so."""

    vendor: str
    id: str
    title: str
    published_at: datetime
    symbols: tuple[str, ...]
    url: str | None = None
    publisher: str | None = None
    summary: str | None = None
    tone: float | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """One price of an order book and the size that waits there (shares or coins)."""

    price: float
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """An order book: bids falling, asks rising in price."""

    symbol: str
    vendor: str
    as_of: datetime
    received_at: datetime
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    simulated: bool = False
