"""Yahoo's pricing messages, merged into quotes. Pure: messages in, quotes out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from marketdata import symbols
from marketdata.calendar import NEW_YORK
from marketdata.domain import Quote, Session
from marketdata.quality import is_ahead
from marketdata.sources.fields import Row, number
from marketdata.sources.yahoo_quotes import unit
from marketdata.sources.yahoo_values import price, time
from marketdata.symbols import Kind

SESSIONS = {0: Session.PRE, 1: Session.REGULAR, 2: Session.POST, 3: Session.CLOSED}
"""By `market_hours`; absent is 0, as in all of proto3. 3 is whatever trades outside the other three."""
ALWAYS = frozenset({Kind.CRYPTO, Kind.CURRENCY})
PRICES = {"open": "open_price", "high": "day_high", "low": "day_low"}
OF_THE_DAY = (*PRICES, "volume", "previous_close")
SIDES = {"bid": "bid", "ask": "ask"}
SIZES = {"bid_size": "bid_size", "ask_size": "ask_size"}


class Tape:
    """The last quote of each symbol of `asked` (canonical -> Yahoo's spelling), and which of them are new."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)
        for symbol, spelling in asked.items():
            self._names[spelling.upper()].append(symbol)
        self._seeds: dict[str, Quote] = {}
        self._units: dict[str, tuple[str | None, float]] = {}
        self._quotes: dict[str, Quote] = {}
        self._fresh: dict[str, Quote] = {}

    def seed(self, answers: Mapping[str, Any]) -> None:
        """Keep what the stream seldom tells: the delay, and the previous close for the day of the quote."""
        self._seeds |= {symbol: quote for symbol, quote in answers.items() if isinstance(quote, Quote)}

    def hear(self, message: Row, now: datetime) -> None:
        """Take in one message; one without price or time, older than the last or about nobody known is passed over."""
        for symbol in self._names.get(str(message.get("id")).upper(), ()):
            self._change(symbol, message, now)

    def take(self) -> list[Quote]:
        """The quotes that changed since the last time, each whole."""
        fresh, self._fresh = self._fresh, {}
        return list(fresh.values())

    def _change(self, symbol: str, message: Row, now: datetime) -> None:
        told, held = _instant(message.get("time")), self._quotes.get(symbol)
        currency, divisor = self._unit(symbol, message)
        value = price(message.get("price"), divisor)
        if value is None or told is None or (held is not None and told < held.as_of):
            return
        if currency is None and symbols.kind(symbol) is Kind.FOREIGN:
            # It may be told in pence.
            return
        phase = _session(symbol, message)
        apart = phase not in (Session.REGULAR, Session.ALWAYS)
        seed = self._seeds.get(symbol)
        quote = Quote(
            symbol=symbol, vendor="yahoo", as_of=told, received_at=now, price=value, currency=currency, session=phase,
            ext_price=value if apart else None, ext_as_of=told if apart else None, feed=_feed(symbol, seed),
            delayed_by=seed.delayed_by if seed else None, **_sides(message, divisor),
        )  # fmt: skip
        quote = replace(quote, **_day_of(quote, message, divisor, held, seed))
        if is_ahead(told, now):
            # It is for the checks to refuse, and must not pass for newer than all that follows.
            self._fresh.setdefault(symbol, quote)
            return
        self._quotes[symbol] = self._fresh[symbol] = quote

    def _unit(self, symbol: str, message: Row) -> tuple[str | None, float]:
        told = unit(message.get("currency"))
        if told[0] is not None:
            self._units[symbol] = told
        return self._units.get(symbol, told)


def _sides(message: Row, divisor: float) -> dict[str, Any]:
    """Bid and ask of this very message: without a time of their own they are not kept for the next."""
    prices: dict[str, Any] = {ours: price(message.get(theirs), divisor) for ours, theirs in SIDES.items()}
    return prices | {ours: price(_whole(message.get(theirs))) for ours, theirs in SIZES.items()}


def _day_of(quote: Quote, message: Row, divisor: float, held: Quote | None, seed: Quote | None) -> dict[str, Any]:
    """What belongs to the day: as told now, or as told before on the same day; a range without the price is none."""
    told: dict[str, Any] = {ours: price(message.get(theirs), divisor) for ours, theirs in PRICES.items()}
    told["previous_close"] = price(message.get("previous_close"), divisor)
    told["volume"] = price(_whole(message.get("day_volume")) or _whole(message.get("vol_24hr")))
    if held is not None and _day(held) == _day(quote):
        told = {name: getattr(held, name) if told[name] is None else told[name] for name in OF_THE_DAY}
    if told["previous_close"] is None and seed is not None and _day(seed) == _day(quote):
        told["previous_close"] = seed.previous_close
    value = quote.price or 0.0
    if not (told["low"] or 0.0) <= value <= (told["high"] or value):
        told |= {"high": None, "low": None}
    return told


def _feed(symbol: str, seed: Quote | None) -> str | None:
    if symbols.kind(symbol) in ALWAYS:
        return "indicative"
    return seed.feed if seed else None


def _session(symbol: str, message: Row) -> Session:
    if symbols.kind(symbol) in ALWAYS:
        return Session.ALWAYS
    hours = message.get("market_hours", 0)
    return SESSIONS.get(hours, Session.CLOSED) if isinstance(hours, int) else Session.CLOSED


def _instant(value: object) -> datetime | None:
    """The instant of a count of milliseconds, which is written as a text."""
    count = _whole(value)
    return time(count / 1000) if count else None


def _whole(value: object) -> float | None:
    """A whole number of 64 bits, which protobuf's JSON writes as a text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return float(value)
    return number(value)


def _day(quote: Quote) -> date:
    return quote.as_of.astimezone(UTC if symbols.kind(quote.symbol) in ALWAYS else NEW_YORK).date()
