"""Alpaca's stream messages, merged into whole quotes. Pure: messages in, quotes out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marketdata import symbols
from marketdata.calendar import NEW_YORK
from marketdata.domain import Quote, Session
from marketdata.quality import is_ahead
from marketdata.sources.alpaca_quotes import candle, sides
from marketdata.sources.alpaca_values import DELAYS, VENDOR, currency, flags, instant, session
from marketdata.sources.fields import Row, price
from marketdata.symbols import Kind

CHICAGO = ZoneInfo("America/Chicago")
SILENT = frozenset({"4", "7", "9", "C", "H", "I", "M", "N", "P", "Q", "R", "U", "V", "W", "Z"})
"""Trades that do not make the last price: averages, odd lots, cash and next day, official prints, out of sequence."""
AVERAGE = "B"
"""An average price too, but on the tapes A and B only."""
DAY_FIELDS = ("open", "high", "low", "volume", "previous_close")


class Tape:
    """The last quote of each symbol of `asked` (canonical -> Alpaca's spelling), and which of them are new."""

    def __init__(self, asked: Mapping[str, str], feeds: Mapping[Kind, str]) -> None:
        self._names = {spelling: symbol for symbol, spelling in asked.items()}
        self._feeds = feeds
        self._quotes: dict[str, Quote] = {}
        self._days: dict[str, tuple[date, dict[str, Any]]] = {}
        self._fresh: dict[str, Quote] = {}

    def seed(self, answers: Mapping[str, object]) -> None:
        """Keep what each snapshot says of its day: the stream does not tell the previous close."""
        for symbol, quote in answers.items():
            if isinstance(quote, Quote):
                told = {name: getattr(quote, name) for name in DAY_FIELDS}
                self._days[symbol] = (_day(symbol, quote.received_at), told)

    def hear(self, message: Mapping[str, Any], now: datetime) -> None:
        """Take in one message; those about nobody we know are passed over."""
        name = message.get("S")
        symbol = self._names.get(name) if isinstance(name, str) else None
        if symbol is None:
            return
        match message.get("T"):
            case "t":
                self._trade(symbol, message, now)
            case "q":
                self._quoted(symbol, message, now)
            case "d":
                self._dated(symbol, message, now)

    def take(self) -> list[Quote]:
        """The quotes that changed since the last time, each whole."""
        fresh, self._fresh = self._fresh, {}
        return list(fresh.values())

    def _trade(self, symbol: str, message: Row, now: datetime) -> None:
        last, at, held = price(message.get("p")), instant(message.get("t")), self._quotes.get(symbol)
        if last is None or at is None or _is_silent(symbol, message):
            return
        if held is not None and held.price is not None and at < held.as_of:
            return
        phase = session(symbol, at)
        extended = phase in (Session.PRE, Session.POST)
        self._put(
            symbol, at, now, price=last, as_of=at, session=phase, ext_price=last if extended else None,
            ext_as_of=at if extended else None,
        )  # fmt: skip

    def _quoted(self, symbol: str, message: Row, now: datetime) -> None:
        found, held = sides(symbol, message), self._quotes.get(symbol)
        at = instant(message.get("t"))
        if at is None or (held is not None and held.quote_as_of is not None and at < held.quote_as_of):
            return
        has_price = held is not None and held.price is not None
        if found["quote_as_of"] is None and not has_price:
            return
        moved = {} if has_price else {"as_of": at, "session": session(symbol, at)}
        self._put(symbol, at, now, **found, **moved)

    def _dated(self, symbol: str, message: Row, now: datetime) -> None:
        began = instant(message.get("t"))
        if began is None:
            return
        day, told = self._days.get(symbol, (None, {}))
        today = _day(symbol, began)
        before = told.get("previous_close") if day == today else None
        self._days[symbol] = (today, {**candle(message), "previous_close": before})
        if (held := self._quotes.get(symbol)) is not None:
            self._put(symbol, held.as_of, now)

    def _put(self, symbol: str, at: datetime, now: datetime, **changes: Any) -> None:
        feed = self._feeds[symbols.kind(symbol)]
        held = self._quotes.get(symbol) or Quote(
            symbol=symbol, vendor=VENDOR, as_of=at, received_at=now, currency=currency(symbol), feed=feed,
            delayed_by=DELAYS.get(feed), flags=flags(feed),
        )  # fmt: skip
        changed = replace(held, received_at=now, **changes)
        day, told = self._days.get(symbol, (None, {}))
        of_the_day = told if day == _day(symbol, changed.as_of) else dict.fromkeys(DAY_FIELDS)
        changed = replace(changed, **of_the_day)
        if is_ahead(at, now):
            # It is for the checks to refuse, and must not pass for newer than all that follows.
            self._fresh.setdefault(symbol, changed)
            return
        self._quotes[symbol] = self._fresh[symbol] = changed


def _day(symbol: str, at: datetime) -> date:
    """The day of trading: a pair's begins at midnight in Chicago."""
    return at.astimezone(CHICAGO if symbols.kind(symbol) is Kind.CRYPTO else NEW_YORK).date()


def _is_silent(symbol: str, message: Row) -> bool:
    conditions = message.get("c")
    if symbols.kind(symbol) is not Kind.SHARE or not isinstance(conditions, list):
        return False
    told = {one for one in conditions if isinstance(one, str)}
    return bool(told & SILENT) or (AVERAGE in told and message.get("z") in ("A", "B"))
