"""Polygon's stream messages, merged into whole quotes. Pure: messages in, quotes out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from marketdata import symbols
from marketdata.calendar import NEW_YORK
from marketdata.domain import Quote, Session
from marketdata.quality import is_ahead
from marketdata.sources.base import BadPayload
from marketdata.sources.fields import Row, amount, price
from marketdata.sources.polygon_quotes import ALWAYS, VENDOR, currency, session
from marketdata.sources.polygon_values import MILLI, feed, instant
from marketdata.symbols import Kind

SILENT_CONDITIONS = frozenset({2, 7, 15, 16, 20, 21, 22, 29, 37, 52, 53})
"""Trades that do not make the last price: averages, cash and next day, official prints, prior reference, odd lots."""
CHANNELS = {
    Kind.SHARE: ("stocks", ("T", "Q", "A")),
    Kind.OPTION: ("options", ("T", "Q", "A")),
    Kind.INDEX: ("indices", ("V",)),
    Kind.CRYPTO: ("crypto", ("XT", "XQ")),
    Kind.CURRENCY: ("forex", ("C",)),
}
SIDES = {"bid": "bp", "ask": "ap", "bid_size": "bs", "ask_size": "as"}


def echo(symbol: str, spelling: str) -> str:
    """How the stream names a symbol: pairs are not spelled as in REST."""
    kind = symbols.kind(symbol)
    return symbol.replace("-", "/" if kind is Kind.CURRENCY else "-") if kind in ALWAYS else spelling


def topics(asked: Mapping[str, str]) -> dict[str, list[str]]:
    """What to subscribe to in each asset class, which has its own connection."""
    found: dict[str, list[str]] = defaultdict(list)
    for symbol, spelling in asked.items():
        market, events = CHANNELS[symbols.kind(symbol)]
        found[market] += [f"{event}.{echo(symbol, spelling)}" for event in events]
    return dict(found)


class Tape:
    """The last quote of each symbol of `asked` (canonical -> Polygon's spelling), and which of them are new."""

    def __init__(self, asked: Mapping[str, str], delayed_by: int) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)
        for symbol, spelling in asked.items():
            self._names[echo(symbol, spelling)].append(symbol)
        self._delayed_by = delayed_by
        self._quotes: dict[str, Quote] = {}
        self._closes: dict[str, tuple[date, float]] = {}
        self._traded: set[str] = set()
        self._fresh: dict[str, Quote] = {}

    def seed(self, answers: Mapping[str, Any]) -> None:
        """Keep the previous close of each snapshot for its day: the stream does not tell it."""
        for symbol, quote in answers.items():
            if isinstance(quote, Quote) and quote.previous_close is not None:
                self._closes[symbol] = (_day(symbol, quote.received_at), quote.previous_close)

    def hear(self, messages: Sequence[object], now: datetime) -> None:
        """Take in the messages of a frame; those about nobody we know are passed over."""
        for message in messages:
            if not isinstance(message, dict):
                raise BadPayload("Polygon's stream holds something that is not a message")
            for symbol in self._names.get(_name(message), ()):
                self._change(symbol, message, now)

    def take(self) -> list[Quote]:
        """The quotes that changed since the last time, each whole."""
        fresh, self._fresh = self._fresh, {}
        return list(fresh.values())

    def _change(self, symbol: str, message: Row, now: datetime) -> None:
        match message["ev"]:
            case "T" | "XT":
                self._trade(symbol, message, now)
            case "V":
                self._priced(symbol, price(message.get("val")), instant(message.get("t"), MILLI), now)
            case "Q" | "XQ":
                self._quoted(symbol, message, SIDES, now)
            case "C":
                self._quoted(symbol, message, {"bid": "b", "ask": "a"}, now)
            case "A" | "AM":
                self._second(symbol, message, now)

    def _trade(self, symbol: str, message: Row, now: datetime) -> None:
        conditions = message.get("c")
        if message["ev"] == "T" and isinstance(conditions, list) and any(_is_silent(one) for one in conditions):
            return
        self._traded.add(symbol)
        self._priced(symbol, price(message.get("p")), instant(message.get("t"), MILLI), now)

    def _priced(self, symbol: str, value: float | None, at: datetime | None, now: datetime) -> None:
        held = self._quotes.get(symbol)
        if value is None or at is None or (held is not None and held.price is not None and at < held.as_of):
            return
        phase = session(symbol, at)
        extended = phase in (Session.PRE, Session.POST)
        self._put(
            symbol, at, now, price=value, session=phase, as_of=at,
            ext_price=value if extended else None, ext_as_of=at if extended else None,
        )  # fmt: skip

    def _quoted(self, symbol: str, message: Row, names: Mapping[str, str], now: datetime) -> None:
        at, held = instant(message.get("t"), MILLI), self._quotes.get(symbol)
        sides = {ours: price(message.get(theirs)) for ours, theirs in names.items()}
        if at is None or (held is not None and held.quote_as_of is not None and at < held.quote_as_of):
            return
        if sides["bid"] is None and sides["ask"] is None and (held is None or held.price is None):
            return
        moved = {} if held is not None and held.price is not None else {"as_of": at, "session": session(symbol, at)}
        self._put(symbol, at, now, **sides, quote_as_of=at, **moved)

    def _second(self, symbol: str, message: Row, now: datetime) -> None:
        at = instant(message.get("e"), MILLI)
        if at is None:
            return
        if symbol not in self._traded:
            # A plan with aggregates only: their close is the last price there is.
            self._priced(symbol, price(message.get("c")), at, now)
        if symbol in self._quotes:
            self._put(symbol, at, now, volume=amount(message.get("av")), open=price(message.get("op")))

    def _put(self, symbol: str, at: datetime, now: datetime, **changes: Any) -> None:
        held = self._quotes.get(symbol) or Quote(
            symbol=symbol, vendor=VENDOR, as_of=at, received_at=now, currency=currency(symbol),
            feed=feed(self._delayed_by), delayed_by=self._delayed_by,
        )  # fmt: skip
        if _day(symbol, held.as_of) != _day(symbol, at):
            changes = {"volume": None, "open": None, **changes}
        day, close = self._closes.get(symbol, (None, None))
        changes["previous_close"] = close if day == _day(symbol, at) else None
        changed = replace(held, received_at=now, **changes)
        if is_ahead(at, now):
            # It is for the checks to refuse, and must not pass for newer than all that follows.
            self._fresh.setdefault(symbol, changed)
            return
        self._quotes[symbol] = self._fresh[symbol] = changed


def _name(message: Row) -> str:
    event = message.get("ev")
    field = {"C": "p", "V": "T", "XT": "pair", "XQ": "pair"}.get(event, "sym") if isinstance(event, str) else "sym"
    name = message.get(field)
    # The separator of currencies was a dash once.
    return str(name).replace("-", "/") if event == "C" else str(name)


def _day(symbol: str, at: datetime) -> date:
    return at.astimezone(UTC if symbols.kind(symbol) in ALWAYS else NEW_YORK).date()


def _is_silent(condition: object) -> bool:
    return isinstance(condition, int) and condition in SILENT_CONDITIONS
