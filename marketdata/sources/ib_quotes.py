"""Interactive Brokers' tickers -> our quotes. Pure: anything with a ticker's attributes in, a quote or an error out."""

from datetime import datetime
from typing import Any, NamedTuple

from marketdata import calendar, symbols
from marketdata.domain import Quote, Session
from marketdata.sources.base import BadPayload, NoData, SourceError, UnknownSymbol, Unsupported
from marketdata.sources.ib_values import DELAY, FEEDS, VENDOR, amount, instant, price
from marketdata.symbols import IbName, Kind

ALWAYS = frozenset({Kind.CRYPTO, Kind.CURRENCY})
READ = ("last", "bid", "ask", "bidSize", "askSize", "open", "high", "low", "close", "volume", "halted", "delayedHalted")
"""The numbers that are read; the library starts each as NaN."""
TIMES = ("lastTimestamp", "delayedLastTimestamp", "rtTime", "time")

Answers = dict[str, Quote | SourceError]


class Feed(NamedTuple):
    """Which of the vendor's feeds a price came by, and its delay in seconds (None: unknown)."""

    name: str | None
    delayed_by: int | None


def spelled(asked: list[str]) -> tuple[dict[str, IbName], Answers]:
    """Interactive Brokers' name of each symbol, and an error for each that it cannot have."""
    known: dict[str, IbName] = {}
    errors: Answers = {}
    for symbol in asked:
        if not symbols.PATTERN.fullmatch(symbol):
            errors[symbol] = UnknownSymbol("this is not a symbol")
        elif (name := symbols.ib(symbol)) is None:
            errors[symbol] = Unsupported(f"this source has no {symbols.kind(symbol)} like this one")
        else:
            known[symbol] = name
    return known, errors


def quote(symbol: str, ticker: Any, currency: str, magnifier: int, now: datetime, warned: bool) -> Quote | SourceError:
    """What a ticker says now; `warned`: TWS announced delayed data for it (10167)."""
    values: dict[str, Any] = {
        ours: price(getattr(ticker, theirs, None), magnifier)
        for ours, theirs in {
            "price": "last", "bid": "bid", "ask": "ask", "open": "open", "high": "high", "low": "low",
            "previous_close": "close",
        }.items()
    }  # fmt: skip
    if values["price"] is None and values["bid"] is None and values["ask"] is None:
        return NoData(f"Interactive Brokers has no price for {symbol} now")
    told = traded_at(ticker) if values["price"] is not None else None
    as_of = told or instant(getattr(ticker, "time", None))
    if as_of is None:
        return BadPayload(f"TWS gave a price for {symbol} without any time")
    kind, phase = symbols.kind(symbol), session(symbol, as_of)
    extended = as_of if values["price"] is not None and phase in (Session.PRE, Session.POST) else None
    source = feed(ticker, warned)
    return Quote(
        symbol=symbol, vendor=VENDOR, as_of=as_of, received_at=now, **values,
        bid_size=size(ticker, "bid"), ask_size=size(ticker, "ask"), quote_as_of=_quoted_at(ticker, values, source),
        volume=None if kind in (Kind.INDEX, Kind.CURRENCY) else amount(getattr(ticker, "volume", None)),
        currency=None if kind is Kind.INDEX else currency or None, session=phase,
        ext_price=values["price"] if extended else None, ext_as_of=extended,
        feed=source.name, delayed_by=source.delayed_by, flags=_flags(ticker, told is None),
    )  # fmt: skip


def traded_at(ticker: Any) -> datetime | None:
    """The exchange's time of the last price: whole seconds, or the same trade's milliseconds where those came too."""
    delayed = instant(getattr(ticker, "delayedLastTimestamp", None))
    whole = instant(getattr(ticker, "lastTimestamp", None)) or delayed
    fine = instant(getattr(ticker, "rtTime", None))
    return max(whole, fine) if whole and fine else whole or fine


def size(ticker: Any, side: str) -> float | None:
    """How much waits at the best bid or ask; None where nobody quotes."""
    found = price(getattr(ticker, f"{side}Size", None))
    return found if price(getattr(ticker, side, None)) is not None else None


def feed(ticker: Any, warned: bool) -> Feed:
    """Delayed prices land in the attributes of live ones, and TWS does not always say their type."""
    kind = getattr(ticker, "marketDataType", None)
    if kind in (None, 1) and (warned or _only_delayed(ticker)):
        return Feed("delayed", DELAY)
    return Feed(*FEEDS.get(kind if isinstance(kind, int) else 0, (None, None)))


def session(symbol: str, at: datetime) -> Session:
    """The phase of the trading day in which something was traded, by the calendar."""
    kind = symbols.kind(symbol)
    if kind in ALWAYS:
        return Session.ALWAYS
    if kind is Kind.FOREIGN:
        # Only the calendar of New York is kept here.
        return Session.CLOSED
    try:
        return calendar.session(at, "live")
    except calendar.OutOfCalendar:
        return Session.CLOSED


def complete(ticker: Any, kind: Kind) -> bool:
    """Whether what a first answer consists of has arrived."""
    if kind is Kind.CURRENCY:
        return price(getattr(ticker, "bid", None)) is not None and price(getattr(ticker, "ask", None)) is not None
    last, close = (price(getattr(ticker, name, None)) for name in ("last", "close"))
    return last is not None and close is not None and traded_at(ticker) is not None


def wipe(ticker: Any) -> None:
    """Forget what a ticker said: the library hands the old one out again, old prices and all."""
    for name in (*READ, "callOpenInterest", "putOpenInterest", "impliedVolatility"):
        setattr(ticker, name, float("nan"))
    for name in (*TIMES, "modelGreeks"):
        setattr(ticker, name, None)
    ticker.marketDataType = 1


def _quoted_at(ticker: Any, values: dict[str, Any], source: Feed) -> datetime | None:
    """Bids and asks carry no time; those of a live line are pushed as they change, so they hold when it last spoke."""
    quoted = values["bid"] is not None or values["ask"] is not None
    return instant(getattr(ticker, "time", None)) if quoted and source.delayed_by == 0 else None


def _only_delayed(ticker: Any) -> bool:
    return bool(getattr(ticker, "delayedLastTimestamp", None)) and not getattr(ticker, "lastTimestamp", None)


def _flags(ticker: Any, no_time: bool) -> frozenset[str]:
    halted = any((amount(getattr(ticker, name, None)) or 0) > 0 for name in ("halted", "delayedHalted"))
    return frozenset({name for name, is_so in {"no_exchange_time": no_time, "halted": halted}.items() if is_so})
